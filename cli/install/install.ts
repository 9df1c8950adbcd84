/** Installs or updates: looks at everything first, and writes only when nothing stands in the way. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { adviceFor, decodeConfig, withFunctions } from "./config.ts";
import type { SupabaseFolder } from "./folder.ts";
import { fingerprint, MANIFEST, type Manifest, readManifest, writeManifest } from "./manifest.ts";
import { migrationsIn, nameOf, stamp } from "./migrations.ts";
import { Refusal } from "../errors.ts";
import { isOlder } from "./versions.ts";

export interface Installation {
  /** The folder of the package, which holds `supabase/` as it is to be installed. */
  home: string;
  /** The package's version. */
  version: string;
  folder: SupabaseFolder;
  now: Date;
  /** Replace changed files, and accept an older version. */
  force: boolean;
  /** Whether there may be no installation yet. */
  mayBeNew: boolean;
}

/** Returns what was done, line by line. */
export function install(installation: Installation): string[] {
  const { home, version, folder, force, mayBeNew } = installation;
  const manifest = readManifest(folder);
  if (manifest === null && !mayBeNew) {
    throw new Refusal("There is nothing to update. Run first: npx calendar-connect install");
  }
  if (manifest !== null && isOlder(version, manifest.version) && !force) {
    throw new Refusal(
      `supabase/ holds Calendar Connect ${manifest.version}, which is newer than this package ` +
        `(${version}), and nothing has been changed. Update the package, or go back with --force. ` +
        "The migrations of the newer version stay.",
    );
  }
  const functions = readdirSync(join(home, "supabase", "functions")).sort();
  const files = planFiles(installation, functions, manifest);
  const migrations = planMigrations(installation, manifest);
  const former = decodeConfig(folder.read("config.toml") ?? new Uint8Array());
  const config = withFunctions(former, functions);

  for (const path of files.write) folder.write(path, ours(home, path));
  for (const path of files.remove) folder.remove(path);
  for (const { from, to } of migrations.add) {
    folder.write(`migrations/${to}`, ours(home, `migrations/${from}`));
  }
  if (config.text !== former) folder.write("config.toml", config.text);
  const done = [
    ...files.write.map((path) => `  wrote    supabase/${path}`),
    ...files.remove.map((path) => `  removed  supabase/${path}`),
    ...migrations.add.map(({ to }) => `  added    supabase/migrations/${to}`),
    ...config.names.map((name) => `  added    [functions.${name}] to supabase/config.toml`),
  ];
  const now = { version, files: files.all, migrations: migrations.all };
  if (JSON.stringify(now) !== JSON.stringify(manifest)) writeManifest(folder, now);
  const advice = functions.flatMap((name) => adviceFor(config.text, name));
  return [
    headline(version, manifest?.version, done.length > 0),
    ...done,
    ...(advice.length > 0 ? ["", ...advice] : []),
    ...(done.length > 0 ? nextSteps(functions) : []),
  ];
}

interface Files {
  /** The fingerprint of every file of this version. */
  all: Record<string, string>;
  write: string[];
  remove: string[];
}

/** Which files of the functions have to be written; refuses where a person has changed or made one. */
function planFiles(
  { home, folder, force }: Installation,
  functions: string[],
  manifest: Manifest | null,
): Files {
  const known = new Map(Object.entries(manifest?.files ?? {}));
  const all = new Map(
    functions.flatMap((name) => filesBelow(join(home, "supabase"), `functions/${name}`))
      .map((path) => [path, fingerprint(ours(home, path))]),
  );
  const there = new Map<string, string>();
  for (const path of new Set([...all.keys(), ...known.keys()])) {
    const content = folder.read(path);
    if (content !== null) there.set(path, fingerprint(content));
  }
  const different = [...there.keys()].filter((path) =>
    there.get(path) !== known.get(path) && there.get(path) !== all.get(path)
  );
  const foreign = different.filter((path) => !known.has(path));
  if (foreign.length > 0) throw new Refusal(foreignFiles(foreign, manifest));
  if (different.length > 0 && !force) throw new Refusal(changedFiles(different));
  return {
    all: Object.fromEntries(all),
    write: [...all.keys()].filter((path) => there.get(path) !== all.get(path)),
    remove: [...known.keys()].filter((path) => !all.has(path) && there.has(path)),
  };
}

