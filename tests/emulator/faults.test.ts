/** Faults by rule: which requests they hit, and what becomes of those. */
import { deepEqual, equal, match, ok, rejects, throws } from "node:assert/strict";
import type { FaultInput } from "../../cli/emulator/types.d.ts";
import {
  call,
  connect,
  consent,
  googleReason,
  type Json,
  post,
  refresh,
  type RunningEmulator,
  setting,
  withEmulator,
} from "./support.ts";

const ANN = "demo.person@gmail.example";
const BOB = "demo.person@acme.example";
const KIM = "demo.person@outlook.example";

/** Refreshes Ann's token beside a fault and gives what came raw. */
function hit(
  action: FaultInput["do"],
  judge: (response: Response, text: string, emulator: RunningEmulator) => void | Promise<void>,
) {
  return withEmulator(async (emulator) => {
    const ann = await connect(emulator, "google", ANN);
    emulator.control.addFault({ match: { route: "google.token" }, do: action });
    const response = await rawRefresh(emulator, ann.refresh);
    await judge(response, await response.text(), emulator);
  });
}

function rawRefresh(emulator: RunningEmulator, refresh_token: string) {
  return fetch(setting(emulator, "google", "TOKEN_ENDPOINT"), {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "refresh_token",
      refresh_token,
      client_id: setting(emulator, "google", "CLIENT_ID"),
      client_secret: setting(emulator, "google", "CLIENT_SECRET"),
    }),
  });
}

Deno.test("a status and a body of one's own", () =>
  hit({ status: 418, body: { error: "teapot" }, headers: { "x-one": "1" } }, (response, text) => {
    deepEqual([response.status, response.headers.get("x-one")], [418, "1"]);
    deepEqual(JSON.parse(text), { error: "teapot" });
  }));

Deno.test("a body that is a text, and a 200 without a body", async () => {
  await hit({ status: 500, body: "oops" }, (response, text) => {
    deepEqual([response.headers.get("content-type"), text], ["text/plain", "oops"]);
  });
  await hit({ body: "" }, (response, text) => deepEqual([response.status, text], [200, ""]));
});

Deno.test("an HTML page where JSON belongs", () =>
  hit({ html: true }, (response, text) => {
    deepEqual([response.status, response.headers.get("content-type")], [
      502,
      "text/html; charset=utf-8",
    ]);
    match(text, /^<!doctype html>/);
  }));

Deno.test("a 429 with Retry-After", () =>
  hit({ status: 429, retry_after: 17 }, (response) => {
    deepEqual([response.status, response.headers.get("retry-after")], [429, "17"]);
  }));

Deno.test("the wrong content type, over an answer that is right", () =>
  hit({ content_type: "text/html" }, (response, text) => {
    equal(response.headers.get("content-type"), "text/html");
    ok(JSON.parse(text).access_token);
  }));

Deno.test("members of the answer are changed and taken away", () =>
  hit({ merge: { expires_in: "soon", scope: null } }, (_, text) => {
    const body = JSON.parse(text);
    deepEqual([body.expires_in, body.scope, typeof body.access_token], [
      "soon",
      undefined,
      "string",
    ]);
  }));

Deno.test("fewer scopes than were granted", () =>
  hit({ scopes: ["openid"] }, (_, text) => equal(JSON.parse(text).scope, "openid")));

Deno.test("a delay is real time, and the answer comes all the same", () =>
  withEmulator(async (emulator) => {
    const ann = await connect(emulator, "google", ANN);
    emulator.control.addFault({ match: { route: "google.token" }, do: { delay_ms: 200 } });
    const began = performance.now();
    equal((await refresh(emulator, ann)).status, 200);
    ok(performance.now() - began >= 200);
  }));

Deno.test("a reset happens before the provider acts", () =>
  withEmulator(async (emulator) => {
    const { form } = await consent(emulator, "google", ANN);
    const endpoint = setting(emulator, "google", "TOKEN_ENDPOINT");
    emulator.control.addFault({ match: { route: "google.token" }, times: 1, do: { reset: true } });
    await rejects(post(endpoint, form));
    // The code has not been used.
    equal((await post(endpoint, form)).status, 200);
    deepEqual(emulator.control.requests({ route: "google.token" }).map(({ status }) => status), [
      "reset",
      200,
    ]);
  }));

