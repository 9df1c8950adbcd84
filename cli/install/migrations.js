// Migrations are known by their names; the time before the name is given when they are put in.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { Refusal } from "./refusal.js";

export function nameOf(file) {
  return /^\d+_(.+)\.sql$/.exec(file)?.[1] ?? null;
}

export function migrationsIn(folder) {
  const migrations = join(folder, "migrations");
  if (!existsSync(migrations)) return [];
  return readdirSync(migrations).filter((file) => nameOf(file) !== null).sort();
}

/**
 * File names for new migrations, each later than every one that is there: `supabase db push` refuses
 * to apply one that is older than the newest applied.
 */
export function stamp(names, existing, now) {
  const newest = existing.map((file) => file.split("_")[0]).sort().at(-1) ?? "";
  let time = Math.max(now.getTime(), timeOf(newest) + 1000);
  return names.map((name) => {
    const file = `${stampOf(time)}_${name}.sql`;
    time += 1000;
    if (newest !== "" && file <= newest) {
      throw new Refusal(
        `The newest migration, ${newest}, does not begin with a time such as ${
          stampOf(now.getTime())
        }, ` +
          "and none that does would come after it. Rename it, then try again.",
      );
    }
    return file;
  });
}

function timeOf(version) {
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(version)?.slice(1).map(Number);
  if (!parts) return 0;
  const [year, month, day, hour, minute, second] = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

function stampOf(time) {
  return new Date(time).toISOString().replace(/\D/g, "").slice(0, 14);
}
