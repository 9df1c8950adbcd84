/** Input that no well-behaved client sends: each has its code, a remedy, a logged id, and stores nothing. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { type Code, expectError, expectRedirect } from "../support/answers.ts";
import {
  arrival,
  authorizeAs,
  bearer,
  callbackPath,
  connected,
  finishOf,
  post,
} from "../support/flow.ts";
import { openWorld } from "../support/world.ts";

const world = await openWorld();
const { service } = world;
Deno.test.afterAll(() => world.close());

const STATE = "s".repeat(43);
const CODE = "a-code";
const JSON_TYPE = "application/json";

/** Bodies of POST /callback/google; the state, where there is one, is a live one of the caller. */
const BODIES: [what: string, body: BodyInit | undefined, type: string | undefined, code: Code][] = [
  ["no body", undefined, JSON_TYPE, "invalid_request"],
  ["an empty body", "", JSON_TYPE, "invalid_request"],
  ["half a JSON text", '{"code":"c","sta', JSON_TYPE, "invalid_request"],
  ["a list", "[]", JSON_TYPE, "invalid_request"],
  ["null", "null", JSON_TYPE, "invalid_request"],
  ["a text", '"code"', JSON_TYPE, "invalid_request"],
  ["something after the JSON", `{"code":"c","state":"${STATE}"} x`, JSON_TYPE, "invalid_request"],
  ["bytes that are no UTF-8", new Uint8Array([0x7b, 0xff, 0x7d]), JSON_TYPE, "invalid_request"],
  [
    "JSON of 5,000 levels",
    `${'{"a":'.repeat(5000)}1${"}".repeat(5000)}`,
    JSON_TYPE,
    "invalid_request",
  ],
  ["no fields", "{}", JSON_TYPE, "invalid_request"],
  ["no code", `{"state":"${STATE}"}`, JSON_TYPE, "invalid_request"],
  ["no state", '{"code":"c"}', JSON_TYPE, "invalid_request"],
  ["an empty code", `{"code":"","state":"${STATE}"}`, JSON_TYPE, "invalid_request"],
  ["an empty state", '{"code":"c","state":""}', JSON_TYPE, "invalid_request"],
  ["a number for a code", `{"code":1,"state":"${STATE}"}`, JSON_TYPE, "invalid_request"],
  ["a list for a state", '{"code":"c","state":["s"]}', JSON_TYPE, "invalid_request"],
  ["null for a code", `{"code":null,"state":"${STATE}"}`, JSON_TYPE, "invalid_request"],
  ["a code twice", `{"code":"c","code":"d","state":"${STATE}"}`, JSON_TYPE, "invalid_request"],
  [
    "a state twice",
    `{"code":"c","state":"${STATE}","state":"${STATE}"}`,
    JSON_TYPE,
    "invalid_request",
  ],
  ["a newline in the code", `{"code":"a\\nb","state":"${STATE}"}`, JSON_TYPE, "invalid_request"],
  ["CR LF in the state", '{"code":"c","state":"s\\r\\ns"}', JSON_TYPE, "invalid_state"],
  ["NUL in the code", `{"code":"a\\u0000b","state":"${STATE}"}`, JSON_TYPE, "invalid_request"],
  ["NUL in the state", '{"code":"c","state":"s\\u0000"}', JSON_TYPE, "invalid_state"],
  ["DEL in the code", `{"code":"a\\u007f","state":"${STATE}"}`, JSON_TYPE, "invalid_request"],
  [
    "a code over 4 KiB",
    `{"code":"${"c".repeat(4097)}","state":"${STATE}"}`,
    JSON_TYPE,
    "invalid_request",
  ],
  [
    "a state over 4 KiB",
    `{"code":"c","state":"${"s".repeat(4097)}"}`,
    JSON_TYPE,
    "invalid_state",
  ],
  ["a body over 32 KiB", `{"code":"${"c".repeat(33_000)}"}`, JSON_TYPE, "payload_too_large"],
  ["a body of 1 MiB of spaces", " ".repeat(1 << 20), JSON_TYPE, "payload_too_large"],
  ["a form", "code=c&state=s", "application/x-www-form-urlencoded", "unsupported_media_type"],
  ["plain text", "{}", "text/plain", "unsupported_media_type"],
  ["no media type", new Uint8Array([0x7b, 0x7d]), undefined, "unsupported_media_type"],
];

