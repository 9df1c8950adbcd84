/** The admin API: every operation over HTTP, and what it refuses. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { operations } from "../../cli/emulator/admin.js";
import {
  authorizationUrl,
  connect,
  freeBusy,
  GOOGLE_CALENDAR,
  type Json,
  newVerifier,
  refresh,
  type RunningEmulator,
  setting,
  withEmulator,
} from "./support.ts";

const ANN = "demo.person@gmail.example";

async function ask(
  emulator: RunningEmulator,
  method: string,
  path: string,
  body?: unknown,
  // deno-lint-ignore no-explicit-any
): Promise<{ status: number; body: any }> {
  const response = await fetch(`${emulator.url}/_${path}`, {
    method,
    ...(body === undefined
      ? {}
      : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
  });
  return { status: response.status, body: await response.json() };
}

Deno.test("the API lists its operations, and the root leads there", () =>
  withEmulator(async (emulator) => {
    const { body } = await ask(emulator, "GET", "/");
    equal(body.operations.length, operations.length);
    const root = await fetch(emulator.url);
    equal(new URL(root.url).pathname, "/_/");
    await root.body?.cancel();
    equal((await ask(emulator, "GET", "/nothing")).status, 404);
  }));

Deno.test("the state names people, clients and grants, and no secret or token", () =>
  withEmulator(async (emulator) => {
    const ann = await connect(emulator, "google", ANN);
    const { body } = await ask(emulator, "GET", "/state");
    equal(body.people.length, 8);
    deepEqual(body.grants.map(({ person, ended }: Json) => [person, ended]), [[ANN, null]]);
    const text = JSON.stringify(body);
    for (const secret of [ann.access, ann.refresh, setting(emulator, "google", "CLIENT_SECRET")]) {
      equal(text.includes(secret), false);
    }
  }));

Deno.test("people come, change and go", () =>
  withEmulator(async (emulator) => {
    const zoe = {
      provider: "google",
      email: "zoe@gmail.example",
      events: [{ start: "2026-03-30T09:00", time_zone: "UTC" }],
    };
    const added = await ask(emulator, "POST", "/people", zoe);
    deepEqual([added.status, added.body.name, added.body.calendars.length], [201, "Zoe", 1]);
    const changed = await ask(emulator, "PATCH", "/people/zoe%40gmail.example", {
      state: "disabled",
    });
    equal(changed.body.state, "disabled");
    equal((await ask(emulator, "GET", "/people/zoe@gmail.example")).body.state, "disabled");
    equal((await ask(emulator, "DELETE", "/people/zoe@gmail.example")).status, 200);
    equal((await ask(emulator, "GET", "/people/zoe@gmail.example")).status, 404);
  }));

Deno.test("calendars and events come, change and go, and the provider answers accordingly", () =>
  withEmulator(async (emulator) => {
    const person = "nothing.planned@gmail.example";
    const connection = await connect(emulator, "google", person);
    const window = { timeMin: "2026-03-30T00:00:00Z", timeMax: "2026-03-31T00:00:00Z" };
    const busy = async (id: string) =>
      (await freeBusy(emulator, connection, window, [id])).calendars[id];
    const { body: calendar } = await ask(emulator, "POST", "/calendars", {
      person,
      name: "Second",
    });
    const event = { person, calendar: calendar.id, id: "one", start: "2026-03-30T09:00:00Z" };
    equal((await ask(emulator, "POST", "/events", event)).status, 201);
    equal((await busy(calendar.id))?.busy.length, 1);
    equal((await ask(emulator, "POST", "/events", { ...event, minutes: 600 })).status, 201);
    equal((await busy(calendar.id))?.busy[0]?.end, "2026-03-30T19:00:00Z");
    deepEqual((await ask(emulator, "DELETE", "/events/one")).body, { removed: 1 });
    equal((await busy(calendar.id))?.busy.length, 0);
    const path = `/calendars/${encodeURIComponent(calendar.id)}`;
    await ask(emulator, "PATCH", path, { person, error: "backendError" });
    equal((await busy(calendar.id))?.errors?.[0]?.reason, "backendError");
    await ask(emulator, "PATCH", path, { person, error: null });
    equal((await busy(calendar.id))?.errors, undefined);
    equal((await ask(emulator, "DELETE", `${path}?person=${person}`)).status, 200);
    equal((await busy(calendar.id))?.errors?.[0]?.reason, "notFound");
    equal((await ask(emulator, "DELETE", "/events/one")).status, 404);
  }));

Deno.test("the clock is set, moved and stopped", () =>
  withEmulator(async (emulator) => {
    const set = await ask(emulator, "POST", "/clock", {
      now: "2030-01-01T00:00:00Z",
      frozen: true,
    });
    deepEqual(set.body, { now: "2030-01-01T00:00:00.000Z", frozen: true });
    const moved = await ask(emulator, "POST", "/clock", { advance: "1d12h" });
    equal(moved.body.now, "2030-01-02T12:00:00.000Z");
    equal(
      (await ask(emulator, "POST", "/clock", { advance: -3600 })).body.now,
      "2030-01-02T11:00:00.000Z",
    );
    equal((await ask(emulator, "GET", "/clock")).body.now, "2030-01-02T11:00:00.000Z");
    const response = await fetch(`${emulator.url}/google/oauth2/v3/certs`);
    await response.body?.cancel();
    equal(response.headers.get("date"), "Wed, 02 Jan 2030 11:00:00 GMT");
    equal((await ask(emulator, "POST", "/clock", { now: "soon" })).status, 400);
    equal((await ask(emulator, "POST", "/clock", { advance: "1 fortnight" })).status, 400);
  }));

Deno.test("clients and tenants are registered and changed", () =>
  withEmulator(async (emulator) => {
    const client = {
      provider: "microsoft",
      client_id: "second",
      client_secret: "a-secret-that-is-not-real",
      redirect_uris: ["http://127.0.0.1:9/x"],
    };
    equal((await ask(emulator, "POST", "/clients", client)).status, 201);
    const change = { provider: "microsoft", client_id: "second", state: "deleted" };
    equal((await ask(emulator, "PATCH", "/clients", change)).body.state, "deleted");
    equal((await ask(emulator, "PATCH", "/clients", { ...change, state: "asleep" })).status, 400);
    equal(
      (await ask(emulator, "PATCH", "/clients", { ...change, client_id: "third" })).status,
      404,
    );
    const tenant = await ask(emulator, "POST", "/tenants", { domain: "new.example" });
    match(tenant.body.id, /^[0-9a-f-]{36}$/);
  }));

Deno.test("a grant dies for a reason and comes back", () =>
  withEmulator(async (emulator) => {
    const ann = await connect(emulator, "google", ANN);
    deepEqual((await ask(emulator, "POST", "/grants/end", { person: ANN })).body, { ended: 1 });
    equal((await refresh(emulator, ann)).body.error, "invalid_grant");
    equal((await ask(emulator, "GET", "/grants")).body[0].ended, "revoked");
    deepEqual((await ask(emulator, "POST", "/grants/restore", { person: ANN })).body, {
      restored: 1,
    });
    equal((await refresh(emulator, ann)).status, 200);
    equal((await ask(emulator, "POST", "/grants/end", { reason: "boredom" })).status, 400);
  }));

Deno.test("a consent page is answered without a browser", () =>
  withEmulator(async (emulator) => {
    const url = authorizationUrl(emulator, "google", newVerifier()).href;
    const allowed = await ask(emulator, "POST", "/consent", { url, account: ANN });
    ok(new URL(allowed.body.location).searchParams.get("code"));
    const denied = await ask(emulator, "POST", "/consent", { url, decision: "deny" });
    equal(new URL(denied.body.location).searchParams.get("error"), "access_denied");
    const less = await ask(emulator, "POST", "/consent", { url, untick: [GOOGLE_CALENDAR] });
    equal(new URL(less.body.location).searchParams.get("scope")?.includes("calendar"), false);
  }));

Deno.test("rules are added, listed and removed", () =>
  withEmulator(async (emulator) => {
    const rule = { name: "down", match: { route: "google.*" }, do: { status: 503 } };
    equal((await ask(emulator, "POST", "/faults", rule)).status, 201);
    const { body } = await ask(emulator, "GET", "/faults");
    deepEqual([body.length, body[0].name, body[0].times], [1, "down", null]);
    equal((await ask(emulator, "DELETE", "/faults/up")).status, 404);
    deepEqual((await ask(emulator, "DELETE", "/faults/down")).body, []);
    await ask(emulator, "POST", "/faults", rule);
    deepEqual((await ask(emulator, "DELETE", "/faults")).body, []);
    equal((await ask(emulator, "POST", "/faults", { do: {} })).status, 400);
  }));

Deno.test("the journal says what reached the providers, without secrets", () =>
  withEmulator(async (emulator) => {
    const ann = await connect(emulator, "google", ANN);
    await refresh(emulator, ann);
    const { body } = await ask(emulator, "GET", "/requests?route=google.token");
    deepEqual(body.map(({ account, grant_type, status }: Json) => [account, grant_type, status]), [
      [ANN, "authorization_code", 200],
      [ANN, "refresh_token", 200],
    ]);
    const all = JSON.stringify((await ask(emulator, "GET", "/requests")).body);
    for (const secret of [ann.access, ann.refresh, setting(emulator, "google", "CLIENT_SECRET")]) {
      equal(all.includes(secret), false);
    }
    deepEqual((await ask(emulator, "GET", "/requests?account=nobody@x.example")).body, []);
    deepEqual((await ask(emulator, "DELETE", "/requests")).body, []);
  }));

Deno.test("a reset goes back to the start, and the same seed gives the same tokens", () =>
  withEmulator(async (emulator) => {
    emulator.control.clock({ now: "2026-03-30T00:00:00Z", frozen: true });
    await ask(emulator, "POST", "/reset", { seed: "nine" });
    const first = await connect(emulator, "google", ANN);
    await ask(emulator, "POST", "/people", { provider: "google", email: "new@gmail.example" });
    const { body } = await ask(emulator, "POST", "/reset", { seed: "nine" });
    deepEqual([body.people.length, body.grants, body.frozen], [8, [], false]);
    equal((await refresh(emulator, first)).status, 400);
    equal((await connect(emulator, "google", ANN)).refresh, first.refresh);
  }));

Deno.test("a scenario is used by name or sent whole, and a path is not read", () =>
  withEmulator(async (emulator) => {
    const scenario = {
      title: "Everything is down",
      description: "Each route answers 503.",
      expect: "The app says that the provider is unavailable.",
      faults: [{ do: { status: 503 } }],
    };
    equal((await ask(emulator, "POST", "/scenario", { scenario })).body.title, scenario.title);
    equal((await ask(emulator, "GET", "/faults")).body.length, 1);
    equal(
      (await ask(emulator, "POST", "/scenario", { scenario: { ...scenario, odd: 1 } })).status,
      400,
    );
    equal((await ask(emulator, "POST", "/scenario", { name: "../../package" })).status, 400);
    equal((await ask(emulator, "POST", "/scenario", { name: "unheard-of" })).status, 404);
    equal((await ask(emulator, "POST", "/scenario", {})).status, 400);
  }));

const REFUSED: [string, string, unknown, RegExp][] = [
  ["a person without an address", "/people", { provider: "google", email: "ann" }, /address/],
  ["a person of nobody", "/people", { provider: "apple", email: "a@b.example" }, /provider/],
  ["a misspelt member", "/people", { provider: "google", email: "a@b.example", nmae: 1 }, /"nmae"/],
  [
    "an odd zone",
    "/people",
    { provider: "google", email: "a@b.example", time_zone: "FOO5" },
    /zone/,
  ],
  ["an odd state", "/people", { provider: "google", email: "a@b.example", state: "x" }, /state/],
  ["an event without a start", "/events", { person: ANN }, /start/],
  ["an odd start", "/events", { person: ANN, start: "noon" }, /noon/],
  [
    "an end before the start",
    "/events",
    { person: ANN, start: "2026-03-30", end: "2026-03-29" },
    /before/,
  ],
  ["an odd answer", "/events", { person: ANN, start: "2026-03-30", response: "maybe" }, /response/],
  ["an odd colour", "/events", { person: ANN, start: "2026-03-30", show_as: "red" }, /show_as/],
  [
    "no end of repeats",
    "/events",
    { person: ANN, start: "2026-03-30", repeat: { every: "day" } },
    /count/,
  ],
  ["a second primary calendar", "/calendars", { person: ANN, primary: true }, /already/],
  [
    "a client without a secret",
    "/clients",
    { provider: "google", client_id: "x" },
    /client_secret/,
  ],
];

for (const [what, path, body, says] of REFUSED) {
  Deno.test(`the API refuses ${what} and says why`, () =>
    withEmulator(async (emulator) => {
      const answer = await ask(emulator, "POST", path, body);
      ok(answer.status === 400 || answer.status === 409, String(answer.status));
      match(answer.body.error, says);
    }));
}

Deno.test("a page in a browser cannot send an admin request without asking first", () =>
  withEmulator(async (emulator) => {
    const send = (headers: Record<string, string>, body?: string) =>
      fetch(`${emulator.url}/_/reset`, { method: "POST", headers, ...(body ? { body } : {}) });
    for (const type of ["text/plain", "application/x-www-form-urlencoded"]) {
      const response = await send({ "content-type": type }, '{"seed":"1"}');
      await response.body?.cancel();
      equal(response.status, 415);
    }
    const empty = await send({ "sec-fetch-site": "cross-site" });
    await empty.body?.cancel();
    equal(empty.status, 415);
    const plain = await send({});
    await plain.body?.cancel();
    deepEqual([plain.status, plain.headers.get("access-control-allow-origin")], [201, null]);
  }));

Deno.test("what is not there is a 404, another method a 405, and a huge body a 413", () =>
  withEmulator(async (emulator) => {
    const status = async (path: string, init: RequestInit = {}) => {
      const response = await fetch(emulator.url + path, init);
      await response.body?.cancel();
      return response.status;
    };
    equal(await status("/google/nothing"), 404);
    equal(await status("/google/token"), 405);
    equal(await status("/google/calendar/v3/calendars/%E0%A4%A"), 400);
    const body = "x".repeat(5 * 1024 * 1024);
    equal(await status("/google/token", { method: "POST", body }), 413);
  }));
