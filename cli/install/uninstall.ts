/** Takes out what was installed and nobody changed; the tables are dropped by a migration. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { decodeConfig, functionsIn, withoutFunctions } from "./config.ts";
import type { SupabaseFolder } from "./folder.ts";
import { fingerprint, MANIFEST, readManifest } from "./manifest.ts";
import { migrationsIn, stamp } from "./migrations.ts";
import { Refusal } from "../errors.ts";

export interface Removal {
  /** The folder of the package. */
  home: string;
  folder: SupabaseFolder;
  now: Date;
}

/** Returns what was done, line by line. */
export function uninstall({ home, folder, now }: Removal): string[] {
  const manifest = readManifest(folder);
  if (manifest === null) {
    throw new Refusal(`There is no supabase/${MANIFEST}: nothing has been installed here.`);
  }
  const present = Object.keys(manifest.files).filter((path) => folder.has(path));
  const changed = present.filter((path) =>
    fingerprint(folder.read(path) ?? new Uint8Array()) !== manifest.files[path]
  );
  const functions = [
    ...new Set(Object.keys(manifest.files).map((path) => path.split("/")[1] ?? "")),
  ];
  const [migration = ""] = stamp(["calendar_uninstall"], migrationsIn(folder), now);
  const former = decodeConfig(folder.read("config.toml") ?? new Uint8Array());
  const config = withoutFunctions(former, functions);
  const settings = functionsIn(config.text);

  for (const path of present) if (!changed.includes(path)) folder.remove(path);
  folder.write(
    `migrations/${migration}`,
    readFileSync(join(home, "supabase", "uninstall.sql")),
  );
  if (config.text !== former) folder.write("config.toml", config.text);
  folder.remove(MANIFEST);
  return [
    "Took Calendar Connect out of supabase/.",
    ...changed.map((path) => `  kept     supabase/${path}: it has been changed`),
    ...functions.filter((name) => name in settings)
      .map((name) => `  kept     [functions.${name}] in supabase/config.toml: it has been changed`),
    `  added    supabase/migrations/${migration}`,
    "",
    "The migrations that made the tables stay, because databases remember them. Next:",
    ...functions.map((name) => `  npx supabase functions delete ${name}`),
    "  npx supabase db push --remote        # deletes every stored connection",
    "  npx supabase secrets unset CALENDAR_ENCRYPTION_KEY",
    "The users' grants at Google and Microsoft end when the users withdraw them, or when you delete",
    "the OAuth clients.",
  ];
}
