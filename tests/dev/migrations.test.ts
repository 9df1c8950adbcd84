/** The migrations of a folder are applied as the Supabase CLI does it. */
import { deepEqual, rejects } from "node:assert/strict";
import { type Database, onPostgres } from "../../dev/database.ts";
import { applyMigrations } from "../../dev/migrations.ts";
import { startPostgres } from "../../dev/postgres.ts";
import postgres from "postgres";

const files = {
  // Written in another order than that of their numbers.
  "20250102000000_second.sql": "insert into steps values ('second');",
  "20250101000000_first.sql":
    "create table steps (name text); insert into steps values ('it''s first');",
  "notes.sql": "insert into steps values ('no migration');",
  "2025_short.sql": "insert into steps values ('no migration');",
};

async function withFolder(work: (database: Database, folder: string) => Promise<void>) {
  const server = await startPostgres({ version: 18 });
  const folder = await Deno.makeTempDir();
  const sql = postgres(server.url, { max: 1, onnotice: () => {} });
  try {
    for (const [name, text] of Object.entries(files)) {
      await Deno.writeTextFile(`${folder}/${name}`, text);
    }
    await work(onPostgres(sql), folder);
  } finally {
    await sql.end();
    await server.stop();
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("they run in the order of their numbers, once, and what is no migration is left out", () =>
  withFolder(async (database, folder) => {
    const steps = () => database.query("select name from steps");
    deepEqual(await applyMigrations(database, folder), [
      "20250101000000_first.sql",
      "20250102000000_second.sql",
    ]);
    deepEqual(await steps(), [{ name: "it's first" }, { name: "second" }]);
    deepEqual(await applyMigrations(database, folder), []);
    deepEqual(await steps(), [{ name: "it's first" }, { name: "second" }]);
  }));

Deno.test("a migration that fails is not recorded, and runs again once it is repaired", () =>
  withFolder(async (database, folder) => {
    const third = `${folder}/20250103000000_third.sql`;
    await Deno.writeTextFile(third, "insert into steps values ('third'); select 1 / 0;");
    await rejects(applyMigrations(database, folder), /20250103000000_third\.sql failed: division/);
    await Deno.writeTextFile(third, "insert into steps values ('third');");
    deepEqual(await applyMigrations(database, folder), ["20250103000000_third.sql"]);
    deepEqual(await database.query("select count(*)::int from steps"), [{ count: 3 }]);
  }));

Deno.test("a folder without a migration is refused", () =>
  withFolder(async (database, folder) => {
    for (const name of Object.keys(files)) await Deno.remove(`${folder}/${name}`);
    await rejects(applyMigrations(database, folder), /No migration/);
  }));