for (const [what, body, type, code] of BODIES) {
  Deno.test(`POST callback with ${what}: ${code}`, async () => {
    const user = await world.sharedUser("bodies");
    const { result, calls } = await world.counting(() =>
      // Past the gateway, which would go on sending what is refused before it is read.
      fetch(`${service.direct}/calendar/callback/google`, {
        method: "POST",
        headers: { ...bearer(user), ...(type ? { "content-type": type } : {}) },
        ...(body === undefined ? {} : { body }),
      })
    );
    const { request_id, message } = await expectError(result, code);
    ok(!message.includes(STATE));
    const log = JSON.parse(await service.logLine(request_id));
    equal(log.code, code);
    if (code === "invalid_request") match(log.cause, /^[a-z_]+$/);
    equal(calls.length, 0, "nothing is asked of the database");
  });
}

Deno.test("a body of unknown length over 32 KiB is refused too", async () => {
  const user = await world.sharedUser("bodies");
  const block = new TextEncoder().encode(" ".repeat(8192));
  let left = 64;
  const body = new ReadableStream({
    pull(controller) {
      if (left-- > 0) controller.enqueue(block);
      else controller.close();
    },
  });
  const response = await fetch(`${service.direct}/calendar/callback/google`, {
    method: "POST",
    headers: { ...bearer(user), "content-type": JSON_TYPE },
    body,
  });
  await expectError(response, "payload_too_large");
});

Deno.test("unknown fields in the body are ignored", async () => {
  const user = await world.newUser();
  const callback = await authorizeAs(service, user, "google");
  const body = { ...finishOf(callback), authuser: "0", prompt: "consent", hd: "example.test" };
  equal((await post(service, user, "google", body)).status, 200);
});

Deno.test("a charset beside the media type is fine", async () => {
  const user = await world.newUser();
  const callback = await authorizeAs(service, user, "google");
  const response = await service.call("/callback/google", {
    method: "POST",
    headers: { ...bearer(user), "content-type": "Application/JSON; charset=utf-8" },
    body: JSON.stringify(finishOf(callback)),
  });
  equal(response.status, 200, await response.text());
});

/** Queries of GET /callback/google: a browser is there, so even these end at the settings page. */
const QUERIES: [what: string, query: string, code?: Code][] = [
  ["nothing", ""],
  ["no code", `?state=${STATE}`],
  ["no state", `?code=${CODE}`],
  ["an empty code", `?code=&state=${STATE}`],
  ["an empty state", `?code=${CODE}&state=`],
  ["a code twice", `?code=${CODE}&code=other&state=${STATE}`],
  ["a state twice", `?code=${CODE}&state=${STATE}&state=${STATE}`],
  ["an iss twice", `?code=${CODE}&state=${STATE}&iss=a&iss=a`],
  ["an error twice", `?error=access_denied&error=x&state=${STATE}`],
  ["CR LF in the code", `?code=a%0d%0aSet-Cookie:x&state=${STATE}`],
  ["NUL in the state", `?code=${CODE}&state=s%00s`, "invalid_state"],
  ["CR LF in the error", `?error=a%0d%0aSet-Cookie:x&state=${STATE}`],
  ["bytes that are no UTF-8", `?code=%ff%fe&state=${STATE}`],
  ["a code over 4 KiB", `?code=${"c".repeat(4097)}&state=${STATE}`],
  ["a query over 8 KiB", `?code=${CODE}&state=${STATE}&x=${"x".repeat(8200)}`],
];

