/** What is stored opens with the envelope as it is written down, and with nothing else. */
import { deepEqual, equal, match, notEqual, ok, rejects } from "node:assert/strict";
import { expectError, expectJson } from "../support/answers.ts";
import { open, type Place, stateHash } from "../support/envelope.ts";
import { authorizeAs, connect, connected, finishOf, post } from "../support/flow.ts";
import { openWorld, type User } from "../support/world.ts";

const world = await openWorld();
const { service } = world;
Deno.test.afterAll(() => world.close());

const KEY = world.stack.env.CALENDAR_ENCRYPTION_KEY ?? "";

for (const provider of ["google", "outlook"] as const) {
  Deno.test(`${provider}: the sealed columns hold the tokens that the provider gave`, async () => {
    const user = await world.newUser();
    await connected(service, user, provider);
    const { answer } = world[provider].tokenRequests.at(-1) ?? {};
    const [row] = await world.sealedRows(user);
    for (const purpose of ["access_token", "refresh_token"] as const) {
      const sealed = row?.[`sealed_${purpose}`] ?? "";
      match(sealed, /^v1\.[0-9a-f]{8}\.[\w-]+$/);
      equal(
        await open(sealed, KEY, {
          purpose,
          userId: user.id,
          provider,
          accountId: row?.account_id ?? null,
        }),
        answer?.[purpose],
      );
    }
  });
}

Deno.test("one token sealed twice gives two envelopes with nothing in common", async () => {
  const [one, other] = [await sealed(await world.newUser()), await sealed(await world.newUser())];
  const payload = (envelope: string) => envelope.split(".")[2] ?? "";
  notEqual(payload(one.access).slice(0, 30), payload(other.access).slice(0, 30));
  notEqual(payload(one.access).slice(0, 30), payload(one.refresh).slice(0, 30));
});

/** Each line is one thing that differs from where the value belongs. */
const ELSEWHERE: [what: string, change: (place: Place) => Place][] = [
  ["another user", (place) => ({ ...place, userId: crypto.randomUUID() })],
  ["another provider", (place) => ({ ...place, provider: "outlook" })],
  ["another account", (place) => ({ ...place, accountId: `${place.accountId}1` })],
  ["an unknown account", (place) => ({ ...place, accountId: null })],
  ["another column", (place) => ({ ...place, purpose: "refresh_token" })],
  ["a verifier's place", (place) => ({ ...place, purpose: "code_verifier", stateHash: "x" })],
  ["a place with one more field", (place) => ({ ...place, stateHash: "" })],
];

for (const [what, change] of ELSEWHERE) {
  Deno.test(`a sealed token does not open for ${what}`, async () => {
    const user = await world.newUser();
    const { access, accountId } = await sealed(user);
    const place: Place = {
      purpose: "access_token",
      userId: user.id,
      provider: "google",
      accountId,
    };
    ok(await open(access, KEY, place));
    await rejects(open(access, KEY, change(place)));
  });
}

Deno.test("a sealed token opens with no other key, and with no bit changed", async () => {
  const user = await world.newUser();
  const { access, accountId } = await sealed(user);
  const place: Place = { purpose: "access_token", userId: user.id, provider: "google", accountId };
  const other = crypto.getRandomValues(new Uint8Array(32)).toBase64();
  await rejects(open(access, other, place), /another key/);
  const [, kid = "", payload = ""] = access.split(".");
  const bytes = Uint8Array.fromBase64(payload, { alphabet: "base64url" });
  for (const at of [0, 15, 16, 27, 28, bytes.length - 17, bytes.length - 16, bytes.length - 1]) {
    const flipped = bytes.slice();
    flipped[at] = (flipped[at] ?? 0) ^ 1;
    const text = flipped.toBase64({ alphabet: "base64url", omitPadding: true });
    await rejects(open(`v1.${kid}.${text}`, KEY, place), `byte ${at} is not covered`);
  }
});

