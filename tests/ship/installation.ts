/** A small package and an app's project, both made for one test, with the installer between them. */
import { dirname, join } from "node:path";
import { SupabaseFolder } from "../../cli/install/folder.ts";
import { install } from "../../cli/install/install.ts";
import { Refusal } from "../../cli/errors.ts";
import { uninstall } from "../../cli/install/uninstall.ts";

export const INDEX = "functions/calendar/index.ts";
export const WASM = "functions/calendar/wasm/calendar.wasm";
export const MANIFEST = "calendar-connect.json";
export const CONFIG = 'project_id = "app" # mine\n';

/** What the package holds, below its `supabase/`. */
export const PACKAGE: Files = {
  [INDEX]: "Deno.serve();\nexport {};\n",
  [WASM]: "\0asm\r\n",
  "migrations/20250101000000_calendar_tables.sql": "create table a ();\n",
  "migrations/20250101000100_calendar_flag.sql": "create table b ();\n",
  "uninstall.sql": "drop table a, b;\n",
};

export type Files = Record<string, string>;

export interface Bench {
  /** The app's folder. */
  project: string;
  /** The folder of the package. */
  home: string;
  install(options?: Options): string;
  uninstall(): string;
  /** What the installer says when it refuses; fails where it does not, or where a file changed. */
  refusal(work: () => string): Promise<string>;
  /** Every file of the project's `supabase/`, links not followed. */
  files(): Promise<Files>;
  /** Which file each path leads to: another one once it was written again. */
  marks(): Promise<Record<string, number | null>>;
  write(files: Files): Promise<void>;
  /** Makes the package hold other files. */
  publish(changes: Record<string, string | undefined>): Promise<void>;
}

export interface Options {
  version?: string;
  force?: boolean;
  mayBeNew?: boolean;
}

const NOW = new Date("2026-01-02T03:04:05Z");

/** A test over a project that `supabase init` has made. */
export function onBench(name: string, test: (bench: Bench) => Promise<void> | void): void {
  Deno.test(name, async () => {
    const root = await Deno.makeTempDir({ prefix: "calendar-bench-" });
    try {
      const bench = makeBench(join(root, "app"), join(root, "package"));
      await bench.write({ "config.toml": CONFIG });
      await bench.publish(PACKAGE);
      await test(bench);
    } finally {
      await Deno.remove(root, { recursive: true });
    }
  });
}

function makeBench(project: string, home: string): Bench {
  const supabase = join(project, "supabase");
  const files = () => filesBelow(supabase);
  return {
    project,
    home,
    files,
    install: ({ version = "1.0.0", force = false, mayBeNew = true } = {}) => {
      const folder = new SupabaseFolder(project);
      return install({ home, folder, version, force, mayBeNew, now: NOW }).join("\n");
    },
    uninstall: () => uninstall({ home, folder: new SupabaseFolder(project), now: NOW }).join("\n"),
    refusal: async (work) => {
      const before = JSON.stringify(await files());
      try {
        throw new Error(`it did not refuse:\n${work()}`);
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        if (JSON.stringify(await files()) !== before) throw new Error("it changed something");
        return error.message;
      }
    },
    marks: async () => {
      const marks: Record<string, number | null> = {};
      for (const path of Object.keys(await files())) {
        marks[path] = (await Deno.lstat(join(supabase, path))).ino;
      }
      return marks;
    },
    write: (all) => writeAll(supabase, all),
    publish: (changes) => writeAll(join(home, "supabase"), changes),
  };
}

async function writeAll(
  folder: string,
  files: Record<string, string | undefined>,
): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    const file = join(folder, path);
    await Deno.mkdir(dirname(file), { recursive: true });
    if (text === undefined) await Deno.remove(file);
    else await Deno.writeTextFile(file, text);
  }
}

async function filesBelow(folder: string, below = ""): Promise<Files> {
  const files: Files = {};
  for (const entry of [...Deno.readDirSync(join(folder, below))].sort(byName)) {
    const path = below === "" ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory) Object.assign(files, await filesBelow(folder, path));
    else if (entry.isSymlink) files[path] = `-> ${await Deno.readLink(join(folder, path))}`;
    else files[path] = await Deno.readTextFile(join(folder, path));
  }
  return files;
}

function byName(a: Deno.DirEntry, b: Deno.DirEntry): number {
  return a.name < b.name ? -1 : 1;
}
