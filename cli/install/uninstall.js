// Takes out what install put in and nobody changed; the tables go by a migration, as they came.
import { copyFileSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { withoutBlock } from "./config.js";
import { remove } from "./install.js";
import { fingerprint, manifestPath, readManifest } from "./manifest.js";
import { migrationsIn, stamp } from "./migrations.js";
import { Refusal } from "./refusal.js";

export function uninstall({ source, folder, now }) {
  const manifest = readManifest(folder);
  if (manifest.version === null) {
    throw new Refusal(`${manifestPath(folder)} is not there: nothing has been installed here.`);
  }
  const kept = [];
  for (const [path, known] of Object.entries(manifest.files)) {
    const file = join(folder, path);
    if (!existsSync(file)) continue;
    if (fingerprint(readFileSync(file)) === known) remove(folder, path);
    else kept.push(path);
  }
  const [migration] = stamp(["calendar_uninstall"], migrationsIn(folder), now);
  copyFileSync(
    join(source, "supabase", "uninstall.sql"),
    join(folder, "migrations", migration),
  );
  const configFile = join(folder, "config.toml");
  const config = readFileSync(configFile, "utf8");
  if (withoutBlock(config) !== config) writeFileSync(configFile, withoutBlock(config));
  rmSync(manifestPath(folder));
  return [
    "Took Calendar Connect out of supabase/.",
    ...kept.map((path) => `  kept     supabase/${path}: it has been changed`),
    `  added    supabase/migrations/${migration}`,
    "",
    "The migrations that made the tables stay, because databases remember them. Next:",
    "  npx supabase functions delete calendar",
    "  npx supabase db push --remote        # deletes every stored connection",
    "  npx supabase secrets unset CALENDAR_ENCRYPTION_KEY",
    "The users' grants at Google and Microsoft end when they withdraw them, or you delete the clients.",
  ];
}
