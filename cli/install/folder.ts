/**
 * The app's `supabase/` folder. Every path goes through here, relative to it, and none leads out of it:
 * a symbolic link on the way, dangling or not, is refused rather than followed.
 */
import { randomUUID } from "node:crypto";
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  type Stats,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { Refusal } from "../errors.ts";

export class SupabaseFolder {
  readonly #root: string;

  /** The `supabase/` folder of a project, which `supabase init` has made. */
  constructor(project: string) {
    this.#root = join(project, "supabase");
    const root = lookAt(this.#root);
    if (root?.isSymbolicLink()) {
      throw new Refusal(
        `${this.#root} is a symbolic link. Give the folder that holds it: --project FOLDER`,
      );
    }
    if (this.read("config.toml") === null) {
      throw new Refusal(
        `There is no ${join(this.#root, "config.toml")}. Run first: npx supabase init`,
      );
    }
  }

  /** The content of a file, or null where there is none. */
  read(path: string): Uint8Array | null {
    return this.#fileAt(path) === null ? null : readFileSync(join(this.#root, path));
  }

  has(path: string): boolean {
    return this.#fileAt(path) !== null;
  }

  /** The names in a folder; none where there is no such folder. */
  list(path: string): string[] {
    this.#checkFolders(`${path}/-`);
    return lookAt(join(this.#root, path)) === null
      ? []
      : readdirSync(join(this.#root, path)).sort();
  }

  /**
   * Replaces a file in one step: an interruption leaves the old one whole, and another name of the same
   * file (a hard link) keeps the old content.
   */
  write(path: string, content: Uint8Array | string): void {
    const mode = this.#fileAt(path)?.mode;
    const file = join(this.#root, path);
    mkdirSync(dirname(file), { recursive: true });
    const unfinished = join(dirname(file), `.${basename(file)}.${randomUUID()}`);
    try {
      writeFileSync(unfinished, content, { flag: "wx" });
      if (mode !== undefined) chmodSync(unfinished, mode & 0o777);
      renameSync(unfinished, file);
    } finally {
      rmSync(unfinished, { force: true });
    }
  }

  /** Removes a file, and the folders below `functions` that are empty without it. */
  remove(path: string): void {
    this.#fileAt(path);
    rmSync(join(this.#root, path));
    for (let parent = dirname(path); parent.includes("/"); parent = dirname(parent)) {
      if (this.list(parent).length > 0) return;
      rmdirSync(join(this.#root, parent));
    }
  }

  #fileAt(path: string): Stats | null {
    this.#checkFolders(path);
    const stats = lookAt(join(this.#root, path));
    if (stats !== null && !stats.isFile()) throw notOurs(path, stats, "a file");
    return stats;
  }

  /** From the top, so that nothing is looked at through a link. */
  #checkFolders(path: string): void {
    const names = path.split("/");
    for (let depth = 1; depth < names.length; depth++) {
      const parent = names.slice(0, depth).join("/");
      const stats = lookAt(join(this.#root, parent));
      if (stats !== null && !stats.isDirectory()) throw notOurs(parent, stats, "a folder");
    }
  }
}

/** What is there, without following a link; null where nothing is. */
function lookAt(path: string): Stats | null {
  return lstatSync(path, { throwIfNoEntry: false }) ?? null;
}

function notOurs(path: string, stats: Stats, expected: string): Refusal {
  const found = stats.isSymbolicLink() ? "a symbolic link" : `not ${expected}`;
  return new Refusal(
    `supabase/${path} is ${found}, and nothing has been changed. Put ${expected} there, or remove it.`,
  );
}
