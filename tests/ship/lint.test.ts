/** plpgsql_check over every function: by `supabase db lint`, which leaves trigger functions out, and directly. */
import { deepEqual, equal, match } from "node:assert/strict";
import { succeed, supabase } from "./cli.ts";
import { type Server, startDebianPostgres } from "./debian.ts";
import { makeProject, type Project, withSql } from "./project.ts";

let server: Server;
let project: Project;

Deno.test.beforeAll(async () => {
  server = await startDebianPostgres();
  project = await makeProject(server.url, { users: "made", grants: "none" });
  await succeed(["db", "push", `--remote=${project.url}`]);
});

Deno.test.afterAll(() => server?.stop());

/** As the superuser: only that role may install the extension on a plain Postgres. */
const lint = () => [
  ...["db", "lint", "--schema=public,calendar_private", "--level=warning", "--fail-on=warning"],
  `--remote=${project.superuserUrl}`,
];

Deno.test("db lint has nothing to say about the functions", async () => {
  const { stdout, stderr } = await succeed(lint());
  match(stdout + stderr, /No schema errors found/);
});

Deno.test("every trigger function is right for each table it is on", async () => {
  const checks = await triggerChecks();
  deepEqual(checks.filter(({ findings }) => findings.length > 0), []);
  const functions = await withSql(project.url, (sql) =>
    sql<{ name: string }[]>`
      select proname as name from pg_proc
      where pronamespace = 'calendar_private'::regnamespace and prorettype = 'trigger'::regtype
      order by proname`);
  deepEqual(
    [...new Set(checks.map(({ name }) => name))].sort(),
    functions.map(({ name }) => name),
  );
});

Deno.test("both see a fault, so that their silence means something", async () => {
  await withSql(project.url, (sql) =>
    sql.unsafe(`
      create function calendar_private.broken() returns void language plpgsql as
        $$ begin perform no_such_column from public.users; end; $$;
      create function calendar_private.broken_trigger() returns trigger language plpgsql as
        $$ begin new.no_such_column := 1; return new; end; $$;
      create trigger broken before insert on public.calendar_connections
        for each row execute function calendar_private.broken_trigger();
    `));
  const linted = await supabase(lint());
  equal(linted.code === 0, false);
  match(linted.stdout + linted.stderr, /no_such_column/);
  const broken = (await triggerChecks()).filter(({ findings }) => findings.length > 0);
  deepEqual(broken.map(({ name }) => name), ["broken_trigger"]);
});

interface Check {
  name: string;
  findings: string[];
}

async function triggerChecks(): Promise<Check[]> {
  return await withSql(project.superuserUrl, async (sql) => {
    await sql`create extension if not exists plpgsql_check with schema pg_catalog`;
    return [
      ...await sql<Check[]>`
        select function.proname as name, array(
          select plpgsql_check_function(
            function.oid, trigger.tgrelid, fatal_errors := false, newtable := trigger.tgnewtable
          )
        ) as findings
        from pg_trigger as trigger
        join pg_proc as function on function.oid = trigger.tgfoid
        where function.pronamespace = 'calendar_private'::regnamespace
        order by name`,
    ];
  });
}
