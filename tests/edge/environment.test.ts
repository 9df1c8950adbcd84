/** The environment: what the function reads, and what it says when a variable is missing or malformed. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { environmentNames } from "../../dev/environment.ts";
import { expectError, expectJson, expectRedirect } from "../support/answers.ts";
import { type Changes, DOCUMENTED_NAMES } from "../support/environment.ts";
import { bearer, connect, connected, navigation, status } from "../support/flow.ts";
import { referenceTable } from "../support/reference.ts";
import { openWorld } from "../support/world.ts";

const world = await openWorld();
Deno.test.afterAll(() => world.close());

Deno.test("the function reads the documented variables and no others", async () => {
  deepEqual((await environmentNames()).toSorted(), DOCUMENTED_NAMES.toSorted());
  ok(!DOCUMENTED_NAMES.some((name) => /SECRET_KEY|SERVICE_ROLE/.test(name)));
});

Deno.test("the reference's table lists the same variables", () => {
  const listed = referenceTable("variable").map(([name]) => name);
  deepEqual(listed.toSorted(), DOCUMENTED_NAMES.toSorted());
});

const SECRET = "SECRETVALUE";

/** One that could be a state and is nobody's. */
const STATE = "s".repeat(43);

/** What is wrong, the variable that must be named, and what the message must say about it. */
const WRONG: [what: string, changes: Changes, name: string, says: RegExp][] = [
  ["no key", { CALENDAR_ENCRYPTION_KEY: undefined }, "CALENDAR_ENCRYPTION_KEY", /32 bytes/],
  ["an empty key", { CALENDAR_ENCRYPTION_KEY: "" }, "CALENDAR_ENCRYPTION_KEY", /32 bytes/],
  [
    "a key that is no base64",
    { CALENDAR_ENCRYPTION_KEY: `${SECRET}!` },
    "CALENDAR_ENCRYPTION_KEY",
    /base64/,
  ],
  ["a short key", { CALENDAR_ENCRYPTION_KEY: btoa(SECRET) }, "CALENDAR_ENCRYPTION_KEY", /32 bytes/],
  [
    "a malformed retired key",
    { CALENDAR_RETIRED_ENCRYPTION_KEYS: SECRET },
    "CALENDAR_RETIRED_ENCRYPTION_KEYS",
    /32 bytes/,
  ],
  ["no settings URL", { CALENDAR_SETTINGS_URL: undefined }, "CALENDAR_SETTINGS_URL", /URL/],
  [
    "a settings URL of plain http",
    { CALENDAR_SETTINGS_URL: `http://${SECRET}.example/` },
    "CALENDAR_SETTINGS_URL",
    /https/,
  ],
  [
    "a settings URL with a fragment",
    { CALENDAR_SETTINGS_URL: `https://a.example/#${SECRET}` },
    "CALENDAR_SETTINGS_URL",
    /fragment/,
  ],
  [
    "a settings URL that is none",
    { CALENDAR_SETTINGS_URL: SECRET },
    "CALENDAR_SETTINGS_URL",
    /URL/,
  ],
  [
    "a settings URL of a script",
    { CALENDAR_SETTINGS_URL: `javascript:${SECRET}` },
    "CALENDAR_SETTINGS_URL",
    /https/,
  ],
  ["a wildcard origin", { CALENDAR_ALLOWED_ORIGINS: "*" }, "CALENDAR_ALLOWED_ORIGINS", /origin/],
  [
    "an origin with a path",
    { CALENDAR_ALLOWED_ORIGINS: `https://a.example/${SECRET}` },
    "CALENDAR_ALLOWED_ORIGINS",
    /origin/,
  ],
  [
    "an origin of plain http",
    { CALENDAR_ALLOWED_ORIGINS: `http://${SECRET}.example` },
    "CALENDAR_ALLOWED_ORIGINS",
    /https/,
  ],
  [
    "a redirect URL of plain http",
    { CALENDAR_REDIRECT_URL: `http://${SECRET}.example/cb` },
    "CALENDAR_REDIRECT_URL",
    /https/,
  ],
  ["no Supabase URL", { SUPABASE_URL: undefined }, "SUPABASE_URL", /URL/],
  ["a Supabase URL that is none", { SUPABASE_URL: SECRET }, "SUPABASE_URL", /URL/],
  [
    "no publishable key",
    { SUPABASE_PUBLISHABLE_KEYS: undefined, SUPABASE_ANON_KEY: undefined },
    "SUPABASE_PUBLISHABLE_KEYS",
    /./,
  ],
  [
    "publishable keys that are no JSON",
    { SUPABASE_PUBLISHABLE_KEYS: `{${SECRET}` },
    "SUPABASE_PUBLISHABLE_KEYS",
    /JSON/,
  ],
  [
    "publishable keys without default",
    { SUPABASE_PUBLISHABLE_KEYS: `{"a":"${SECRET}"}`, SUPABASE_ANON_KEY: undefined },
    "SUPABASE_PUBLISHABLE_KEYS",
    /default/,
  ],
  [
    "a client id without its secret",
    { GOOGLE_CLIENT_SECRET: undefined },
    "GOOGLE_CLIENT_SECRET",
    /./,
  ],
  ["a secret without its client id", { OUTLOOK_CLIENT_ID: undefined }, "OUTLOOK_CLIENT_ID", /./],
  [
    "a token endpoint of plain http",
    { GOOGLE_TOKEN_ENDPOINT: `http://${SECRET}.example/` },
    "GOOGLE_TOKEN_ENDPOINT",
    /https/,
  ],
  [
    "an authorization endpoint that is none",
    { OUTLOOK_AUTHORIZATION_ENDPOINT: SECRET },
    "OUTLOOK_AUTHORIZATION_ENDPOINT",
    /URL/,
  ],
  ["a tenant with a path", { OUTLOOK_TENANT_ID: `../${SECRET}` }, "OUTLOOK_TENANT_ID", /./],
  [
    "a cookie name with a space",
    { CALENDAR_SESSION_COOKIE: `a ${SECRET}` },
    "CALENDAR_SESSION_COOKIE",
    /./,
  ],
  [
    "a deadline in words",
    { CALENDAR_EXCHANGE_TIMEOUT_MS: SECRET },
    "CALENDAR_EXCHANGE_TIMEOUT_MS",
    /millisecond/,
  ],
  [
    "kong without a redirect URL",
    kong({ CALENDAR_REDIRECT_URL: undefined }),
    "CALENDAR_REDIRECT_URL",
    /SUPABASE_URL/,
  ],
  [
    "kong without a cookie name",
    kong({ CALENDAR_SESSION_COOKIE: undefined }),
    "CALENDAR_SESSION_COOKIE",
    /SUPABASE_URL/,
  ],
];

