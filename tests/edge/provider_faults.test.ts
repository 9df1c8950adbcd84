/** A token endpoint that refuses, breaks, lies or stays silent: a clear code in time, and nothing stored. */
import { deepEqual, equal, ok } from "node:assert/strict";
import {
  type Answer,
  deepJson,
  gzipBomb,
  json,
  startHostileProvider,
  tokens,
} from "../providers/hostile.ts";
import { CALENDAR_SCOPE, type ProviderName } from "../providers/strict.ts";
import { type Code, expectError, expectJson, expectRedirect } from "../support/answers.ts";
import { arrival, connect, post } from "../support/flow.ts";
import type { Status } from "../support/payloads.ts";
import { openWorld, type Service, type User } from "../support/world.ts";

const hostile = startHostileProvider();
const elsewhere = startHostileProvider();
const world = await openWorld();
const endpoints = {
  GOOGLE_TOKEN_ENDPOINT: hostile.tokenEndpoint,
  OUTLOOK_TOKEN_ENDPOINT: hostile.tokenEndpoint,
};
const allowNet = [hostile, elsewhere].map(({ origin }) => new URL(origin).host);
const service = await world.newService(endpoints, { allowNet });
/** For faults that only a deadline ends. */
const hurried = await world.newService(
  { ...endpoints, CALENDAR_EXCHANGE_TIMEOUT_MS: "700" },
  { allowNet },
);

Deno.test.afterAll(async () => {
  await world.close();
  await hostile.stop();
  await elsewhere.stop();
});

/** What only the provider says; it reaches neither the caller nor the log. */
const CANARY = "PROVIDERTEXT";

const GOOD = tokens(CALENDAR_SCOPE.google);

/** A refusal in the words of RFC 6749. */
function refusal(error: string, status = 400, more: Record<string, unknown> = {}): Answer {
  return json(status, { error, error_description: CANARY, ...more });
}

function page(status: number): Answer {
  return { status, headers: { "content-type": "text/html" }, body: `<h1>${CANARY}</h1>` };
}

function text(body: string): Answer {
  return { status: 200, headers: { "content-type": "application/json" }, body };
}

function without(field: string): Answer {
  return tokens(CALENDAR_SCOPE.google, { [field]: undefined });
}

function having(field: string, value: unknown): Answer {
  return tokens(CALENDAR_SCOPE.google, { [field]: value });
}

const FAULTS: [what: string, answer: Answer, code: Code][] = [
  ["invalid_grant", refusal("invalid_grant"), "provider_rejected"],
  ["an unheard-of error", refusal("no_such_error"), "provider_rejected"],
  ["invalid_client", refusal("invalid_client", 401), "misconfigured"],
  ["unauthorized_client", refusal("unauthorized_client"), "misconfigured"],
  ["redirect_uri_mismatch", refusal("redirect_uri_mismatch"), "misconfigured"],
  ["deleted_client", refusal("deleted_client", 401), "misconfigured"],
  ["invalid_scope", refusal("invalid_scope"), "misconfigured"],
  ["invalid_request", refusal("invalid_request"), "misconfigured"],
  ["server_error", refusal("server_error"), "provider_unavailable"],
  ["temporarily_unavailable", refusal("temporarily_unavailable"), "provider_unavailable"],
  ["500 with a page", page(500), "provider_unavailable"],
  ["502 with nothing", { status: 502 }, "provider_unavailable"],
  ["503 with JSON", refusal("temporarily_unavailable", 503), "provider_unavailable"],
  ["504 with a page", page(504), "provider_unavailable"],
  ["429", json(429, { error: CANARY }, { "retry-after": "7" }), "rate_limited"],
  ["429 without Retry-After", json(429, {}), "rate_limited"],
  ["400 with a page", page(400), "provider_rejected"],
  ["404 with a page", page(404), "provider_rejected"],
  ["200 with a page", page(200), "provider_rejected"],
  ["200 with nothing", { status: 200 }, "provider_rejected"],
  ["200 with half a JSON text", text('{"access_token":"'), "provider_rejected"],
  ["200 with a list", text("[]"), "provider_rejected"],
  ["200 with null", text("null"), "provider_rejected"],
  ["JSON of 10,000 levels", deepJson(10_000), "provider_rejected"],
  ["no access token", without("access_token"), "provider_rejected"],
  ["an empty access token", having("access_token", ""), "provider_rejected"],
  ["a number for an access token", having("access_token", 1), "provider_rejected"],
  ["null for an access token", having("access_token", null), "provider_rejected"],
  ["a newline in the access token", having("access_token", "a\nb"), "provider_rejected"],
  ["an access token over 16 KiB", having("access_token", "a".repeat(16_385)), "provider_rejected"],
  ["a refresh token that is a list", having("refresh_token", ["r"]), "provider_rejected"],
  ["no token type", without("token_type"), "provider_rejected"],
  ["an unknown token type", having("token_type", "mac"), "provider_rejected"],
  ["a scope that is a number", having("scope", 1), "provider_rejected"],
  ["an answer over 64 KiB", having("filler", "x".repeat(65_536)), "provider_rejected"],
  ["a bomb of 64 MiB", await gzipBomb(64 << 20), "provider_rejected"],
  ["no refresh token", without("refresh_token"), "insufficient_scope"],
  ["an empty refresh token", having("refresh_token", ""), "provider_rejected"],
  ["another scope", having("scope", "openid email"), "insufficient_scope"],
  ["an empty scope", having("scope", ""), "insufficient_scope"],
  ["a longer scope", having("scope", `${CALENDAR_SCOPE.google}.x`), "insufficient_scope"],
  ["a reset", { fault: "reset" }, "provider_unavailable"],
  ["silence", { fault: "silence" }, "provider_unavailable"],
  ["half of the body and silence", { ...GOOD, fault: "stall" }, "provider_unavailable"],
  ["a body that never ends", { fault: "drip" }, "provider_unavailable"],
  ["half of the body and the end", { ...GOOD, fault: "truncate" }, "provider_unavailable"],
];

