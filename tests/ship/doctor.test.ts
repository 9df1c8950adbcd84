/** `make doctor`: silent about nothing that is wrong, about everything that is secret. */
import { deepEqual, equal, match } from "node:assert/strict";
import { inRepository } from "../../dev/paths.ts";
import { type PostgresServer, startPostgres } from "../../dev/postgres.ts";
import { type Stack, startStack } from "../../dev/mod.ts";
import { compareClock } from "../../cli/doctor/addresses.ts";
import { TOKEN_ENDPOINTS } from "../../cli/doctor/providers.ts";
import { contract } from "../support/contract.ts";
import { changed, type Changes, type Environment } from "../support/environment.ts";
import "../support/quiet.ts";
import { output, type Ran, succeed } from "./cli.ts";
import { makeProject, withSql } from "./project.ts";
import { type Providers, startProviders } from "./shipped.ts";

const KEY = "qL3u8yC2bVJ0rXwZ6Hs1TtN4dKe5fGmA7oPpQi9RxEw=";
let postgres: PostgresServer;
let providers: Providers;
let stack: Stack;
let page: Deno.HttpServer<Deno.NetAddr>;
let good: Environment;

Deno.test.beforeAll(async () => {
  page = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, (request) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/settings") return new Response("<h1>Settings</h1>");
    const location = `http://127.0.0.1:${page.addr.port}/settings`;
    const status = pathname === "/guarded" ? 302 : 404;
    return new Response(null, { status, headers: { location } });
  });
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
async function doctor(changes: Changes = {}): Promise<Ran> {
  const env = changed(good, changes);
  const file = await Deno.makeTempFile({ suffix: ".env" });
  const quoted = Object.entries(env).map(([name, value]) => `${name}='${value}'\n`);
  await Deno.writeTextFile(file, quoted.join(""));
  try {
    const ran = await output(
      Deno.execPath(),
      ["run", "-A", "--no-check", inRepository("cli", "doctor", "main.ts"), file],
      { cwd: inRepository("."), env: { PATH: Deno.env.get("PATH") ?? "", LITE_TELEMETRY: "0" } },
    );
    const secrets = Object.entries({ ...good, ...env })
      .filter(([name]) => /SECRET$|_KEY$/.test(name)).map(([, value]) => value);
    secrets.push(new URL(postgres.url).password);
    for (const secret of secrets) equal((ran.stdout + ran.stderr).includes(secret), false);
    return ran;
  } finally {
    await Deno.remove(file);
  }
}

function wrongs({ stdout }: Ran): string[] {
  return [...stdout.matchAll(/^wrong +(.+?): /gm)].map(([, about = ""]) => about);
}