Deno.test("a dropped reply happens after the provider has acted", () =>
  withEmulator(async (emulator) => {
    const { form } = await consent(emulator, "google", ANN);
    const endpoint = setting(emulator, "google", "TOKEN_ENDPOINT");
    const fault = { match: { route: "google.token" }, times: 1, do: { drop_reply: true } };
    emulator.control.addFault(fault);
    await rejects(post(endpoint, form));
    // The code is gone, and nobody has the tokens.
    equal((await post(endpoint, form)).body.error, "invalid_grant");
    equal(emulator.control.requests({ route: "google.token" })[0]?.status, "dropped");
  }));

Deno.test("a body is cut after so many bytes, and its length says that more was to come", () =>
  withEmulator(async (emulator) => {
    const ann = await connect(emulator, "google", ANN);
    emulator.control.addFault({ match: { route: "google.token" }, do: { cut_body: 20 } });
    const response = await rawRefresh(emulator, ann.refresh);
    ok(Number(response.headers.get("content-length")) > 20);
    await rejects(response.text());
  }));

Deno.test("an answer of the provider by its name", () =>
  withEmulator(async (emulator) => {
    const ann = await connect(emulator, "google", ANN);
    const kim = await connect(emulator, "microsoft", KIM);
    const answer = (route: string, name: string) => {
      emulator.control.removeFaults();
      emulator.control.addFault({ match: { route }, do: { answer: name } });
    };
    answer("*", "expired_secret");
    equal((await refresh(emulator, ann)).body.error, "invalid_client");
    deepEqual((await refresh(emulator, kim)).body.error_codes, [7000222]);
    answer("microsoft.token", "AADSTS50105");
    deepEqual((await refresh(emulator, kim)).body.error_codes, [50105]);
    answer("*", "admin_block");
    equal((await refresh(emulator, ann)).body.error, "admin_policy_enforced");
    deepEqual((await refresh(emulator, kim)).body.error_codes, [90094]);
    answer("google.calendar", "rateLimitExceeded");
    const limited = await call(emulator, ann, "/calendar/v3/calendars/primary");
    deepEqual([limited.status, googleReason(limited)], [403, "rateLimitExceeded"]);
    answer("microsoft.*", "ErrorMailboxStoreUnavailable");
    equal((await call(emulator, kim, "/me/calendar")).status, 503);
  }));

Deno.test("consent can be cut down, too", () =>
  withEmulator(async (emulator) => {
    emulator.control.addFault({ match: { route: "google.authorize" }, do: { scopes: ["openid"] } });
    equal((await connect(emulator, "google", ANN)).tokens.scope, "openid");
  }));

// --- which requests are hit ----------------------------------------------------------------------

/** Refreshes several times and says which were refused. */
async function struck(
  emulator: RunningEmulator,
  fault: Omit<FaultInput, "do">,
  times: number,
): Promise<boolean[]> {
  const ann = await connect(emulator, "google", ANN);
  emulator.control.addFault({ ...fault, do: { status: 503 } });
  const seen: boolean[] = [];
  for (let count = 0; count < times; count++) {
    seen.push((await refresh(emulator, ann)).status === 503);
  }
  return seen;
}

Deno.test("a rule lets some through first and stops after so many", () =>
  withEmulator(async (emulator) => {
    const seen = await struck(
      emulator,
      { match: { route: "google.token" }, after: 2, times: 2 },
      6,
    );
    deepEqual(seen, [false, false, true, true, false, false]);
    const [rule] = emulator.control.faults();
    deepEqual([rule?.seen, rule?.hits], [6, 2]);
  }));

Deno.test("a rule looks at the account, the client, the grant type and the fields", () =>
  withEmulator(async (emulator) => {
    const ann = await connect(emulator, "google", ANN);
    const bob = await connect(emulator, "google", BOB);
    const hits = async (match: FaultInput["match"]) => {
      emulator.control.removeFaults();
      emulator.control.addFault({ match: match ?? {}, do: { status: 503 } });
      const statuses = [];
      for (const each of [ann, bob]) statuses.push((await refresh(emulator, each)).status);
      return statuses;
    };
    deepEqual(await hits({ account: ANN.toUpperCase() }), [503, 200]);
    deepEqual(await hits({ account: [ANN, BOB] }), [503, 503]);
    deepEqual(await hits({ client: "another" }), [200, 200]);
    deepEqual(await hits({ client: setting(emulator, "google", "CLIENT_ID") }), [503, 503]);
    deepEqual(await hits({ grant_type: "authorization_code" }), [200, 200]);
    deepEqual(await hits({ grant_type: "refresh_token", account: BOB }), [200, 503]);
    deepEqual(await hits({ fields: { refresh_token: bob.refresh } }), [200, 503]);
    deepEqual(await hits({ method: "get" }), [200, 200]);
    deepEqual(await hits({ route: ["microsoft.token", "google.t*"] }), [503, 503]);
  }));

