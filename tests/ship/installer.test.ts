/** The shipped installer over whole apps and real databases: updates, and all traces gone after it. */
import { deepEqual, equal, match } from "node:assert/strict";
import { join } from "node:path";
import { type PostgresServer, startPostgres } from "../../dev/postgres.ts";
import { type App, makeApp, must, OWN_MIGRATION, text } from "./app.ts";
import { succeed } from "./cli.ts";
import { makeProject, withSql } from "./project.ts";

const INDEX = "supabase/functions/calendar/index.ts";
let postgres: PostgresServer;

Deno.test.beforeAll(async () => {
  postgres = await startPostgres({ version: 18 });
});
Deno.test.afterAll(() => postgres?.stop());

function inApp(name: string, own: Record<string, string>, test: (app: App) => Promise<void>): void {
  Deno.test(name, async () => {
    const app = await makeApp(own);
    try {
      await test(app);
    } finally {
      await app.remove();
    }
  });
}

/** What the next version would put into node_modules. */
async function publishNext(app: App): Promise<void> {
  const home = join(app.folder, "node_modules", "calendar-connect");
  const manifest = JSON.parse(await Deno.readTextFile(join(home, "package.json")));
  await Deno.writeTextFile(
    join(home, "package.json"),
    JSON.stringify({ ...manifest, version: "9.9.9" }),
  );
  const index = join(home, INDEX);
  await Deno.writeTextFile(index, `// next\n${await Deno.readTextFile(index)}`);
  await Deno.remove(join(home, "supabase/functions/calendar/wasm/calendar_connect.d.ts"));
  await Deno.writeTextFile(
    join(home, "supabase/migrations/20991231235959_calendar_next.sql"),
    "select 1;\n",
  );
}

function migrationsOf(files: Map<string, string>): string[] {
  return [...files.keys()].filter((path) => path.startsWith("supabase/migrations/")).sort();
}

inApp("an update replaces the function and adds only the new migrations", {}, async (app) => {
  must(await app.installer("install"));
  const first = await app.files();
  await publishNext(app);
  match(must(await app.installer("update")).stdout, /^Updated from 0\.1\.0 to 9\.9\.9\./);
  const second = await app.files();
  match(text(second.get(INDEX)), /^\/\/ next\n/);
  equal(second.has("supabase/functions/calendar/wasm/calendar_connect.d.ts"), false);
  const migrations = migrationsOf(second);
  deepEqual(migrations.slice(0, -1), migrationsOf(first));
  match(migrations.at(-1) ?? "", /\/\d{14}_calendar_next\.sql$/);
  equal(second.get("supabase/config.toml"), first.get("supabase/config.toml"));
});

inApp("uninstall leaves the app and its database as they were before", {}, async (app) => {
  const before = await app.files();
  must(await app.installer("install"));
  const project = await makeProject(postgres.url, { users: "made", grants: "all" });
  const push = () => succeed(["db", "push", `--remote=${project.url}`], { project: app.folder });
  await push();
  must(await app.installer("uninstall"));
  const after = await app.files();
  const left = [...after.keys()].filter((path) => !before.has(path));
  deepEqual(left.filter((path) => !/migrations\/\d{14}_calendar_\w+\.sql$/.test(path)), []);
  for (const [path, content] of before) equal(after.get(path), content, path);
  await push();
  deepEqual(await ours(project.superuserUrl), []);
  const users = await withSql(
    project.superuserUrl,
    (sql) => sql`select * from public.users order by id`,
  );
  deepEqual(
    users.map(({ display_name, plan, ...rest }) => [display_name, plan, Object.keys(rest)]),
    [
      ["Ann", "paid", ["id"]],
      ["Bob", "free", ["id"]],
    ],
  );
});

for (const used of [false, true]) {
  const fate = used
    ? "keeps the users table that it made, if it is used"
    : "drops it, if it is not";
  inApp(`uninstall ${fate}`, {
    [`supabase/migrations/${OWN_MIGRATION}`]: "select 1;\n",
  }, async (app) => {
    must(await app.installer("install"));
    const project = await makeProject(postgres.url, { users: "made", grants: "none" });
    const push = () => succeed(["db", "push", `--remote=${project.url}`], { project: app.folder });
    await push();
    if (used) {
      await withSql(
        project.url,
        (sql) => sql`create table public.notes (author uuid references public.users (id))`,
      );
    }
    must(await app.installer("uninstall"));
    await push();
    const tables = await withSql(project.superuserUrl, (sql) =>
      sql<{ tablename: string }[]>`
        select tablename from pg_tables where schemaname = 'public' order by tablename`);
    deepEqual(tables.map(({ tablename }) => tablename), used ? ["notes", "users"] : []);
  });
}

/** Whatever in the database still has a name of ours. */
function ours(url: string): Promise<string[]> {
  return withSql(url, async (sql) => {
    const rows = await sql<{ name: string }[]>`
      select relname as name from pg_class where relname ilike 'calendar%'
      union all select proname from pg_proc where proname ilike 'calendar%'
      union all select tgname from pg_trigger where tgname ilike 'calendar%'
      union all select nspname from pg_namespace where nspname ilike 'calendar%'
      union all select attname from pg_attribute where attname ilike 'calendar%'
        and not attisdropped
      union all select polname from pg_policy where polname ilike 'calendar%'`;
    return rows.map(({ name }) => name);
  });
}