function foreignFiles(paths: string[], manifest: Manifest | null): string {
  return "These files are not from this installer, and nothing has been changed:\n" + list(paths) +
    "Move your own function of that name elsewhere, then try again." +
    (manifest === null
      ? `\nIf they are from an earlier installation, restore supabase/${MANIFEST} from version control.`
      : "");
}

function changedFiles(paths: string[]): string {
  return "These files have changed since they were installed, and nothing has been written:\n" +
    list(paths) +
    "To replace them, run this command again with --force. If a formatter such as Prettier changed " +
    "them, let it ignore supabase/functions/calendar*.";
}

function list(paths: string[]): string {
  return paths.map((path) => `  supabase/${path}\n`).join("");
}

interface Migrations {
  /** The file of every installed migration, by its name. */
  all: Record<string, string>;
  add: { from: string; to: string }[];
}

function planMigrations(
  { home, folder, now }: Installation,
  manifest: Manifest | null,
): Migrations {
  const existing = migrationsIn(folder);
  const known = manifest?.migrations ?? adopted(home, folder, existing);
  const gone = Object.values(known).filter((file) => !existing.includes(file));
  if (gone.length > 0) {
    throw new Refusal(
      "These migrations were installed and are missing, and nothing has been changed:\n" +
        list(gone.map((file) => `migrations/${file}`)) +
        "Restore them from version control: databases remember that they were applied.",
    );
  }
  const missing = ourMigrations(home).filter(({ name }) => !Object.hasOwn(known, name));
  const stamped = stamp(missing.map(({ name }) => name), existing, now);
  const add = missing.map(({ file, name }, index) => ({
    from: file,
    name,
    to: stamped[index] ?? "",
  }));
  return { all: { ...known, ...Object.fromEntries(add.map(({ name, to }) => [name, to])) }, add };
}

/**
 * The migrations of an installation whose manifest is lost or was never finished: files with our content.
 * Those before the newest uninstallation count no more.
 */
function adopted(
  home: string,
  folder: SupabaseFolder,
  existing: string[],
): Record<string, string> {
  const uninstalled = existing.findLastIndex((file) => nameOf(file) === "calendar_uninstall");
  const candidates = existing.slice(uninstalled + 1);
  const found = ourMigrations(home).flatMap(({ file, name }) => {
    const wanted = fingerprint(ours(home, `migrations/${file}`));
    const match = candidates.find((each) =>
      nameOf(each) === name &&
      fingerprint(folder.read(`migrations/${each}`) ?? new Uint8Array()) === wanted
    );
    return match === undefined ? [] : [[name, match]];
  });
  return Object.fromEntries(found);
}

function ourMigrations(home: string): { file: string; name: string }[] {
  return readdirSync(join(home, "supabase", "migrations")).sort()
    .flatMap((file) => {
      const name = nameOf(file);
      return name === null ? [] : [{ file, name }];
    });
}

function ours(home: string, path: string): Uint8Array {
  return readFileSync(join(home, "supabase", path));
}

/** Every file below a folder, with slashes on every system. */
function filesBelow(root: string, folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    return entry.isDirectory() ? filesBelow(root, path) : [path];
  }).sort();
}

function headline(version: string, before: string | undefined, hasChanged: boolean): string {
  if (before === undefined) return `Installed Calendar Connect ${version}.`;
  if (isOlder(version, before)) return `Went back from ${before} to ${version}.`;
  if (before !== version) return `Updated from ${before} to ${version}.`;
  return hasChanged
    ? `Restored Calendar Connect ${version}.`
    : `Calendar Connect ${version} is installed; nothing had to change.`;
}

function nextSteps(functions: string[]): string[] {
  return [
    "",
    "Next, with the values from the guide in supabase/.env.local:",
    "  npx supabase db push --remote",
    "  npx supabase secrets set --env-file supabase/.env.local",
    ...functions.map((name) => `  npx supabase functions deploy ${name} --use-api`),
  ];
}
