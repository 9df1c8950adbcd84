/** The shipped doctor over a whole deployment: it tells everything that is wrong, and nothing that is secret. */
import { deepEqual, equal, match } from "node:assert/strict";
import { dirname, join } from "node:path";
import { type PostgresServer, startPostgres } from "../../dev/postgres.ts";
import { type Stack, startStack } from "../../dev/mod.ts";
import { changed, type Changes, type Environment } from "../support/environment.ts";
import "../support/quiet.ts";
import { packageTarball } from "./app.ts";
import { output, type Ran, succeed } from "./cli.ts";
import { makeProject, withSql } from "./project.ts";
import { type Providers, startProviders } from "./shipped.ts";

const KEY = "qL3u8yC2bVJ0rXwZ6Hs1TtN4dKe5fGmA7oPpQi9RxEw=";
let postgres: PostgresServer;
let providers: Providers;
let stack: Stack;
let page: Deno.HttpServer<Deno.NetAddr>;
let good: Environment;
let main: string;

Deno.test.beforeAll(async () => {
  page = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, (request) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/settings") return new Response("<h1>Settings</h1>");
    const location = `http://127.0.0.1:${page.addr.port}/settings`;
    const status = pathname === "/guarded" ? 302 : 404;
    return new Response(null, { status, headers: { location } });
  });
  main = join(dirname(await packageTarball()), "package", "cli", "main.js");
  providers = await startProviders();
  postgres = await startPostgres({ version: 18 });
  stack = await startStack({
    postgres: { url: postgres.url },
    env: {
      ...providers.secrets,
      CALENDAR_ENCRYPTION_KEY: KEY,
      CALENDAR_ALLOWED_ORIGINS: "",
      CALENDAR_SETTINGS_URL: `http://127.0.0.1:${page.addr.port}/settings`,
    },
  });
  good = stack.env;
});

Deno.test.afterAll(async () => {
  await stack?.stop();
  await postgres?.stop();
  await providers?.stop();
  await page?.shutdown();
});

