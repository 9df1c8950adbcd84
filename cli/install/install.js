// Installs or updates: looks at everything first, and writes only when nothing stands in the way.
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { functionBlock, leavesJwtToTheFunction, withBlock } from "./config.js";
import { filesBelow, fingerprint, readManifest, writeManifest } from "./manifest.js";
import { migrationsIn, nameOf, stamp } from "./migrations.js";
import { Refusal } from "./refusal.js";

const FUNCTION = "functions/calendar";

export function install({ source, folder, version, now }) {
  const manifest = readManifest(folder);
  const files = changedFiles(source, folder, manifest);
  const migrations = newMigrations(source, folder, manifest, now);
  const config = readFileSync(join(folder, "config.toml"), "utf8");

  for (const path of files.write) copy(join(source, "supabase", path), join(folder, path));
  for (const path of files.remove) remove(folder, path);
  for (const { from, to } of migrations) {
    copy(join(source, "supabase", "migrations", from), join(folder, "migrations", to));
  }
  const block = functionBlock(config);
  if (block === null) writeFileSync(join(folder, "config.toml"), withBlock(config));

  const unchanged = files.write.length + files.remove.length + migrations.length === 0;
  if (!unchanged || manifest.version !== version) {
    for (const { name, to } of migrations) manifest.migrations[name] = to;
    writeManifest(folder, { version, files: files.all, migrations: manifest.migrations });
  }
  return report({ version, before: manifest.version, files, migrations, block, unchanged });
}

/** Which files of the function differ from ours; refuses where a person has changed or made one. */
function changedFiles(source, folder, { files: known }) {
  const ours = filesBelow(join(source, "supabase", FUNCTION)).map((path) => `${FUNCTION}/${path}`);
  const all = Object.fromEntries(
    ours.map((path) => [path, fingerprint(readFileSync(join(source, "supabase", path)))]),
  );
  const there = (path) => {
    const file = join(folder, path);
    return existsSync(file) ? fingerprint(readFileSync(file)) : null;
  };
  const theirs = [...new Set([...ours, ...Object.keys(known)])].filter((path) => {
    const content = there(path);
    return content !== null && content !== known[path] && content !== all[path];
  });
  if (theirs.length > 0) {
    throw new Refusal(
      "These files are not as this installer left them, and nothing has been changed:\n" +
        theirs.map((path) => `  supabase/${path}\n`).join("") +
        "Move your changes, or your own function of that name, elsewhere and try again.",
    );
  }
  return {
    all,
    write: ours.filter((path) => there(path) !== all[path]),
    remove: Object.keys(known).filter((path) => !(path in all) && there(path) !== null),
  };
}

function newMigrations(source, folder, { migrations: known }, now) {
  const ours = readdirSync(join(source, "supabase", "migrations")).sort();
  const existing = migrationsIn(folder);
  const gone = Object.values(known).filter((file) => !existing.includes(file));
  if (gone.length > 0) {
    throw new Refusal(
      "These migrations were installed and are no longer there, and nothing has been changed:\n" +
        gone.map((file) => `  supabase/migrations/${file}\n`).join("") +
        "Bring them back from version control: databases remember that they were applied.",
    );
  }
  const missing = ours.filter((file) => !(nameOf(file) in known));
  const names = missing.map(nameOf);
  const stamped = stamp(names, existing, now);
  return missing.map((from, index) => ({ from, name: names[index], to: stamped[index] }));
}

function copy(from, to) {
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(from, to);
}

/** The file, and the folders that are empty without it. */
export function remove(folder, path) {
  rmSync(join(folder, path), { force: true });
  for (
    let parent = dirname(path);
    parent !== "functions" && parent !== ".";
    parent = dirname(parent)
  ) {
    const place = join(folder, parent);
    if (!existsSync(place) || readdirSync(place).length > 0) return;
    rmSync(place, { recursive: true });
  }
}

function report({ version, before, files, migrations, block, unchanged }) {
  if (unchanged) return [`Calendar Connect ${version} is installed; nothing had to change.`];
  return [
    before === null
      ? `Installed Calendar Connect ${version}.`
      : `Updated from ${before} to ${version}.`,
    ...files.write.map((path) => `  wrote    supabase/${path}`),
    ...files.remove.map((path) => `  removed  supabase/${path}`),
    ...migrations.map(({ to }) => `  added    supabase/migrations/${to}`),
    ...(block === null ? ["  added    [functions.calendar] to supabase/config.toml"] : []),
    ...(block === null || leavesJwtToTheFunction(block)
      ? []
      : ["", "In supabase/config.toml, set under [functions.calendar]: verify_jwt = false"]),
    "",
    "Next, with the values from the guide in supabase/.env.local:",
    "  npx supabase db push --remote",
    "  npx supabase secrets set --env-file supabase/.env.local",
    "  npx supabase functions deploy calendar --use-api",
  ];
}
