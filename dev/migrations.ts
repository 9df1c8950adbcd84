/** Applies `supabase/migrations` as the Supabase CLI does: in order, once, with the CLI's history table. */
import { join } from "node:path";
import { inRepository } from "./paths.ts";
import type { Database } from "./database.ts";

const history = "supabase_migrations.schema_migrations";

export const migrationsFolder: string = inRepository("supabase", "migrations");

/** Returns the names of the files it applied. */
export async function applyMigrations(
  database: Database,
  folder: string = migrationsFolder,
): Promise<string[]> {
  await database.script(`
    create schema if not exists supabase_migrations;
    create table if not exists ${history} (version text primary key, statements text[], name text);
  `);
  const done = await database.query<{ version: string }>(`select version from ${history}`);
  const versions = new Set(done.map((row) => row.version));
  const pending = migrationFiles(folder).filter((file) => !versions.has(versionOf(file)));
  for (const file of pending) await apply(database, folder, file);
  return pending;
}

function migrationFiles(folder: string): string[] {
  const files = [...Deno.readDirSync(folder)].map((entry) => entry.name)
    .filter((name) => /^\d{14}_.+\.sql$/.test(name)).sort();
  if (files.length === 0) throw new Error(`No migration (<14 digits>_<name>.sql) in ${folder}.`);
  return files;
}

function versionOf(file: string): string {
  return file.slice(0, 14);
}

async function apply(database: Database, folder: string, file: string): Promise<void> {
  const text = await Deno.readTextFile(join(folder, file));
  const quoted = (value: string) => `'${value.replaceAll("'", "''")}'`;
  const name = file.slice(15, -".sql".length);
  const record = `insert into ${history} (version, name, statements)
    values (${quoted(versionOf(file))}, ${quoted(name)}, array[${quoted(text)}]);`;
  try {
    await database.script(`${text}\n;${record}`);
  } catch (error) {
    throw new Error(
      `The migration ${file} failed: ${error instanceof Error ? error.message : error}`,
    );
  }
}