Deno.test("a rule knows the account of a token at an API and at revocation", () =>
  withEmulator(async (emulator) => {
    const ann = await connect(emulator, "google", ANN);
    const bob = await connect(emulator, "google", BOB);
    emulator.control.addFault({ match: { account: ANN }, do: { status: 503, body: {} } });
    const path = "/calendar/v3/calendars/primary";
    equal((await call(emulator, ann, path)).status, 503);
    equal((await call(emulator, bob, path)).status, 200);
    const endpoint = setting(emulator, "google", "REVOCATION_ENDPOINT");
    equal((await post(endpoint, { token: ann.refresh })).status, 503);
    equal((await post(endpoint, { token: bob.refresh })).status, 200);
  }));

Deno.test("a rule has hours, by the emulator's clock", () =>
  withEmulator(async (emulator) => {
    const ann = await connect(emulator, "google", ANN);
    emulator.control.addFault({ from: "1d", until: "4d", do: { answer: "expired_secret" } });
    const daily: number[] = [];
    for (let day = 0; day < 6; day++) {
      daily.push((await refresh(emulator, ann)).status);
      emulator.control.clock({ advance: "1d" });
    }
    deepEqual(daily, [200, 401, 401, 401, 200, 200]);
  }));

Deno.test("chance is drawn from the seed: the same seed, the same hits", async () => {
  const run = async (seed: string) => {
    let seen: boolean[] = [];
    const chance = { match: { route: "google.token", chance: 0.5 } };
    await withEmulator(async (emulator) => {
      seen = await struck(emulator, chance, 24);
    }, { seed });
    return seen.map(Number).join("");
  };
  const first = await run("seven");
  equal(await run("seven"), first);
  ok(await run("eight") !== first);
  ok(first.includes("0") && first.includes("1"), first);
});

Deno.test("the first rule that fits acts, and every rule that fits counts", () =>
  withEmulator(async (emulator) => {
    const ann = await connect(emulator, "google", ANN);
    emulator.control.addFault({ name: "first", times: 1, do: { status: 500 } });
    emulator.control.addFault({ name: "second", after: 1, do: { status: 502 } });
    const statuses = [];
    for (let count = 0; count < 3; count++) statuses.push((await refresh(emulator, ann)).status);
    deepEqual(statuses, [500, 502, 502]);
    deepEqual(emulator.control.requests({ route: "google.token" }).map(({ fault }) => fault), [
      undefined,
      "first",
      "second",
      "second",
    ]);
    emulator.control.removeFaults("second");
    equal((await refresh(emulator, ann)).status, 200);
  }));

const SENSELESS: [string, Json, RegExp][] = [
  ["nothing to do", { do: {} }, /something to do/],
  ["an unknown action", { do: { explode: true } }, /no "explode"/],
  ["an unknown member", { do: { status: 500 }, when: 1 }, /no "when"/],
  ["an unknown way to match", { match: { user: ANN }, do: { status: 500 } }, /no "user"/],
  ["a route that is none", { match: { route: "google.tokens" }, do: { status: 500 } }, /no route/],
  ["an answer that is none", { do: { answer: "AADSTS1" } }, /no answer|neither/],
  ["half a time", { times: 0.5, do: { status: 500 } }, /whole number/],
  ["an odd duration", { from: "soon", do: { status: 500 } }, /duration/],
];

for (const [what, fault, says] of SENSELESS) {
  Deno.test(`a rule with ${what} is refused at once`, () =>
    withEmulator((emulator) => {
      throws(() => emulator.control.addFault(fault as unknown as FaultInput), says);
      equal(emulator.control.faults().length, 0);
      return Promise.resolve();
    }));
}

Deno.test("a refresh token stays good after a reply that was lost", () =>
  withEmulator(async (emulator) => {
    const kim = await connect(emulator, "microsoft", KIM);
    emulator.control.addFault({
      match: { route: "microsoft.token" },
      times: 1,
      do: { drop_reply: true },
    });
    await rejects(refresh(emulator, kim));
    equal((await refresh(emulator, kim)).status, 200);
  }));
