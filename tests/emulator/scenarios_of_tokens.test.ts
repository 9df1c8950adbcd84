/** The scenarios about tokens, consent and revocation: each does what it says. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { scenarios } from "../../cli/emulator/mod.js";
import { ACCOUNTS, outcome, quick, SHORTER, tryRefresh, withScenario } from "./scenarios.ts";
import {
  call,
  connect,
  type Connection,
  post,
  type Provider,
  refresh,
  type RunningEmulator,
  setting,
  withEmulator,
} from "./support.ts";

const PROVIDERS: Provider[] = ["google", "microsoft"];

Deno.test("there is a scenario for each of the 25 ways to fail, with a name, and words for people", () => {
  const all = scenarios();
  deepEqual(all.map(({ mode }) => mode), Array.from({ length: 25 }, (_, index) => index + 1));
  equal(new Set(all.map(({ name }) => name)).size, 25);
  for (const each of all) {
    match(each.name ?? "", /^[a-z]+(-[a-z0-9]+)+$/);
    for (const words of [each.title, each.description, each.try, each.expect]) {
      ok(words.length > 20);
    }
  }
});

for (const { name = "" } of scenarios()) {
  Deno.test(`${name} loads into a world of its own and into one that runs`, () =>
    withEmulator((emulator) => {
      equal(emulator.control.useScenario(name, { reset: true }).name, name);
      return Promise.resolve();
    }, { scenario: name }));
}

Deno.test("1: while a slow refresh is under way, another is refused; afterwards all is well", () =>
  withScenario("refresh-race", async (emulator, { google }) => {
    const winner = tryRefresh(emulator, google);
    await new Promise((passed) => setTimeout(passed, 1500 / SHORTER / 3));
    equal(await tryRefresh(emulator, google), "invalid_grant");
    equal(await winner, "ok");
    equal(await tryRefresh(emulator, google), "ok");
  }));

Deno.test("2: the first refresh takes twelve seconds, and the person can reconnect meanwhile", () =>
  withScenario("slow-refresh", async (emulator, { google }) => {
    const began = performance.now();
    const slow = refresh(emulator, google);
    const again = await connect(emulator, "google", google.account);
    ok(performance.now() - began < 12_000 / SHORTER);
    equal(outcome(await slow), "ok");
    ok(performance.now() - began >= 12_000 / SHORTER);
    equal(await tryRefresh(emulator, again), "ok");
  }));

Deno.test("3: a refresh token works once, and only the one it brought goes on", () =>
  withScenario("rotation-ends-old-token", async (emulator, { microsoft }) => {
    const { body } = await refresh(emulator, microsoft);
    equal(await tryRefresh(emulator, microsoft), "invalid_grant");
    const newer = { provider: "microsoft" as const, refresh: String(body.refresh_token) };
    equal(await tryRefresh(emulator, newer), "ok");
    equal(await tryRefresh(emulator, newer), "invalid_grant");
  }));

Deno.test("4: the answer is lost after the provider has acted, and the same token still works", () =>
  withScenario("lost-reply", async (emulator, connections) => {
    for (const provider of PROVIDERS) {
      equal(await tryRefresh(emulator, connections[provider]), "no answer");
      equal(await tryRefresh(emulator, connections[provider]), "ok");
    }
    const statuses = emulator.control.requests({ route: "google.token" });
    deepEqual(statuses.map(({ status }) => status), [200, "dropped", 200]);
  }));

Deno.test("5: an app that stores each new refresh token outlives 120 days, another does not", () =>
  withEmulator(async (emulator) => {
    const first = await connect(emulator, "microsoft", "long.lived@outlook.example");
    let newest = first;
    for (let day = 0; day < 120; day++) {
      emulator.control.clock({ advance: "1d" });
      const { status, body } = await refresh(emulator, newest);
      equal(status, 200);
      newest = { ...newest, refresh: String(body.refresh_token) };
    }
    equal(await tryRefresh(emulator, first), "invalid_grant");
  }, { scenario: "rotated-token-not-stored" }));

Deno.test("6: seven failures that say nothing about the grant, and then success", () =>
  withScenario("transient-failures", async (emulator, { google }) => {
    const seen = [];
    for (let count = 0; count < 8; count++) seen.push(await tryRefresh(emulator, google));
    deepEqual(seen, [
      "no JSON",
      "no JSON",
      "no answer",
      "no JSON",
      "no token",
      "temporarily_unavailable",
      "rate_limited",
      "ok",
    ]);
  }));

Deno.test("7: for three days the client is refused to everybody, and then to nobody", () =>
  withScenario("client-secret-expires", async (emulator, connections) => {
    const daily = [];
    for (let day = 0; day < 6; day++) {
      daily.push(
        await Promise.all(PROVIDERS.map((each) => tryRefresh(emulator, connections[each]))),
      );
      emulator.control.clock({ advance: "1d" });
    }
    const refused = ["invalid_client", "invalid_client"];
    deepEqual(daily, [["ok", "ok"], refused, refused, refused, ["ok", "ok"], ["ok", "ok"]]);
  }));

Deno.test("8: for a day every grant looks dead, and then each is alive", () =>
  withScenario("client-replaced", async (emulator, connections) => {
    const all = () => Promise.all(PROVIDERS.map((each) => tryRefresh(emulator, connections[each])));
    deepEqual(await all(), ["invalid_grant", "invalid_grant"]);
    emulator.control.clock({ advance: "23h" });
    deepEqual(await all(), ["invalid_grant", "invalid_grant"]);
    emulator.control.clock({ advance: "1h" });
    deepEqual(await all(), ["ok", "ok"]);
  }));

Deno.test("9: a grant of a project in testing names its end and has it after seven days", () =>
  withScenario("testing-mode", async (emulator, { google: before }) => {
    const after = await connect(emulator, "google", ACCOUNTS.google);
    equal(after.tokens.refresh_token_expires_in, 604_799);
    emulator.control.clock({ advance: "7d" });
    equal(await tryRefresh(emulator, after), "invalid_grant");
    equal(await tryRefresh(emulator, before), "ok");
  }));

Deno.test("10: what was allowed has been withdrawn, and can be allowed again", () =>
  withScenario("grant-dies", async (emulator, connections) => {
    for (const provider of PROVIDERS) {
      equal(await tryRefresh(emulator, connections[provider]), "invalid_grant");
      const again = await connect(emulator, provider, ACCOUNTS[provider]);
      equal(await tryRefresh(emulator, again), "ok");
    }
  }));

Deno.test("11: three accounts answer nonsense and one provider is slow, the other is as ever", () =>
  withScenario("slow-beside-fast", async (emulator, { google, microsoft }) => {
    for (const name of ["one", "two", "three"]) {
      const poison = await connect(emulator, "google", `poison.${name}@gmail.example`);
      equal(await tryRefresh(emulator, poison), "no JSON");
    }
    const timed = async (connection: Connection) => {
      const began = performance.now();
      equal(await tryRefresh(emulator, connection), "ok");
      return performance.now() - began;
    };
    ok(await timed(microsoft) >= 5000 / SHORTER);
    ok(await timed(google) < 5000 / SHORTER);
  }));

// --- revocation ----------------------------------------------------------------------------------

function revoke(emulator: RunningEmulator, token: string) {
  return post(setting(emulator, "google", "REVOCATION_ENDPOINT"), { token });
}

function grantOf(emulator: RunningEmulator, person: string) {
  return emulator.control.grants().filter((each) => each.person === person).at(-1)?.ended;
}

Deno.test("12: the access token is too old to be revoked, the refresh token is not", () =>
  withScenario("disconnect-with-expired-access-token", async (emulator, { google }) => {
    equal((await call(emulator, google, "/calendar/v3/calendars/primary")).status, 401);
    equal((await revoke(emulator, google.access)).status, 400);
    equal(grantOf(emulator, google.account), null);
    equal((await revoke(emulator, google.refresh)).status, 200);
    equal(grantOf(emulator, google.account), "revoked");
  }));

Deno.test("13: two attempts to revoke fail, the third ends the grant", () =>
  withScenario("account-deletion", async (emulator, { google }) => {
    const attempt = async () => {
      const url = setting(emulator, "google", "REVOCATION_ENDPOINT");
      const body = new URLSearchParams({ token: google.refresh });
      try {
        const response = await fetch(url, { method: "POST", body });
        await response.body?.cancel();
        return response.status;
      } catch {
        return "no answer";
      }
    };
    deepEqual([await attempt(), await attempt()], [503, "no answer"]);
    equal(await tryRefresh(emulator, google), "ok");
    equal(await attempt(), 200);
    equal(grantOf(emulator, google.account), "revoked");
  }));

Deno.test("14: disconnecting one of two connections of a mailbox ends both", () =>
  withEmulator(async (emulator) => {
    const ann = await connect(emulator, "google", "shared.mailbox@acme.example");
    const bob = await connect(emulator, "google", "shared.mailbox@acme.example");
    equal((await revoke(emulator, ann.refresh)).status, 200);
    equal(await tryRefresh(emulator, bob), "invalid_grant");
    equal((await call(emulator, bob, "/calendar/v3/calendars/primary")).status, 401);
  }, { scenario: quick("shared-mailbox") }));
