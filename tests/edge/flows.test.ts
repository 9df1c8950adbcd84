/** Connect, consent, finish, look, disconnect: for both providers, by header and by cookie. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { askingAlsoFor, authorize } from "../providers/person.ts";
import {
  CALENDAR_SCOPE,
  KEPT_SCOPES,
  PROFILE_SCOPE,
  type TokenRequest,
} from "../providers/strict.ts";
import { expectError, expectJson, expectRedirect } from "../support/answers.ts";
import {
  arrival,
  authorizeAs,
  bearer,
  callbackPath,
  connect,
  connected,
  finishOf,
  navigation,
  post,
  relay,
  status,
} from "../support/flow.ts";
import {
  CALENDAR_ID,
  CAPACITY,
  type Connect,
  type Disconnected,
  NOT_CONNECTED,
  NOTHING_GONE,
  type Status,
} from "../support/payloads.ts";
import { openWorld } from "../support/world.ts";

const world = await openWorld();
const { service } = world;
Deno.test.afterAll(() => world.close());

for (const provider of ["google", "outlook"] as const) {
  Deno.test(`${provider}: an app with supabase-js connects, relays, sees and disconnects`, async () => {
    const user = await world.signUp();
    const { functions } = user.client;

    const start = await functions.invoke<Connect>(`calendar/connect/${provider}`);
    equal(start.error, null);
    const { authorization_url, expires_at } = start.data as Connect;
    equal((start.data as Connect).provider, provider);
    const life = Date.parse(expires_at) - Date.now();
    ok(life > 500_000 && life <= 605_000, `ten minutes to consent, not ${life} ms`);

    const callback = await authorize(authorization_url);
    const finish = await relay(service, callback);
    deepEqual(finish, finishOf(callback));
    ok(finish.iss, "the strict provider names itself");

    const done = await functions.invoke<Status>(`calendar/callback/${provider}`, { body: finish });
    equal(done.error, null);
    const shown = done.data as Status;
    const [connection] = shown.connections;
    match(connection?.connected_at ?? "", /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)$/);
    deepEqual(shown, {
      connected: true,
      provider,
      status: "active",
      last_sync_at: null,
      capacity: CAPACITY,
      providers: ["google", "outlook"],
      accounts_per_provider: 10,
      connections: [{
        id: connection?.id ?? "",
        provider,
        status: "active",
        calendar_id: CALENDAR_ID[provider],
        account_label: "person@example.test",
        account_class: provider === "google" ? "google_workspace" : "work",
        scopes: KEPT_SCOPES[provider],
        connected_at: connection?.connected_at ?? "",
        last_sync_at: null,
        reason: null,
        needs_reconnect: false,
        failing_since: null,
        next_sync_at: null,
        grant_expires_at: null,
      }],
      sync: { healthy: null, last_run_at: null },
    });

    const looked = await functions.invoke<Status>("calendar/status", { method: "GET" });
    deepEqual(looked.data, shown);
    equal(await world.flag(user), true);

    const gone = await functions.invoke(`calendar/disconnect?provider=${provider}`, {
      method: "DELETE",
    });
    deepEqual(gone.data, {
      ...NOTHING_GONE,
      disconnected: [provider],
      revocations: [{
        connection: connection?.id,
        provider,
        state: provider === "google" ? "off" : "not_supported",
        manage_url: provider === "google"
          ? "https://myaccount.google.com/connections"
          : "https://myapps.microsoft.com",
      }],
    });
    equal(await world.flag(user), false);
    deepEqual(await world.rowsOf(user), { connections: 0, states: 0 });
  });

  Deno.test(`${provider}: a signed-in browser is sent to the provider and back by navigations alone`, async () => {
    const user = await world.signUp();
    const away = await expectRedirect(
      await service.call(`/connect/${provider}`, { headers: navigation(user) }),
    );
    equal(away.origin + away.pathname, world[provider].authorizationEndpoint);

    const callback = await authorize(away.href);
    const home = await expectRedirect(
      await service.call(callbackPath(callback), { headers: arrival(user) }),
    );
    equal(home.origin + home.pathname, world.settingsUrl);
    deepEqual(Object.fromEntries(home.searchParams), { connected: "success", provider });
    equal(home.hash, "");
    equal((await status(service, user)).provider, provider);
  });

  Deno.test(`${provider}: what the provider was asked is what the contract says`, async () => {
    const user = await world.newUser();
    const { authorization_url } = await connect(service, user, provider);
    const url = new URL(authorization_url);
    const { state, code_challenge, ...rest } = Object.fromEntries(url.searchParams);
    match(state ?? "", /^[\w-]{43}$/);
    match(code_challenge ?? "", /^[\w-]{43}$/);
    deepEqual(rest, {
      client_id: world.clients[provider].clientId,
      redirect_uri: world.redirectUri(provider),
      response_type: "code",
      code_challenge_method: "S256",
      ...(provider === "google"
        ? {
          scope: `openid email ${CALENDAR_SCOPE.google}`,
          access_type: "offline",
          prompt: "consent select_account",
        }
        : {
          scope: `openid profile email offline_access ${CALENDAR_SCOPE.outlook}`,
          response_mode: "query",
          prompt: "select_account",
        }),
    });
  });

  Deno.test(`${provider}: the exchange carries what RFC 6749 asks for and nothing else`, async () => {
    const user = await world.newUser();
    const seen = world[provider].tokenRequests.length;
    const callback = await authorizeAs(service, user, provider);
    await expectJson(await post(service, user, provider, finishOf(callback)));
    const requests = world[provider].tokenRequests.slice(seen);
    equal(requests.length, 1);
    const { form, headers } = requests[0] as TokenRequest;
    const { code_verifier, ...fields } = form;
    match(code_verifier ?? "", /^[\w.~-]{43,128}$/);
    deepEqual({ ...fields, scope: undefined }, {
      grant_type: "authorization_code",
      code: finishOf(callback).code,
      client_id: world.clients[provider].clientId,
      client_secret: world.clients[provider].clientSecret,
      redirect_uri: world.redirectUri(provider),
      scope: undefined,
    });
    equal(headers["content-type"]?.split(";")[0], "application/x-www-form-urlencoded");
    equal(headers.origin, undefined);
    equal(headers.authorization, undefined);
    equal(headers.cookie, undefined);
  });

  Deno.test(`${provider}: reconnecting replaces the row and keeps one`, async () => {
    const user = await world.newUser();
    const first = await connected(service, user, provider);
    const [before] = await world.sealedRows(user);
    const second = await connected(service, user, provider);
    const [after, ...more] = await world.sealedRows(user);
    deepEqual(more, []);
    ok(after && before && after.sealed_refresh_token !== before.sealed_refresh_token);
    const at = (shown: Status) => Date.parse(shown.connections[0]?.connected_at ?? "");
    ok(at(second) >= at(first));
  });
}

Deno.test("nobody's browser relays the code to the configured page in the fragment only", async () => {
  const user = await world.newUser();
  const callback = await authorizeAs(service, user, "google");
  const target = await expectRedirect(await service.call(callbackPath(callback)));
  equal(target.origin + target.pathname + target.search, world.settingsUrl);
  const { code = "", state = "", iss = "" } = finishOf(callback);
  deepEqual(Object.fromEntries(new URLSearchParams(target.hash.slice(1))), {
    calendar_provider: "google",
    calendar_code: code,
    calendar_state: state,
    calendar_iss: iss,
  });
  deepEqual(await world.rowsOf(user), { connections: 0, states: 1 });
});

Deno.test("two providers: the newest describes the top level, and disconnecting one leaves the other", async () => {
  const user = await world.newUser();
  await connected(service, user, "google");
  const both = await connected(service, user, "outlook");
  deepEqual(both.connections.map(({ provider }) => provider), ["outlook", "google"]);
  equal(both.provider, "outlook");
  const left = await expectJson<Disconnected>(
    await service.call("/disconnect?provider=outlook", {
      method: "DELETE",
      headers: bearer(user),
    }),
  );
  deepEqual([left.disconnected, left.provider, left.connected], [["outlook"], "google", true]);
  equal(await world.flag(user), true);
});

Deno.test("disconnecting without a provider removes all, and again removes nothing", async () => {
  const user = await world.newUser();
  await connected(service, user, "google");
  await connected(service, user, "outlook");
  const disconnect = async () =>
    await expectJson<Disconnected>(
      await service.call("/disconnect", { method: "DELETE", headers: bearer(user) }),
    );
  const first = await disconnect();
  deepEqual({ ...first, disconnected: first.disconnected.toSorted(), revocations: [] }, {
    ...NOTHING_GONE,
    disconnected: ["google", "outlook"],
  });
  deepEqual(first.revocations.map(({ provider }) => provider).toSorted(), ["google", "outlook"]);
  deepEqual(await disconnect(), NOTHING_GONE);
  equal(await world.flag(user), false);
});

Deno.test("a user without a connection gets the empty payload", async () => {
  deepEqual(await status(service, await world.newUser()), NOT_CONNECTED);
});

Deno.test("a connection that is not active is shown and does not count as connected", async () => {
  const user = await world.newUser();
  await connected(service, user, "google");
  await world.setStatus(user, "google", "revoked");
  const shown = await status(service, user);
  deepEqual([shown.connected, shown.provider, shown.status], [false, "google", "revoked"]);
  equal(await world.flag(user), false);
});

Deno.test("an active connection describes the top level before a newer one that is not", async () => {
  const user = await world.newUser();
  await connected(service, user, "google");
  await connected(service, user, "outlook");
  await world.setStatus(user, "outlook", "expired");
  const shown = await status(service, user);
  deepEqual([shown.connected, shown.provider, shown.status], [true, "google", "active"]);
  deepEqual(shown.connections.map(({ provider }) => provider), ["outlook", "google"]);
});

Deno.test("a header finishes the callback of a GET as well", async () => {
  const user = await world.newUser();
  const callback = await authorizeAs(service, user, "google");
  const home = await expectRedirect(
    await service.call(callbackPath(callback), { headers: bearer(user) }),
  );
  equal(home.searchParams.get("connected"), "success");
});

Deno.test("consent denied comes back through the relay and ends in access_denied", async () => {
  const user = await world.newUser();
  const callback = await authorizeAs(service, user, "google", { decision: "deny" });
  const { error, state, code } = await relay(service, callback);
  deepEqual([error, code], ["access_denied", undefined]);
  await expectError(await post(service, user, "google", { error, state }), "access_denied");
  deepEqual(await world.rowsOf(user), { connections: 0, states: 0 });
});

Deno.test("consent denied in a signed-in browser leads home with the reason", async () => {
  const user = await world.newUser();
  const callback = await authorizeAs(service, user, "outlook", { decision: "deny" });
  const home = await expectRedirect(
    await service.call(callbackPath(callback), { headers: arrival(user) }),
  );
  equal(home.searchParams.get("connected"), "error");
  equal(home.searchParams.get("reason"), "access_denied");
  ok(!home.href.includes("said"), "the provider's text goes nowhere");
  deepEqual(await world.rowsOf(user), { connections: 0, states: 0 });
});

Deno.test("at most five connections can be under way; the oldest gives way", async () => {
  const user = await world.newUser();
  const first = await authorizeAs(service, user, "google");
  for (let started = 1; started < 6; started++) await connect(service, user, "google");
  equal((await world.rowsOf(user)).states, 5);
  await expectError(await post(service, user, "google", finishOf(first)), "invalid_state");
});

Deno.test("thirty connections started at once leave five under way", async () => {
  const user = await world.newUser();
  await Promise.all(Array.from({ length: 30 }, () => connect(service, user, "outlook")));
  equal((await world.rowsOf(user)).states, 5);
});

Deno.test("of twenty callbacks with one state at once, one exchanges its code and one succeeds", async () => {
  const user = await world.newUser();
  const callback = await authorizeAs(service, user, "google");
  const asked = world.google.tokenRequests.length;
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => post(service, user, "google", finishOf(callback))),
  );
  const codes = await Promise.all(
    answers.map(async (answer) => (await answer.json()).code ?? "ok"),
  );
  deepEqual(codes.toSorted(), [...Array(19).fill("invalid_state"), "ok"]);
  equal(world.google.tokenRequests.length - asked, 1);
  deepEqual(await world.rowsOf(user), { connections: 1, states: 0 });
});

Deno.test("one user's code in another's flow is refused by the provider, for want of its verifier", async () => {
  const [victim, attacker] = [await world.newUser(), await world.newUser()];
  const { code } = finishOf(await authorizeAs(service, victim, "google"));
  const { state } = finishOf(await authorizeAs(service, attacker, "google"));
  const response = await post(service, attacker, "google", { code, state });
  await expectError(response, "provider_rejected");
  equal(world.google.tokenRequests.at(-1)?.answer.error, "invalid_grant");
  deepEqual(await world.rowsOf(attacker), { connections: 0, states: 0 });
});

Deno.test("consent without the calendar connects nothing", async () => {
  const user = await world.newUser();
  const { authorization_url } = await connect(service, user, "google");
  const callback = await authorize(askingAlsoFor(authorization_url, PROFILE_SCOPE.google), {
    decision: "allow without the calendar",
  });
  await expectError(await post(service, user, "google", finishOf(callback)), "insufficient_scope");
  deepEqual(await world.rowsOf(user), { connections: 0, states: 0 });
});
