/**
 * Line 20 through the function: a flood of connects leaves five, harms nobody else, and what is too
 * large is refused at once, while the largest that is allowed connects. Direct inserts and calls by
 * PostgREST are flooded in tests/database/states.test.ts.
 *
 * Mutations tried: see defences.ts, "20".
 */
import { deepEqual, equal, ok } from "node:assert/strict";
import { startHostileProvider, tokens } from "../providers/hostile.ts";
import { CALENDAR_SCOPE } from "../providers/strict.ts";
import { expectJson } from "../support/answers.ts";
import { authorizeAs, bearer, connect, finishOf, post, status } from "../support/flow.ts";
import { openWorld } from "../support/world.ts";
import { PROVIDERS } from "./names.ts";

const CONNECTS = 1000;
const AT_ONCE = 30;

const hostile = startHostileProvider();
const world = await openWorld();
// Thirty at a time wait for one lock, which takes its time on a busy machine.
const service = await world.newService({ CALENDAR_DATABASE_TIMEOUT_MS: "30000" });
Deno.test.afterAll(async () => {
  await world.close();
  await hostile.stop();
});

Deno.test(`line 20: ${CONNECTS} connects of one user, ${AT_ONCE} at a time, leave five and disturb nobody`, async () => {
  const [flooder, other] = [await world.newUser(), await world.newUser()];
  const callback = await authorizeAs(service, other, "google");
  let left = CONNECTS;
  let most = 0;
  const flood = Array.from({ length: AT_ONCE }, async () => {
    while (left-- > 0) {
      await connect(service, flooder, PROVIDERS[left % 2] ?? "google");
      if (left % 50 === 0) most = Math.max(most, (await world.rowsOf(flooder)).states);
    }
  });
  const meanwhile = async () => {
    // Somebody else looks, finishes and looks again.
    equal((await status(service, other)).connected, false);
    await expectJson(await post(service, other, "google", finishOf(callback)));
    equal((await status(service, other)).connected, true);
  };
  await Promise.all([...flood, meanwhile()]);
  ok(most <= 5, `${most} were under way at one time`);
  deepEqual(await world.rowsOf(flooder), { connections: 0, states: 5 });
  deepEqual(await world.rowsOf(other), { connections: 1, states: 0 });
  equal((await status(service, other)).connected, true);
});

Deno.test("line 20: what is oversized is a 4xx at once, with nobody asked", async () => {
  const user = await world.newUser();
  const json = { ...bearer(user), "content-type": "application/json" };
  const long = "x".repeat(9000);
  const requests: [status: number, path: string, init: RequestInit][] = [
    [413, "/callback/google", { method: "POST", headers: json, body: " ".repeat(33_000) }],
    [413, "/callback/google", { method: "POST", headers: json, body: " ".repeat(8 << 20) }],
    [400, `/callback/google?x=${long}`, { method: "POST", headers: json, body: "{}" }],
    [400, `/connect/google?x=${long}`, { method: "POST", headers: json }],
    [400, `/status?x=${long}`, { headers: json }],
    [400, `/disconnect?provider=google&x=${long}`, { method: "DELETE", headers: json }],
    [401, "/status", { headers: bearer({ token: `${user.token}${"A".repeat(16_384)}` }) }],
  ];
  for (const [status, path, init] of requests) {
    const { result, calls } = await world.counting(() =>
      fetch(`${service.direct}/calendar${path}`, init)
    );
    await result.body?.cancel();
    equal(result.status, status, path.slice(0, 40));
    equal(calls.length, 0);
  }
});

Deno.test("line 20: an access token of 8 KiB with a code of 3 KiB connects, at both providers", async () => {
  const endpoints = {
    GOOGLE_TOKEN_ENDPOINT: hostile.tokenEndpoint,
    OUTLOOK_TOKEN_ENDPOINT: hostile.tokenEndpoint,
  };
  const allowNet = [new URL(hostile.origin).host];
  const other = await world.newService(endpoints, { allowNet });
  for (const provider of PROVIDERS) {
    const user = await world.newUser();
    const { authorization_url } = await connect(other, user, provider);
    const state = new URL(authorization_url).searchParams.get("state");
    hostile.script(tokens(CALENDAR_SCOPE[provider], { access_token: "a".repeat(8192) }));
    await expectJson(await post(other, user, provider, { code: "c".repeat(3072), state }));
    deepEqual(await world.rowsOf(user), { connections: 1, states: 0 });
  }
});
