/** `supabase/uninstall.sql` removes exactly what the migrations made. */
import { connect, servers, withDatabase } from "./servers.ts";
import { describe, migrate, prepare, worlds } from "./worlds.ts";

const uninstall = await Deno.readTextFile(
  new URL("../../supabase/uninstall.sql", import.meta.url),
);

/** Every object outside Postgres's own schemas, with what it is made of and who may use it. */
const inventory = `
  select 'schema ' || nspname || ' ' || coalesce(nspacl::text, '') as object
  from pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema'
  union all
  select 'relation ' || pg_class.oid::regclass || ' ' || relkind::text || ' ' || relrowsecurity || ' ' ||
    coalesce(relacl::text, '')
  from pg_class join pg_namespace on pg_namespace.oid = relnamespace
  where nspname !~ '^pg_' and nspname <> 'information_schema'
  union all
  select 'column ' || attrelid::regclass || ' ' || attname || ' ' || coalesce(attacl::text, '')
  from pg_attribute join pg_class on pg_class.oid = attrelid
  join pg_namespace on pg_namespace.oid = relnamespace
  where nspname !~ '^pg_' and nspname <> 'information_schema' and attnum > 0 and not attisdropped
  union all
  select 'function ' || pg_proc.oid::regprocedure || ' ' || coalesce(proacl::text, '')
  from pg_proc join pg_namespace on pg_namespace.oid = pronamespace
  where nspname !~ '^pg_' and nspname <> 'information_schema'
  union all
  select 'trigger ' || tgrelid::regclass || ' ' || tgname from pg_trigger where not tgisinternal
  union all
  select 'policy ' || tablename || ' ' || policyname || ' ' || coalesce(qual, '') from pg_policies
  union all
  select 'constraint ' || conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid)
  from pg_constraint where conrelid <> 0 and connamespace <> 'pg_catalog'::regnamespace
    and connamespace <> 'information_schema'::regnamespace
  order by 1`;

for (const server of servers()) {
  for (const world of worlds) {
    Deno.test(`Postgres ${server.version}, ${describe(world)}: uninstalling leaves what was there before`, () =>
      withDatabase(server, "empty", async (url) => {
        const sql = connect(url);
        try {
          const runner = { script: async (text: string) => void await sql.unsafe(text) };
          await prepare(runner, world);
          const before = await objects(sql);
          await migrate(runner);
          const migrated = await objects(sql);
          if (migrated.length <= before.length) throw new Error("The migrations made nothing.");
          await sql.unsafe("insert into auth.users (email) values ('user@example.com')");
          await sql.unsafe(`set role project_owner; ${uninstall}; reset role`);
          const after = await objects(sql);
          const left = after.filter((object) => !before.includes(object));
          const gone = before.filter((object) => !after.includes(object));
          if (left.length + gone.length > 0) {
            throw new Error(`left:\n${left.join("\n")}\ngone:\n${gone.join("\n")}`);
          }
          await migrate(runner);
          if ((await objects(sql)).join() !== migrated.join()) {
            throw new Error("Migrating again makes something else.");
          }
        } finally {
          await sql.end();
        }
      }));
  }

  const title = `Postgres ${server.version}`;
  Deno.test(`${title}: uninstalling keeps a users table that the app has added to`, () =>
    withDatabase(server, { users: "made", grants: "none" }, async (url) => {
      const sql = connect(url);
      try {
        await sql.unsafe(`alter table public.users add column nickname text;
          insert into auth.users (email) values ('user@example.com');
          update public.users set nickname = 'Nick'; set role project_owner; ${uninstall}`);
        const rows = await sql.unsafe("reset role; select nickname from public.users").simple();
        if (!JSON.stringify(rows).includes("Nick")) throw new Error("The app's data is gone.");
      } finally {
        await sql.end();
      }
    }));
}

async function objects(sql: ReturnType<typeof connect>): Promise<string[]> {
  return (await sql.unsafe(inventory)).map((row) => String(row.object));
}