for (const [what, query, code = "invalid_request"] of QUERIES) {
  for (const session of ["a session", "no session"] as const) {
    Deno.test(`GET callback with ${what} and ${session}: home with ${code}`, async () => {
      const user = await world.sharedUser("queries");
      const { result, calls } = await world.counting(() =>
        service.call(`/callback/google${query}`, {
          headers: session === "a session" ? arrival(user) : {},
        })
      );
      const home = await expectRedirect(result);
      equal(home.origin + home.pathname, world.settingsUrl);
      equal(home.searchParams.get("connected"), "error");
      equal(home.searchParams.get("reason"), code);
      equal(home.hash, "");
      const id = result.headers.get("x-request-id") ?? "none";
      const log = JSON.parse(await service.logLine(id));
      equal(log.code, code);
      match(log.cause, /^[a-z_]+$/);
      ok(!home.href.includes(CODE));
      equal(calls.length, 0);
    });
  }
}

/** States that were never the caller's to finish; what is stored for the caller is as before. */
const STRANGE_STATES: [what: string, state: string][] = [
  ["unknown", STATE],
  ["too short", "short"],
  ["not base64url", "=".repeat(43)],
  ["SQL", "' or true; drop table calendar_connections; --"],
];

for (const [what, state] of STRANGE_STATES) {
  Deno.test(`a state that is ${what}: invalid_state, and the provider is not asked`, async () => {
    const user = await world.newUser();
    await connected(service, user, "google");
    const asked = world.google.tokenRequests.length;
    const response = await post(service, user, "google", { code: CODE, state });
    const { request_id } = await expectError(response, "invalid_state");
    equal(JSON.parse(await service.logLine(request_id)).code, "invalid_state");
    equal(world.google.tokenRequests.length, asked);
    deepEqual(await world.rowsOf(user), { connections: 1, states: 0 });
  });
}

Deno.test("a state is used once, even by its owner", async () => {
  const user = await world.newUser();
  const callback = await authorizeAs(service, user, "google");
  equal((await post(service, user, "google", finishOf(callback))).status, 200);
  await expectError(await post(service, user, "google", finishOf(callback)), "invalid_state");
  deepEqual(await world.rowsOf(user), { connections: 1, states: 0 });
});

Deno.test("another user's state is refused, and stays the other's", async () => {
  const [victim, attacker] = [await world.newUser(), await world.newUser()];
  const callback = await authorizeAs(service, victim, "google");
  const asked = world.google.tokenRequests.length;
  await expectError(await post(service, attacker, "google", finishOf(callback)), "invalid_state");
  const home = await expectRedirect(
    await service.call(callbackPath(callback), { headers: arrival(attacker) }),
  );
  equal(home.searchParams.get("reason"), "invalid_state");
  ok(!home.href.includes(finishOf(callback).code ?? ""));
  equal(world.google.tokenRequests.length, asked);
  deepEqual(await world.rowsOf(attacker), { connections: 0, states: 0 });
  equal((await post(service, victim, "google", finishOf(callback))).status, 200);
});

Deno.test("one provider's state at the other's callback is refused and spent", async () => {
  const user = await world.newUser();
  const callback = await authorizeAs(service, user, "google");
  const { code, state } = finishOf(callback);
  await expectError(await post(service, user, "outlook", { code, state }), "invalid_state");
  await expectError(await post(service, user, "google", { code, state }), "invalid_state");
  deepEqual(await world.rowsOf(user), { connections: 0, states: 0 });
});

Deno.test("an expired state is refused and spent", async () => {
  const user = await world.newUser();
  const callback = await authorizeAs(service, user, "google");
  await world.database.query(
    "update public.calendar_oauth_states set expires_at = now() where user_id = $1",
    [user.id],
  );
  const asked = world.google.tokenRequests.length;
  await expectError(await post(service, user, "google", finishOf(callback)), "invalid_state");
  equal(world.google.tokenRequests.length, asked);
  deepEqual(await world.rowsOf(user), { connections: 0, states: 0 });
});

