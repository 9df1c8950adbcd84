/**
 * `supabase/uninstall.sql` removes exactly what the migrations made, as a migration and by hand.
 *
 * Seen to fail when the defence is out: see `defences.ts`, entries named "uninstall:".
 */
import { connect, servers, withDatabase } from "./servers.ts";
import { describe, migrate, prepare, uninstallScript, worlds } from "./worlds.ts";

const uninstall = uninstallScript();

const withConnection = `
  insert into auth.users (email) values ('user@example.com');
  insert into public.calendar_connections (
    user_id, provider, calendar_id, scopes, sealed_access_token, sealed_refresh_token
  ) select id, 'google', 'c', '{}', 'v1.00000000.AAAA', 'v1.00000000.BBBB'
    from auth.users where email = 'user@example.com'`;

/** One transaction, or each statement by itself as psql sends them. */
const ways: Record<string, (sql: ReturnType<typeof connect>) => Promise<unknown>> = {
  "as a migration": (sql) => sql.unsafe(`begin; ${uninstall}; commit`),
  "by hand": async (sql) => {
    for (const statement of statements(uninstall)) await sql.unsafe(statement);
  },
};

/** The script's statements: a dollar-quoted body is part of its statement. */
function statements(script: string): string[] {
  const withoutComments = script.replaceAll(/^--.*$/gm, "");
  const parts = withoutComments.split("$$");
  const marked = parts.map((part, n) => n % 2 === 0 ? part.replaceAll(";", "\0") : part);
  return marked.join("$$").split("\0").map((text) => text.trim()).filter((text) => text !== "");
}

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
  for (const [n, world] of worlds.entries()) {
    const [way = "", uninstalled] = Object.entries(ways)[n % 2] ?? [];
    Deno.test(`Postgres ${server.version}, ${describe(world)}: uninstalling ${way} leaves what was there before`, () =>
      withDatabase(server, "empty", async (url) => {
        const sql = connect(url);
        try {
          const runner = { script: async (text: string) => void await sql.unsafe(text) };
          await prepare(runner, world);
          const before = await objects(sql);
          await migrate(runner);
          const migrated = await objects(sql);
          if (migrated.length <= before.length) throw new Error("The migrations made nothing.");
          await sql.unsafe(withConnection);
          await sql.unsafe("set role project_owner");
          await uninstalled?.(sql);
          await uninstalled?.(sql);
          await sql.unsafe("reset role");
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
  Deno.test(`${title}: uninstalling stops while grants are still to be withdrawn`, () =>
    withDatabase(server, { users: "made", grants: "none" }, async (url) => {
      const sql = connect(url);
      try {
        await sql.unsafe(`${withConnection};
          update calendar_private.config set function_url = 'https://example.com/calendar-sync';
          delete from public.calendar_connections`);
        const before = await objects(sql);
        await sql.unsafe("set role project_owner");
        const said = await sql.unsafe(uninstall).then(() => "nothing", (error) => error.message);
        if (!said.startsWith("1 grant")) throw new Error(said);
        if ((await objects(sql)).join() !== before.join()) throw new Error("Something is gone.");
        await sql.unsafe(`delete from calendar_private.revocations; ${uninstall}; reset role`);
      } finally {
        await sql.end();
      }
    }));
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