/** Runs it as a person would, over a file, and looks that it told no secret. */
async function doctor(changes: Changes = {}, ...options: string[]): Promise<Ran> {
  const env = changed(good, changes);
  const folder = await Deno.makeTempDir({ prefix: "calendar-doctor-" });
  const file = join(folder, "supabase", ".env.local");
  await Deno.mkdir(dirname(file));
  const quoted = Object.entries(env).map(([name, value]) => `${name}='${value}'\n`);
  await Deno.writeTextFile(file, quoted.join(""));
  try {
    const ran = await output("node", [main, "doctor", ...options], {
      cwd: folder,
      env: { PATH: Deno.env.get("PATH") ?? "" },
    });
    const secrets = Object.entries({ ...good, ...env })
      .filter(([name]) => /SECRET$|_KEY$/.test(name)).map(([, value]) => value);
    secrets.push(new URL(postgres.url).password);
    for (const secret of secrets) equal((ran.stdout + ran.stderr).includes(secret), false);
    return ran;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function wrongs({ stdout }: Ran): string[] {
  return [...stdout.matchAll(/^wrong +(.+?): /gm)].map(([, about = ""]) => about);
}

Deno.test("a deployment in order passes, with everything looked at", async () => {
  const ran = await doctor({ DATABASE_URL: postgres.url }, "supabase/.env.local");
  deepEqual([ran.code, wrongs(ran)], [0, []], ran.stdout + ran.stderr);
  match(ran.stdout, /^doctor: \d+ right, 0 wrong, \d+ to note, 0 not looked at$/m);
  const uri = `${good.CALENDAR_REDIRECT_URL}/google`;
  equal(ran.stdout.includes(`Google Cloud Console: ${uri}\n`), true);
  match(ran.stdout, /Azure app registration: .*\/callback\/outlook\n.*Web \(not Single-page/);
});

Deno.test("as JSON it says the same, and its exit code too", async () => {
  const changes = { DATABASE_URL: postgres.url, CALENDAR_ENCRYPTION_KEY: "c2hvcnQ=" };
  const [text, json] = [await doctor(changes), await doctor(changes, "--json")];
  deepEqual([text.code, json.code, json.stderr], [1, 1, ""]);
  const findings: { verdict: string; about: string; says: string }[] = JSON.parse(json.stdout);
  deepEqual(
    findings.filter(({ verdict }) => verdict === "wrong").map(({ about }) => about),
    wrongs(text),
  );
  for (const { verdict, about, says } of findings) {
    equal(text.stdout.includes(`${verdict.padEnd(6)} ${about}: ${says}\n`), true, about);
  }
});

Deno.test("a file that is not there is a mistake of the command", async () => {
  const ran = await doctor({}, "elsewhere/.env");
  deepEqual([ran.code, ran.stdout], [2, ""]);
  match(ran.stderr, /^There is no file elsewhere\/\.env .*\nHelp: calendar-connect doctor --help/);
});

Deno.test("without a file it looks at its own environment", async () => {
  const folder = await Deno.makeTempDir({ prefix: "calendar-doctor-" });
  const env = { ...good, PATH: Deno.env.get("PATH") ?? "" };
  const ran = await output("node", [main, "doctor"], { cwd: folder, env });
  await Deno.remove(folder);
  deepEqual([ran.code, wrongs(ran)], [0, []], ran.stdout + ran.stderr);
  match(ran.stdout, /^right +CALENDAR_ENCRYPTION_KEY: is set and well-formed/m);
});

const faults: [string, Changes | (() => Changes), string, RegExp][] = [
  [
    "a settings page that redirects",
    () => ({ CALENDAR_SETTINGS_URL: `http://127.0.0.1:${page.addr.port}/guarded` }),
    "CALENDAR_SETTINGS_URL",
    /redirects somebody who is signed out \(302\)/,
  ],
  [
    "a settings page that is not there",
    () => ({ CALENDAR_SETTINGS_URL: `http://127.0.0.1:${page.addr.port}/nowhere` }),
    "CALENDAR_SETTINGS_URL",
    /answers 404/,
  ],
  [
    "a wrong secret at Google",
    { GOOGLE_CLIENT_SECRET: "another-secret-not-real" },
    "GOOGLE_CLIENT_ID and _SECRET",
    /invalid_client/,
  ],
  [
    "an unknown client at Microsoft",
    { OUTLOOK_CLIENT_ID: "nobody" },
    "OUTLOOK_CLIENT_ID and _SECRET",
    /invalid_client/,
  ],
  ["a function that is not there", { SUPABASE_URL: "http://127.0.0.1:9" }, "function", /deploy/],
  [
    "a function that offers something else",
    { OUTLOOK_CLIENT_ID: undefined, OUTLOOK_CLIENT_SECRET: undefined },
    "providers",
    /offers google, outlook, this environment google/,
  ],
  [
    "a database that does not answer",
    { DATABASE_URL: "postgres://postgres:a-secret@127.0.0.1:9/postgres" },
    "DATABASE_URL",
    /does not answer \(ECONNREFUSED\)/,
  ],
  [
    "a DATABASE_URL that is none",
    { DATABASE_URL: "localhost:a-secret" },
    "DATABASE_URL",
    /address/,
  ],
];

for (const [fault, changes, about, says] of faults) {
  Deno.test(`${fault} is seen, and only that`, async () => {
    const ran = await doctor(typeof changes === "function" ? changes() : changes);
    deepEqual([ran.code, wrongs(ran)], [1, [about]], ran.stdout + ran.stderr);
    match(ran.stdout, says);
    equal(ran.stdout.includes("a-secret"), false);
  });
}

Deno.test("a database without the migrations is told to get them", async () => {
  const { url } = await makeProject(postgres.url, { users: "app", grants: "all" });
  const ran = await doctor({ DATABASE_URL: url });
  deepEqual([ran.code, wrongs(ran)], [1, ["migrations"]], ran.stdout);
  match(ran.stdout, /db push/);
});

Deno.test("a project on Postgres 15, pushed by the CLI and read as its owner, is in order", async () => {
  const older = await startPostgres({ version: 15 });
  try {
    const { url } = await makeProject(older.url, { users: "app", grants: "all" });
    await succeed(["db", "push", `--remote=${url}`]);
    await withSql(url, (sql) =>
      sql.unsafe(`
        create table public.calendar_events (id int);
        create function public.calendar_of_mine() returns int language sql as 'select 1';
      `));
    const ran = await doctor({ DATABASE_URL: url });
    deepEqual([ran.code, wrongs(ran)], [0, []], ran.stdout);
  } finally {
    await older.stop();
  }
});

/** One for each kind of thing, and what the doctor says of it. */
const byHand: [string, string, RegExp][] = [
  [
    "columns",
    "alter table public.calendar_connections alter column calendar_id drop not null",
    /missing +public\.calendar_connections\.calendar_id .*not null/,
  ],
  [
    "constraints",
    "alter table public.calendar_connections drop constraint calendar_connections_scopes_length",
    /missing +public\.calendar_connections: calendar_connections_scopes_length/,
  ],
  [
    "security",
    "alter table public.calendar_oauth_states disable row level security",
    /extra +public\.calendar_oauth_states: row-level security false/,
  ],
  [
    "policies",
    "create policy everybody on public.calendar_connections for select using (true)",
    /extra +public\.calendar_connections: everybody PERMISSIVE SELECT to public using true/,
  ],
  [
    "grants",
    "grant insert on public.calendar_oauth_states to anon",
    /extra +public\.calendar_oauth_states: anon INSERT/,
  ],
  [
    "column grants",
    "grant update (scopes) on public.calendar_connections to public",
    /extra +public\.calendar_connections\.scopes: public UPDATE/,
  ],
  [
    "functions",
    "alter function public.calendar_disconnect security definer",
    /extra +public\.calendar_disconnect\(.*\) [0-9a-f]{32} definer/,
  ],
  [
    "function grants",
    "grant execute on function public.calendar_disconnect to anon",
    /extra +public\.calendar_disconnect\(.*\): anon/,
  ],
  [
    "schema grants",
    "grant usage on schema calendar_private to public",
    /extra +calendar_private: public USAGE/,
  ],
  [
    "triggers",
    "alter table public.users disable trigger calendar_late_user",
    /extra +public\.users: CREATE TRIGGER calendar_late_user .* D$/m,
  ],
];

Deno.test("whatever was changed by hand in the database is named", async () => {
  const { url, superuserUrl } = await makeProject(postgres.url, { users: "app", grants: "all" });
  await succeed(["db", "push", `--remote=${url}`]);
  for (const [, statement] of byHand) await withSql(superuserUrl, (sql) => sql.unsafe(statement));
  const ran = await doctor({ DATABASE_URL: url });
  const kinds = byHand.map(([kind]) => `database, ${kind}`);
  deepEqual([ran.code, wrongs(ran).sort()], [1, kinds.sort()], ran.stdout);
  for (const [, , says] of byHand) match(ran.stdout, says);
});

Deno.test("a view that reads more than it should is named", async () => {
  const { url, superuserUrl } = await makeProject(postgres.url, { users: "app", grants: "all" });
  await succeed(["db", "push", `--remote=${url}`]);
  await withSql(superuserUrl, async (sql) => {
    const [row] = await sql`select pg_get_viewdef('public.calendar_connection_details') as text`;
    const text: string = row?.text.replace(/(\w+\.)?status/, "sealed_access_token as status");
    await sql.unsafe(`create or replace view public.calendar_connection_details
      with (security_invoker = true) as ${text}`);
  });
  const ran = await doctor({ DATABASE_URL: url });
  deepEqual([ran.code, wrongs(ran)], [1, ["database, views"]], ran.stdout);
  match(ran.stdout, /extra +public\.calendar_connection_details reads .*sealed_access_token/);
});