Deno.test("a deployment in order passes, with everything looked at", async () => {
  const ran = await doctor({ DATABASE_URL: postgres.url });
  deepEqual([ran.code, wrongs(ran)], [0, []], ran.stdout + ran.stderr);
  match(ran.stdout, /^doctor: \d+ right, 0 wrong, \d+ to note, 0 not looked at$/m);
  const uri = `${good.CALENDAR_REDIRECT_URL}/google`;
  equal(ran.stdout.includes(`Google Cloud Console: ${uri}\n`), true);
  match(ran.stdout, /Azure app registration: .*\/callback\/outlook\n.*Web \(not Single-page/);
});

const faults: [string, Changes | (() => Changes), string, RegExp][] = [
  ["a missing key", { CALENDAR_ENCRYPTION_KEY: undefined }, "CALENDAR_ENCRYPTION_KEY", /openssl/],
  ["a short key", { CALENDAR_ENCRYPTION_KEY: "c2hvcnQ=" }, "CALENDAR_ENCRYPTION_KEY", /32 bytes/],
  [
    "the key of the documentation",
    { CALENDAR_ENCRYPTION_KEY: "Fo16o0bIenkHEed/QCTxbxXaNHnJD1oM2EKnNZXI+Mo=" },
    "CALENDAR_ENCRYPTION_KEY",
    /known to everybody/,
  ],
  [
    "a key that was typed",
    { CALENDAR_ENCRYPTION_KEY: btoa("correct horse battery staple, ok") },
    "CALENDAR_ENCRYPTION_KEY",
    /text in base64/,
  ],
  [
    "a key of one byte",
    { CALENDAR_ENCRYPTION_KEY: btoa("\x07".repeat(32)) },
    "CALENDAR_ENCRYPTION_KEY",
    /not random/,
  ],
  [
    "a key that is retired as well",
    { CALENDAR_RETIRED_ENCRYPTION_KEYS: KEY },
    "CALENDAR_ENCRYPTION_KEY",
    /retired/,
  ],
  ["no settings URL", { CALENDAR_SETTINGS_URL: undefined }, "CALENDAR_SETTINGS_URL", /not set/],
  [
    "a settings URL without TLS",
    { CALENDAR_SETTINGS_URL: "http://app.example.test/settings" },
    "CALENDAR_SETTINGS_URL",
    /https/,
  ],
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
    "origins without the settings page's",
    { CALENDAR_ALLOWED_ORIGINS: "https://other.example.test" },
    "CALENDAR_ALLOWED_ORIGINS",
    /lacks http:\/\/127/,
  ],
  [
    "an id without a secret",
    { GOOGLE_CLIENT_SECRET: undefined },
    "GOOGLE_CLIENT_SECRET",
    /not set/,
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
  ["a tenant with a slash", { OUTLOOK_TENANT_ID: "a/b" }, "OUTLOOK_TENANT_ID", /common/],
  ["a function that is not there", { SUPABASE_URL: "http://127.0.0.1:9" }, "function", /deploy/],
  [
    "a function that offers something else",
    { OUTLOOK_CLIENT_ID: undefined, OUTLOOK_CLIENT_SECRET: undefined },
    "providers",
    /offers google, outlook, this environment google/,
  ],
];

for (const [fault, changes, about, says] of faults) {
  Deno.test(`${fault} is seen, and only that`, async () => {
    const ran = await doctor(typeof changes === "function" ? changes() : changes);
    deepEqual([ran.code, wrongs(ran)], [1, [about]], ran.stdout + ran.stderr);
    match(ran.stdout, says);
  });
}

Deno.test("a variable that the function does not read is noted", async () => {
  const ran = await doctor({ CALENDAR_REDIRECT_URI: "https://app.example.test/callback" });
  equal(ran.code, 0);
  match(ran.stdout, /^note +CALENDAR_REDIRECT_URI: is set, and the function does not read it/m);
});

Deno.test("a clock that is off is seen", () => {
  const now = Date.now();
  equal(compareClock("clock", new Date(now + 30_000).toUTCString(), now).verdict, "right");
  equal(compareClock("clock", new Date(now - 300_000).toUTCString(), now).verdict, "wrong");
  equal(compareClock("clock", new Date(now + 300_000).toUTCString(), now).verdict, "wrong");
});

Deno.test("a database without the migrations is told to get them", async () => {
  const empty = new URL(postgres.url);
  empty.pathname = "/empty";
  await withSql(postgres.url, (sql) => sql`create database empty`);
  const ran = await doctor({ DATABASE_URL: empty.href });
  deepEqual([ran.code, wrongs(ran)], [1, ["migrations"]], ran.stdout);
  match(ran.stdout, /db push/);
});

Deno.test("a project on Postgres 15, pushed by the CLI and read as its owner, is in order", async () => {
  const older = await startPostgres({ version: 15 });
  try {
    const { url } = await makeProject(older.url, { users: "app", grants: "all" });
    await succeed(["db", "push", `--remote=${url}`]);
    const ran = await doctor({ DATABASE_URL: url });
    deepEqual([ran.code, wrongs(ran)], [0, []], ran.stdout);
  } finally {
    await older.stop();
  }
});

Deno.test("whatever was changed by hand in the database is named", async () => {
  await withSql(postgres.url, (sql) =>
    sql.unsafe(`
      alter table public.calendar_connections alter column calendar_id drop not null;
      alter table public.calendar_connections drop constraint calendar_connections_scopes_length;
      alter table public.calendar_oauth_states disable row level security;
      create policy everybody on public.calendar_connections for select using (true);
      grant insert on public.calendar_oauth_states to anon;
      grant select (sealed_access_token) on public.calendar_connections to authenticated;
      alter function public.calendar_disconnect(uuid, text) security definer;
      grant execute on function public.calendar_disconnect(uuid, text) to anon;
      grant usage on schema calendar_private to anon;
      alter table public.users disable trigger calendar_late_user;
    `));
  const ran = await doctor({ DATABASE_URL: postgres.url });
  const kinds = ["columns", "constraints", "security", "policies", "grants", "column grants"];
  kinds.push("functions", "function grants", "schema grants", "triggers");
  deepEqual([ran.code, wrongs(ran)], [1, kinds.map((kind) => `database, ${kind}`)], ran.stdout);
  match(ran.stdout, /extra +calendar_connections\.sealed_access_token: authenticated SELECT/);
});

Deno.test("a database that does not answer is told apart, without its password", async () => {
  const ran = await doctor({ DATABASE_URL: "postgres://postgres:a-password@127.0.0.1:9/postgres" });
  deepEqual([ran.code, wrongs(ran)], [1, ["DATABASE_URL"]], ran.stdout);
  equal(ran.stdout.includes("a-password"), false);
});

Deno.test("it asks the token endpoints that the function uses", () => {
  const endpoints = contract.providers.map(({ token_endpoint }) => token_endpoint);
  deepEqual(Object.values(TOKEN_ENDPOINTS), endpoints);
});
