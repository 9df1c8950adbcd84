/** Migrations are known by their names; the time before the name is given when they are added. */
import type { SupabaseFolder } from "./folder.ts";
import { Refusal } from "../errors.ts";

/** The name of a migration's file without its time, or null for another file. */
export function nameOf(file: string): string | null {
  return /^\d+_(.+)\.sql$/.exec(file)?.[1] ?? null;
}

export function migrationsIn(folder: SupabaseFolder): string[] {
  return folder.list("migrations").filter((file) => nameOf(file) !== null);
}

/**
 * File names for new migrations, each later than every existing one: `supabase db push` refuses to apply
 * one that is older than the newest applied.
 */
export function stamp(names: string[], existing: string[], now: Date): string[] {
  const newest = existing.map((file) => file.split("_")[0] ?? "").sort().at(-1) ?? "";
  const first = Math.max(now.getTime(), timeOf(newest) + 1000);
  return names.map((name, index) => {
    const file = `${stampOf(first + index * 1000)}_${name}.sql`;
    if (file <= newest) {
      throw new Refusal(
        `The newest migration, ${newest}, does not begin with a time such as ` +
          `${stampOf(now.getTime())}, and no file that does would come after it. Rename it, then ` +
          "try again.",
      );
    }
    return file;
  });
}

/** Zero where a migration does not begin with a time. */
function timeOf(version: string): number {
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(version)?.slice(1).map(Number);
  if (!parts) return 0;
  const [year = 0, month = 0, day, hour, minute, second] = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

function stampOf(time: number): string {
  return new Date(time).toISOString().replace(/\D/g, "").slice(0, 14);
}