for (const [what, answer, code] of FAULTS) {
  Deno.test(`${what} at the exchange is ${code}, and nothing is stored`, async () => {
    const user = await world.newUser();
    const before = hostile.received.length;
    const response = await finish(user, "google", answer);
    const { message, request_id } = await expectError(response, code);
    equal(hostile.received.length - before, 1, "the exchange is not repeated");
    ok(!message.includes(CANARY));
    equal(JSON.parse(await serviceFor(answer).logLine(request_id)).code, code);
    ok(!serviceFor(answer).lines().some((line) => line.includes(CANARY)));
    deepEqual(await world.rowsOf(user), { connections: 0, states: 0 });
    equal(await world.flag(user), false);
  });
}

for (const status of [301, 302, 303, 307, 308]) {
  Deno.test(`a ${status} at the exchange is not followed`, async () => {
    const user = await world.newUser();
    elsewhere.always(GOOD);
    const headers = { location: elsewhere.tokenEndpoint };
    const response = await finish(user, "google", { status, headers });
    await expectError(response, "provider_rejected");
    deepEqual(elsewhere.received, []);
    deepEqual(await world.rowsOf(user), { connections: 0, states: 0 });
  });
}

Deno.test("a Retry-After of the provider is handed on", async () => {
  const answer = json(429, {}, { "retry-after": "7" });
  const response = await finish(await world.newUser(), "google", answer);
  await expectError(response, "rate_limited");
  equal(response.headers.get("retry-after"), "7");
});

for (const value of ["soon", "-1", "9".repeat(40), "7, 8"]) {
  Deno.test(`a Retry-After of "${value}" is not handed on as it is`, async () => {
    const answer = json(429, {}, { "retry-after": value });
    const response = await finish(await world.newUser(), "google", answer);
    await expectError(response, "rate_limited");
    ok(/^\d{1,6}$/.test(response.headers.get("retry-after") ?? ""));
  });
}

Deno.test("in a browser, a provider's fault leads home with the reason and no code", async () => {
  const user = await world.newUser();
  const { authorization_url } = await connect(service, user, "google");
  const state = new URL(authorization_url).searchParams.get("state") ?? "";
  hostile.script(page(500));
  const home = await expectRedirect(
    await service.call(`/callback/google?code=${CANARY}&state=${state}`, {
      headers: arrival(user),
    }),
  );
  deepEqual([home.searchParams.get("connected"), home.searchParams.get("reason")], [
    "error",
    "provider_unavailable",
  ]);
  ok(!home.href.includes(CANARY));
  deepEqual(await world.rowsOf(user), { connections: 0, states: 0 });
});

Deno.test("a failed reconnection leaves the connection that was there", async () => {
  const user = await world.newUser();
  await expectJson(await finish(user, "google", GOOD));
  const before = await world.sealedRows(user);
  await expectError(await finish(user, "google", without("refresh_token")), "insufficient_scope");
  deepEqual(await world.sealedRows(user), before);
  equal(await world.flag(user), true);
});

/** What Microsoft answers to the calendar's scope, in all the ways it is known to. */
const OUTLOOK_SCOPES = [
  "https://graph.microsoft.com/Calendars.Read",
  "offline_access https://graph.microsoft.com/Calendars.Read",
  "Calendars.Read",
  "calendars.read openid profile",
  "HTTPS://GRAPH.MICROSOFT.COM/CALENDARS.READ",
  undefined,
];

for (const scope of OUTLOOK_SCOPES) {
  Deno.test(`outlook: the scope "${scope ?? "as asked"}" holds the calendar`, async () => {
    const answer = { ...tokens(""), ...json(200, { ...fields(), scope }) };
    const response = await finish(await world.newUser(), "outlook", answer);
    equal((await expectJson<Status>(response)).connected, true);
  });
}

for (const scope of ["User.Read", "Calendars.Read.Shared", "Mail.Read offline_access"]) {
  Deno.test(`outlook: the scope "${scope}" does not`, async () => {
    const answer = json(200, { ...fields(), scope });
    const response = await finish(await world.newUser(), "outlook", answer);
    await expectError(response, "insufficient_scope");
  });
}

Deno.test("an access token of 8 KiB and a code of 3 KiB connect", async () => {
  const user = await world.newUser();
  const answer = having("access_token", "a".repeat(8192));
  await expectJson(await finish(user, "google", answer, "c".repeat(3072)));
  equal(hostile.received.at(-1)?.form.code?.length, 3072);
});

Deno.test("a token type in another case is the same type", async () => {
  await expectJson(
    await finish(await world.newUser(), "google", having("token_type", "bearer")),
  );
});

function fields(): Record<string, unknown> {
  return JSON.parse(String(GOOD.body));
}

function serviceFor({ fault }: Answer): Service {
  return fault === "silence" || fault === "stall" || fault === "drip" ? hurried : service;
}

/** Connects, and finishes with a code for which the hostile endpoint gives this answer. */
async function finish(
  user: User,
  provider: ProviderName,
  answer: Answer,
  code = "code-of-a-test",
): Promise<Response> {
  const { authorization_url } = await connect(service, user, provider);
  const state = new URL(authorization_url).searchParams.get("state");
  hostile.script(answer);
  return await post(serviceFor(answer), user, provider, { code, state });
}
