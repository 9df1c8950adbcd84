/** Several accounts of one provider: each is a connection of its own, and a reconnect is of one account. */
import { deepEqual, equal, match, notEqual, ok } from "node:assert/strict";
import type { Person } from "../providers/person.ts";
import { authorize } from "../providers/person.ts";
import type { ProviderName } from "../providers/strict.ts";
import { expectError, expectJson, expectRedirect } from "../support/answers.ts";
import { open } from "../support/envelope.ts";
import {
  arrival,
  authorizeAs,
  bearer,
  callbackPath,
  finishOf,
  navigation,
  post,
  status,
} from "../support/flow.ts";
import type { Connect, Disconnected, Status } from "../support/payloads.ts";
import { openWorld, type Service, type User } from "../support/world.ts";

const world = await openWorld();
const { service } = world;
Deno.test.afterAll(() => world.close());

const KEY = world.stack.env.CALENDAR_ENCRYPTION_KEY ?? "";
const ANN = "ann@example.test";
const BOB = "bob@gmail.example";

async function connectedAs(
  user: User,
  provider: ProviderName,
  account: string,
  from: Service = service,
): Promise<Status> {
  const callback = await authorizeAs(from, user, provider, { account });
  return await expectJson<Status>(await post(from, user, provider, finishOf(callback)));
}

async function reconnecting(
  user: User,
  provider: ProviderName,
  connection: string,
  person: Person = {},
): Promise<URL> {
  const response = await service.call(`/connect/${provider}?connection=${connection}`, {
    method: "POST",
    headers: bearer(user),
  });
  return await authorize((await expectJson<Connect>(response)).authorization_url, person);
}

function idOf(shown: Status, account: string): string {
  const id = shown.connections.find(({ account_label }) => account_label === account)?.id;
  ok(id, `no connection of ${account}`);
  return id;
}

const CLASSES = {
  google: { [ANN]: "google_workspace", [BOB]: "google" },
  outlook: { [ANN]: "work", [BOB]: "personal" },
};

for (const provider of ["google", "outlook"] as const) {
  Deno.test(`${provider}: another account is another connection, and the same one is the same`, async () => {
    const user = await world.newUser();
    const first = await connectedAs(user, provider, ANN);
    const both = await connectedAs(user, provider, BOB);
    deepEqual(both.connections.map(({ account_label }) => account_label), [BOB, ANN]);
    deepEqual(
      both.connections.map(({ account_class }) => account_class),
      [CLASSES[provider][BOB], CLASSES[provider][ANN]],
    );
    const again = await connectedAs(user, provider, ANN);
    equal(again.connections.length, 2);
    equal(idOf(again, ANN), idOf(first, ANN));
    equal(idOf(again, BOB), idOf(both, BOB));
    equal((await world.rowsOf(user)).connections, 2);
  });

  Deno.test(`${provider}: the tokens of an account open for no other account of the same user`, async () => {
    const user = await world.newUser();
    await connectedAs(user, provider, ANN);
    await connectedAs(user, provider, BOB);
    const [one, other] = await world.sealedRows(user);
    const place = { purpose: "refresh_token", userId: user.id, provider } as const;
    for (const [row, elsewhere] of [[one, other], [other, one]]) {
      const sealed = row?.sealed_refresh_token ?? "";
      ok(await open(sealed, KEY, { ...place, accountId: row?.account_id ?? null }));
      for (const accountId of [elsewhere?.account_id ?? "", null]) {
        const opened = await open(sealed, KEY, { ...place, accountId }).catch(() => "closed");
        equal(opened, "closed");
      }
    }
  });

  Deno.test(`${provider}: a reconnect names its account to the provider and keeps the connection's id`, async () => {
    const user = await world.newUser();
    await connectedAs(user, provider, BOB);
    const before = await connectedAs(user, provider, ANN);
    const id = idOf(before, ANN);
    const sealed = (await world.sealedRows(user)).find((row) => row.id === id);
    const callback = await reconnecting(user, provider, id, { account: ANN });
    const asked = world[provider].authorizationRequests.findLast((query) =>
      query.get("state") === finishOf(callback).state
    );
    equal(asked?.get("login_hint"), ANN);
    equal(asked?.get("prompt"), provider === "google" ? "consent" : null);
    const after = await expectJson<Status>(
      await post(service, user, provider, finishOf(callback)),
    );
    equal(idOf(after, ANN), id);
    equal(after.connections.length, 2);
    const renewed = (await world.sealedRows(user)).find((row) => row.id === id);
    notEqual(renewed?.sealed_refresh_token, sealed?.sealed_refresh_token);
  });

  Deno.test(`${provider}: a reconnect with another account is a conflict, and nothing changes`, async () => {
    const user = await world.newUser();
    const id = idOf(await connectedAs(user, provider, ANN), ANN);
    const before = await world.sealedRows(user);

    const posted = await reconnecting(user, provider, id, { account: BOB });
    const refused = await post(service, user, provider, finishOf(posted));
    const body = await expectError(refused, "account_mismatch");
    deepEqual([body.expected_label, body.actual_label], [ANN, BOB]);
    const line = await service.logLine(body.request_id);
    ok(!line.includes(ANN) && !line.includes(BOB), line);

    const arrived = await reconnecting(user, provider, id, { account: BOB });
    const home = await expectRedirect(
      await service.call(callbackPath(arrived), { headers: arrival(user) }),
    );
    deepEqual(Object.fromEntries(home.searchParams), {
      connected: "error",
      reason: "account_mismatch",
      provider,
      connection: id,
    });
    deepEqual(await world.sealedRows(user), before);
  });
}