Deno.test("the stored verifier is the one of the challenge, bound to its state, which is not stored", async () => {
  const user = await world.newUser();
  const { authorization_url } = await connect(service, user, "outlook");
  const query = new URL(authorization_url).searchParams;
  const state = query.get("state") ?? "";
  const rows = await states(user);
  deepEqual(rows.map(({ state_hash }) => state_hash), [await stateHash(state)]);
  ok(!JSON.stringify(rows).includes(state));
  const place: Place = {
    purpose: "code_verifier",
    userId: user.id,
    provider: "outlook",
    stateHash: await stateHash(state),
  };
  const envelope = rows[0]?.sealed_verifier ?? "";
  const verifier = await open(envelope, KEY, place);
  match(verifier, /^[\w.~-]{43,128}$/);
  equal(await stateHash(verifier), query.get("code_challenge"));
  await rejects(open(envelope, KEY, { ...place, stateHash: await stateHash("another") }));
});

Deno.test("a verifier moved to another state opens nothing: no code is exchanged", async () => {
  const user = await world.newUser();
  const callback = await authorizeAs(service, user, "google");
  await connect(service, user, "google");
  await world.database.query(
    `update public.calendar_oauth_states set sealed_verifier =
       (select sealed_verifier from public.calendar_oauth_states as other
         where other.user_id = $1 and other.state_hash <> $2)
     where user_id = $1 and state_hash = $2`,
    [user.id, await stateHash(finishOf(callback).state ?? "")],
  );
  const asked = world.google.tokenRequests.length;
  const response = await post(service, user, "google", finishOf(callback));
  await expectError(response, "invalid_state");
  equal(world.google.tokenRequests.length, asked);
  equal((await world.rowsOf(user)).connections, 0);
});

Deno.test("after a change of keys, what the retired one sealed opens and the new one seals", async () => {
  const user = await world.newUser();
  const callback = await authorizeAs(service, user, "google");
  const next = crypto.getRandomValues(new Uint8Array(32)).toBase64();
  const rotated = await world.newService({
    CALENDAR_ENCRYPTION_KEY: next,
    CALENDAR_RETIRED_ENCRYPTION_KEYS: KEY,
  });
  await expectJson(await post(rotated, user, "google", finishOf(callback)));
  const [row] = await world.sealedRows(user);
  const place: Place = {
    purpose: "access_token",
    userId: user.id,
    provider: "google",
    accountId: row?.account_id ?? null,
  };
  ok(await open(row?.sealed_access_token ?? "", next, place));
  await rejects(open(row?.sealed_access_token ?? "", KEY, place), /another key/);
});

Deno.test("without the retired key a state that it sealed cannot be finished, and is spent", async () => {
  const user = await world.newUser();
  const callback = await authorizeAs(service, user, "google");
  const changed = await world.newService({
    CALENDAR_ENCRYPTION_KEY: crypto.getRandomValues(new Uint8Array(32)).toBase64(),
  });
  const asked = world.google.tokenRequests.length;
  const response = await post(changed, user, "google", finishOf(callback));
  await expectError(response, "invalid_state");
  equal(world.google.tokenRequests.length, asked);
  deepEqual(await world.rowsOf(user), { connections: 0, states: 0 });
});

async function sealed(
  user: User,
): Promise<{ access: string; refresh: string; accountId: string }> {
  await connected(service, user, "google");
  const [row] = await world.sealedRows(user);
  if (!row?.account_id) throw new Error("nothing was stored, or not whose it is");
  return {
    access: row.sealed_access_token,
    refresh: row.sealed_refresh_token,
    accountId: row.account_id,
  };
}

function states(user: User): Promise<{ state_hash: string; sealed_verifier: string }[]> {
  return world.database.query(
    "select state_hash, sealed_verifier from public.calendar_oauth_states where user_id = $1",
    [user.id],
  );
}