function kong(changes: Changes): Changes {
  return {
    SUPABASE_URL: "http://kong:8000",
    CALENDAR_REDIRECT_URL: world.stack.callbackUrl,
    CALENDAR_SESSION_COOKIE: world.stack.sessionCookie,
    ...changes,
  };
}

for (const [what, changes, name, says] of WRONG) {
  Deno.test(`${what}: misconfigured, naming ${name} and never a value`, async () => {
    const user = await world.sharedUser("environment");
    const service = await world.newService(changes);
    const { result, calls } = await world.counting(() =>
      service.call("/connect/google", { method: "POST", headers: bearer(user) })
    );
    const { message, request_id } = await expectError(result, "misconfigured");
    ok(message.includes(name), message);
    match(message, says);
    await service.logLine(request_id);
    const lines = service.lines().filter((line) => line.includes(name));
    equal(lines.length, 1, service.lines().join("\n"));
    ok(!`${message}${service.lines().join("\n")}`.includes(SECRET));
    ok(!`${message}${service.lines().join("\n")}`.includes(btoa(SECRET)));
    equal(calls.length, 0);
    await service.stop();
  });
}

Deno.test("a provider that is not configured is not offered", async () => {
  const user = await world.newUser();
  const service = await world.newService({
    OUTLOOK_CLIENT_ID: undefined,
    OUTLOOK_CLIENT_SECRET: undefined,
  });
  deepEqual((await expectJson<{ providers: string[] }>(await service.call("/health"))).providers, [
    "google",
  ]);
  deepEqual((await status(service, user)).providers, ["google"]);
  const headers = bearer(user);
  const { result, calls } = await world.counting(() =>
    service.call("/connect/outlook", { method: "POST", headers })
  );
  await expectError(result, "unsupported_provider");
  equal(calls.length, 0);
  equal((await connected(service, user, "google")).connected, true);
  await service.stop();
});