Deno.test("a reconnect that the person refuses says which connection it was about", async () => {
  const user = await world.newUser();
  const id = idOf(await connectedAs(user, "google", ANN), ANN);
  const callback = await reconnecting(user, "google", id, { account: ANN, decision: "deny" });
  const home = await expectRedirect(
    await service.call(callbackPath(callback), { headers: arrival(user) }),
  );
  deepEqual([home.searchParams.get("reason"), home.searchParams.get("connection")], [
    "access_denied",
    id,
  ]);
});

Deno.test("nobody reconnects a connection that is another user's, another provider's or nobody's", async () => {
  const [owner, stranger] = [await world.newUser(), await world.newUser()];
  const id = idOf(await connectedAs(owner, "google", ANN), ANN);
  for (
    const [user, provider, connection] of [
      [stranger, "google", id],
      [owner, "outlook", id],
      [owner, "google", crypto.randomUUID()],
    ] as const
  ) {
    const path = `/connect/${provider}?connection=${connection}`;
    const response = await service.call(path, { method: "POST", headers: bearer(user) });
    const { request_id } = await expectError(response, "not_found");
    equal(JSON.parse(await service.logLine(request_id)).cause, "connection_unknown");
    const home = await expectRedirect(await service.call(path, { headers: navigation(user) }));
    deepEqual([home.searchParams.get("reason"), home.searchParams.get("connection")], [
      "not_found",
      connection,
    ]);
    equal((await world.rowsOf(user)).states, 0);
  }
});

Deno.test("one connection of two is disconnected by its id, and the other stays", async () => {
  const user = await world.newUser();
  await connectedAs(user, "outlook", BOB);
  const both = await connectedAs(user, "outlook", ANN);
  const disconnect = async (id: string) =>
    await expectJson<Disconnected>(
      await service.call(`/disconnect?connection=${id}`, {
        method: "DELETE",
        headers: bearer(user),
      }),
    );
  const gone = await disconnect(idOf(both, BOB));
  deepEqual(gone.disconnected, ["outlook"]);
  deepEqual(gone.revocations, [{
    connection: idOf(both, BOB),
    provider: "outlook",
    state: "not_supported",
    manage_url: "https://account.live.com/consent/Manage",
  }]);
  deepEqual(gone.connections.map(({ account_label }) => account_label), [ANN]);
  equal(gone.connected, true);
  const again = await disconnect(idOf(both, BOB));
  deepEqual([again.disconnected, again.revocations], [[], []]);
  equal((await world.rowsOf(user)).connections, 1);
});

Deno.test("another user's connection is not disconnected by its id", async () => {
  const [owner, stranger] = [await world.newUser(), await world.newUser()];
  const id = idOf(await connectedAs(owner, "google", ANN), ANN);
  const response = await service.call(`/disconnect?connection=${id}`, {
    method: "DELETE",
    headers: bearer(stranger),
  });
  deepEqual((await expectJson<Disconnected>(response)).disconnected, []);
  equal((await world.rowsOf(owner)).connections, 1);
});

Deno.test("both parameters of disconnect at once disconnect nothing", async () => {
  const user = await world.newUser();
  const id = idOf(await connectedAs(user, "google", ANN), ANN);
  const response = await service.call(`/disconnect?connection=${id}&provider=google`, {
    method: "DELETE",
    headers: bearer(user),
  });
  await expectError(response, "invalid_request");
  equal((await world.rowsOf(user)).connections, 1);
});

Deno.test("a deployment for one account refuses the second and renews the first", async () => {
  const one = await world.newService({ CALENDAR_ACCOUNTS_PER_PROVIDER: "1" });
  const user = await world.newUser();
  const first = await connectedAs(user, "google", ANN, one);
  equal(first.accounts_per_provider, 1);
  const callback = await authorizeAs(one, user, "google", { account: BOB });
  await expectError(await post(one, user, "google", finishOf(callback)), "account_limit");
  const again = await connectedAs(user, "google", ANN, one);
  deepEqual(again.connections.map(({ id }) => id), first.connections.map(({ id }) => id));
});

Deno.test("the eleventh account is refused, whatever is configured", async () => {
  const user = await world.newUser();
  for (let at = 0; at < 10; at++) await connectedAs(user, "google", `account-${at}@gmail.example`);
  const callback = await authorizeAs(service, user, "google", { account: ANN });
  await expectError(await post(service, user, "google", finishOf(callback)), "account_limit");
  equal((await status(service, user)).connections.length, 10);
});

Deno.test("twenty returns a minute are taken, the next one has to wait and is not used up", async () => {
  const user = await world.newUser();
  for (let taken = 0; taken < 20; taken++) {
    const callback = await authorizeAs(service, user, "google", { decision: "deny" });
    await expectError(await post(service, user, "google", finishOf(callback)), "access_denied");
  }
  const asked = world.google.tokenRequests.length;
  const callback = await authorizeAs(service, user, "google", { account: ANN });
  const refused = await post(service, user, "google", finishOf(callback));
  const { request_id } = await expectError(refused, "rate_limited");
  match(refused.headers.get("retry-after") ?? "", /^[1-9]\d?$/);
  equal(JSON.parse(await service.logLine(request_id)).cause, "too_many_returns");
  equal(world.google.tokenRequests.length, asked);
  ok((await world.rowsOf(user)).states > 0, "the state was used up");
});