for (const iss of ["https://attacker.example", "", "https://accounts.google.com/"]) {
  Deno.test(`an answer of the issuer "${iss}" is refused before the exchange`, async () => {
    const user = await world.newUser();
    const callback = await authorizeAs(service, user, "google");
    const asked = world.google.tokenRequests.length;
    const response = await post(service, user, "google", { ...finishOf(callback), iss });
    await expectError(response, "invalid_state");
    equal(world.google.tokenRequests.length, asked);
    equal((await world.rowsOf(user)).connections, 0);
  });
}

Deno.test("an answer without an issuer is accepted", async () => {
  const user = await world.newUser();
  const { code, state } = finishOf(await authorizeAs(service, user, "outlook"));
  equal((await post(service, user, "outlook", { code, state })).status, 200);
});

const BAD_QUERIES: [what: string, method: string, path: string, code: Code][] = [
  ["a query over 8 KiB", "GET", `/connect/google?x=${"x".repeat(8200)}`, "invalid_request"],
  ["a query over 8 KiB", "GET", `/status?x=${"x".repeat(8200)}`, "invalid_request"],
  ["a parameter it does not take", "POST", "/connect/google?conection=x", "invalid_request"],
  [
    "an OAuth parameter",
    "GET",
    "/connect/google?redirect_uri=https://x.example",
    "invalid_request",
  ],
  ["NUL in the path", "GET", "/connect/google%00", "invalid_request"],
  ["NUL in the path", "GET", "/callback/google%00?code=c&state=s", "invalid_request"],
  ["CR LF in the path", "POST", "/connect/%0d%0agoogle", "invalid_request"],
  ["LF in the path", "DELETE", "/disconnect%0a", "invalid_request"],
  ["VT in the path", "GET", "/status%0b", "invalid_request"],
  ["ESC in the path", "GET", "/status%1B", "invalid_request"],
  ["DEL in the path", "GET", "/status%7f", "invalid_request"],
  ["CR before the function", "GET", "/%0d/calendar/status", "invalid_request"],
  ["two providers", "DELETE", "/disconnect?provider=google&provider=outlook", "invalid_request"],
  ["a capital letter in the name", "DELETE", "/disconnect?Provider=google", "invalid_request"],
  ["a list for a provider", "DELETE", "/disconnect?provider[]=google", "invalid_request"],
  ["a misspelt name", "DELETE", "/disconnect?providers=google", "invalid_request"],
  ["one parameter too many", "DELETE", "/disconnect?provider=google&x=y", "invalid_request"],
  ["an empty provider", "DELETE", "/disconnect?provider=", "unsupported_provider"],
];

for (const [what, method, path, code] of BAD_QUERIES) {
  Deno.test(`${method} ${path.slice(0, 20)}… with ${what}: ${code}, and nothing is asked of the database`, async () => {
    const user = await world.sharedUser("bad queries");
    const { result, calls } = await world.counting(() =>
      service.call(path, { method, headers: bearer(user) })
    );
    const { request_id } = await expectError(result, code);
    if (code === "invalid_request") {
      match(JSON.parse(await service.logLine(request_id)).cause, /^[a-z_]+$/);
    }
    equal(calls.length, 0);
  });
}

Deno.test("a misspelt parameter of disconnect disconnects nothing", async () => {
  const user = await world.newUser();
  await connected(service, user, "google");
  for (const query of ["Provider=outlook", "provider[]=outlook", "providers=outlook", "outlook"]) {
    const response = await service.call(`/disconnect?${query}`, {
      method: "DELETE",
      headers: bearer(user),
    });
    await expectError(response, "invalid_request");
  }
  deepEqual(await world.rowsOf(user), { connections: 1, states: 0 });
});

Deno.test("the region that supabase-js puts into the URL is no parameter of ours", async () => {
  const user = await world.newUser();
  await connected(service, user, "google");
  const response = await service.call("/disconnect?forceFunctionRegion=eu-west-1", {
    method: "DELETE",
    headers: bearer(user),
  });
  equal(response.status, 200, await response.text());
  deepEqual(await world.rowsOf(user), { connections: 0, states: 0 });
});