Deno.test("what was connected at a provider that is no longer offered can be disconnected", async () => {
  const user = await world.newUser();
  await connected(world.service, user, "outlook");
  const service = await world.newService({
    OUTLOOK_CLIENT_ID: undefined,
    OUTLOOK_CLIENT_SECRET: undefined,
  });
  const response = await service.call("/disconnect?provider=outlook", {
    method: "DELETE",
    headers: bearer(user),
  });
  deepEqual((await expectJson<{ disconnected: string[] }>(response)).disconnected, ["outlook"]);
  await service.stop();
});

Deno.test("empty variables are absent ones", async () => {
  const service = await world.newService({
    OUTLOOK_TENANT_ID: "",
    CALENDAR_RETIRED_ENCRYPTION_KEYS: "",
    CALENDAR_ALLOWED_ORIGINS: "",
    CALENDAR_EXCHANGE_TIMEOUT_MS: "",
  });
  equal((await service.call("/health")).status, 200);
  await connect(service, await world.newUser(), "outlook");
  await service.stop();
});

Deno.test("the legacy anon key serves where there are no publishable keys", async () => {
  const service = await world.newService({
    SUPABASE_PUBLISHABLE_KEYS: undefined,
    SUPABASE_ANON_KEY: world.publishableKey,
  });
  await connect(service, await world.newUser(), "google");
  await service.stop();
});

Deno.test("a query in the settings URL is kept", async () => {
  const service = await world.newService({
    CALENDAR_SETTINGS_URL: "https://app.example.test/settings?tab=calendar",
  });
  const home = await expectRedirect(
    await service.call("/connect/google", { headers: navigation({ cookie: "" }) }),
  );
  equal(home.searchParams.get("tab"), "calendar");
  equal(home.searchParams.get("connected"), "error");
  const relayed = await expectRedirect(
    await service.call(`/callback/google?code=c&state=${STATE}`),
  );
  equal(relayed.search, "?tab=calendar");
  match(relayed.hash, /calendar_code=c/);
  await service.stop();
});

Deno.test("the redirect URL and the tenant go into the URLs", async () => {
  const service = await world.newService({
    CALENDAR_REDIRECT_URL: "https://app.example.test/api/calendar/callback",
    OUTLOOK_TENANT_ID: "11111111-2222-4333-8444-555555555555",
    OUTLOOK_AUTHORIZATION_ENDPOINT: undefined,
    OUTLOOK_TOKEN_ENDPOINT: undefined,
    OUTLOOK_ISSUER: undefined,
    GOOGLE_AUTHORIZATION_ENDPOINT: undefined,
  });
  const user = await world.newUser();
  const outlook = new URL((await connect(service, user, "outlook")).authorization_url);
  equal(
    outlook.origin + outlook.pathname,
    "https://login.microsoftonline.com/11111111-2222-4333-8444-555555555555/oauth2/v2.0/authorize",
  );
  equal(
    outlook.searchParams.get("redirect_uri"),
    "https://app.example.test/api/calendar/callback/outlook",
  );
  const google = new URL((await connect(service, user, "google")).authorization_url);
  equal(google.origin + google.pathname, "https://accounts.google.com/o/oauth2/v2/auth");
  await service.stop();
});

Deno.test("with nothing configured, every route says so and none crashes", async () => {
  const nothing = Object.fromEntries(DOCUMENTED_NAMES.map((name) => [name, undefined]));
  const service = await world.newService(nothing);
  for (const path of ["/connect/google", "/status", "/callback/google?code=c&state=s"]) {
    await expectError(await service.call(path), "misconfigured");
  }
  await service.stop();
});
