/** The migrations by the Supabase CLI, on real Postgres servers, with and without the old default grants. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { inRepository } from "../../dev/paths.ts";
import { type PostgresServer, startPostgres } from "../../dev/postgres.ts";
import { describe, migrations, type World } from "../database/worlds.ts";
import { succeed, supabase } from "./cli.ts";
import { makeProject, type Project, withSql } from "./project.ts";
import { generatedTypes } from "../../scripts/types.ts";

/** Both regimes of grants on both servers, with an app's own users table and without one. */
const plan: [15 | 18, World][] = [
  [15, { users: "app", grants: "all" }],
  [15, { users: "made", grants: "none" }],
  [18, { users: "made", grants: "all" }],
  [18, { users: "app", grants: "none" }],
];

const servers = new Map<number, PostgresServer>();
const versions = migrations().map(({ name }) => name.split("_")[0] ?? "");

Deno.test.beforeAll(async () => {
  for (const version of [15, 18] as const) {
    servers.set(version, await startPostgres({ version }));
  }
});

Deno.test.afterAll(async () => {
  for (const server of servers.values()) await server.stop();
});

for (const [version, world] of plan) {
  const where = `Postgres ${version}, ${describe(world)}`;
  let project: Project;
  let before: Finding[];

  Deno.test(`${where}: db push applies every migration, once`, async () => {
    project = await makeProject(servers.get(version)?.url ?? "", world);
    before = await advice(project.url);
    const { stderr } = await succeed(["db", "push", `--remote=${project.url}`]);
    deepEqual(
      [...stderr.matchAll(/Applying migration (\d+)_/g)].map(([, applied]) => applied),
      versions,
    );
    const again = await succeed(["db", "push", `--remote=${project.url}`]);
    match(again.stdout + again.stderr, /up to date/);
  });

  Deno.test(`${where}: migration list shows each of them here and there`, async () => {
    deepEqual(await listed(project.url), versions.map((each) => [each, each]));
  });

  Deno.test(`${where}: db advisors finds nothing that was not there before`, async () => {
    const known = new Set(before.map(({ cacheKey }) => cacheKey));
    // Nobody has used this database yet, so no index has been used either.
    const found = (await advice(project.url)).filter(({ cacheKey, name }) =>
      !known.has(cacheKey) && name !== "unused_index"
    );
    deepEqual(found, []);
  });

  if (world.users === "app") continue;

  Deno.test(`${where}: gen types makes the committed types`, async () => {
    const committed = await Deno.readTextFile(inRepository("supabase", "types.ts"));
    equal(await generatedTypes(project.url), committed, "run `make types`");
  });

  Deno.test(`${where}: db reset takes everything away and applies it again`, async () => {
    await withSql(
      project.url,
      (sql) => sql`insert into auth.users (email) values ('a@example.com')`,
    );
    await withSql(project.url, (sql) => sql`create table public.left_over (id int)`);
    await succeed(["db", "reset", "--no-seed", `--remote=${project.url}`]);
    deepEqual(await listed(project.url), versions.map((each) => [each, each]));
    const tables = await withSql(project.url, (sql) =>
      sql<{ tablename: string }[]>`
        select tablename from pg_tables where schemaname = 'public' order by tablename`);
    deepEqual(tables.map(({ tablename }) => tablename), [
      "calendar_calendars",
      "calendar_connections",
      "calendar_oauth_states",
      "calendar_settings",
      "calendar_sync_logs",
      "calendar_sync_states",
      "users",
    ]);
  });
}

Deno.test("db advisors sees a table without row-level security, so that its silence means something", async () => {
  const world = { users: "made", grants: "all" } as const;
  const { url } = await makeProject(servers.get(18)?.url ?? "", world);
  await withSql(url, (sql) => sql`create table public.open_to_all (id int primary key)`);
  const failed = await supabase(["db", "advisors", "--fail-on=error", `--remote=${url}`]);
  equal(failed.code === 0, false);
  match(failed.stdout + failed.stderr, /open_to_all/);
});

interface Finding {
  name: string;
  detail: string;
  cacheKey: string;
}

async function advice(url: string): Promise<Finding[]> {
  const { stdout } = await succeed([
    ...["db", "advisors", "--type=all", "--level=info", "--fail-on=none"],
    ...["--output-format=json", `--remote=${url}`],
  ]);
  const findings: Finding[] = JSON.parse(stdout).results;
  for (const finding of findings) ok(finding.cacheKey, "a finding without a key to know it by");
  return findings;
}

async function listed(url: string): Promise<[string, string][]> {
  const { stdout } = await succeed(["migration", "list", `--remote=${url}`]);
  return [...stdout.matchAll(/^\s*`?(\d{14})`?\s*\|\s*`?(\d{14})`?\s*\|/gm)]
    .map(([, here = "", there = ""]) => [here, there]);
}
