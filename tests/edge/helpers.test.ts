/** The package's helpers, used as an app of one's own would: against the strict providers, and on rows. */
import { deepEqual, equal, match, rejects, throws } from "node:assert/strict";
import {
  buildGoogleAuthUrl,
  buildOutlookAuthUrl,
  codeChallenge,
  decryptToken,
  encryptToken,
  exchangeGoogleCode,
  exchangeOutlookCode,
  generateCodeVerifier,
  generateState,
  getCapacityForDate,
  type TokenPlace,
} from "../../pkg/calendar_connect.js";
import { authorize } from "../providers/person.ts";
import { KEPT_SCOPES } from "../providers/strict.ts";
import { open } from "../support/envelope.ts";
import { connected } from "../support/flow.ts";
import { CAPACITY } from "../support/payloads.ts";
import { openWorld } from "../support/world.ts";

const world = await openWorld();
Deno.test.afterAll(() => world.close());

const KEY = world.stack.env.CALENDAR_ENCRYPTION_KEY ?? "";

const HELPERS = {
  google: { buildUrl: buildGoogleAuthUrl, exchange: exchangeGoogleCode },
  outlook: { buildUrl: buildOutlookAuthUrl, exchange: exchangeOutlookCode },
};

for (const provider of ["google", "outlook"] as const) {
  const { buildUrl, exchange } = HELPERS[provider];
  const common = { ...world.clients[provider], redirectUri: world.redirectUri(provider) };
  const { authorizationEndpoint, tokenEndpoint } = world[provider];

  Deno.test(`${provider}: the URL that is built leads to a code, and the code to tokens`, async () => {
    const [state, codeVerifier] = [generateState(), generateCodeVerifier()];
    const url = buildUrl({ ...common, state, codeVerifier, authorizationEndpoint });
    equal(new URL(url).searchParams.get("code_challenge"), codeChallenge(codeVerifier));
    const callback = await authorize(url);
    equal(callback.searchParams.get("state"), state);
    const code = callback.searchParams.get("code") ?? "";
    const grant = await exchange({ ...common, code, codeVerifier, tokenEndpoint });
    deepEqual([grant.expiresIn, grant.scopes], [3599, KEPT_SCOPES[provider]]);
    const { answer } = world[provider].tokenRequests.at(-1) ?? {};
    deepEqual([grant.accessToken, grant.refreshToken], [
      answer?.access_token,
      answer?.refresh_token,
    ]);
  });

  Deno.test(`${provider}: a refused exchange throws with the contract's code`, async () => {
    const codeVerifier = generateCodeVerifier();
    await rejects(
      exchange({ ...common, code: "no-such-code", codeVerifier, tokenEndpoint }),
      { name: "CalendarConnectError", code: "provider_rejected" },
    );
    await rejects(
      exchange({ ...common, clientSecret: "wrong", code: "c", codeVerifier, tokenEndpoint }),
      { name: "CalendarConnectError", code: "misconfigured" },
    );
  });
}

const PLACE: TokenPlace = {
  key: KEY,
  userId: "00000000-0000-4000-8000-00000000000a",
  provider: "google",
  purpose: "access_token",
};

Deno.test("what encryptToken seals opens by the written envelope", async () => {
  const sealed = encryptToken("a token of a test ✓", PLACE);
  equal(await open(sealed, KEY, PLACE), "a token of a test ✓");
  equal(decryptToken(sealed, PLACE), "a token of a test ✓");
});

Deno.test("decryptToken opens what the function stored, where it belongs and nowhere else", async () => {
  const user = await world.newUser();
  await connected(world.service, user, "google");
  const [row] = await world.sealedRows(user);
  const sealed = row?.sealed_refresh_token ?? "";
  const place: TokenPlace = {
    ...PLACE,
    userId: user.id,
    purpose: "refresh_token",
    accountId: row?.account_id ?? null,
  };
  equal(decryptToken(sealed, place), world.google.tokenRequests.at(-1)?.answer.refresh_token);
  for (
    const elsewhere of [
      { ...place, userId: PLACE.userId },
      { ...place, provider: "outlook" as const },
      { ...place, accountId: null },
      { ...place, purpose: "access_token" as const },
      { ...place, key: btoa("0".repeat(32)) },
    ]
  ) {
    throws(() => decryptToken(sealed, elsewhere), { name: "CalendarConnectError" });
  }
});

Deno.test("a token of 18,000 bytes is sealed, and one that is too long says what would not be", () => {
  equal(decryptToken(encryptToken("t".repeat(18_000), PLACE), PLACE).length, 18_000);
  throws(() => encryptToken("t".repeat(20_000), PLACE), {
    name: "CalendarConnectError",
    code: "invalid_request",
    message: /at most 18,000 bytes/,
  });
});

Deno.test("a retired key opens", () => {
  const next = btoa("1".repeat(32));
  const sealed = encryptToken("a token", PLACE);
  equal(decryptToken(sealed, { ...PLACE, key: next, retiredKeys: [KEY] }), "a token");
});

Deno.test("the capacity of any day is the fallback", async () => {
  deepEqual(await getCapacityForDate(PLACE.userId, "2025-01-26"), CAPACITY);
});

Deno.test("what is generated is of the length that the RFC asks for, and new every time", () => {
  const made = [generateState(), generateState(), generateCodeVerifier(), generateCodeVerifier()];
  equal(new Set(made).size, 4);
  for (const one of made) match(one, /^[\w-]{43}$/);
});
