/** The strict provider is only a witness if it is strict: this proves that it is. */
import { deepEqual, match, rejects } from "node:assert/strict";
import { ENTRA_REFUSALS, entraQuery } from "./entra.ts";
import { askingAlsoFor, authorize, type Person } from "./person.ts";
import {
  CALENDAR_SCOPE,
  PROFILE_SCOPE,
  type ProviderName,
  startStrictProvider,
  type StrictProvider,
} from "./strict.ts";

const CALLBACK = "http://127.0.0.1:9/functions/v1/calendar/callback/google";
const CLIENT = { clientId: "test-client", clientSecret: "test-client-secret-not-real" };
const VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

for (const name of ["google", "outlook"] as const) {
  Deno.test(`${name}: a code is exchanged once for tokens with the calendar scope`, () =>
    withProvider(name, async (provider) => {
      const callback = await authorize(authorizationUrl(provider, CALENDAR_SCOPE[name]));
      deepEqual(`${callback.origin}${callback.pathname}`, CALLBACK);
      deepEqual(callback.searchParams.get("state"), "a-state");
      deepEqual(callback.searchParams.get("iss"), provider.issuer);
      const code = callback.searchParams.get("code") ?? "";
      const first = await exchange(provider, { code });
      deepEqual(first.status, 200);
      deepEqual(first.body.scope, CALENDAR_SCOPE[name]);
      deepEqual(first.body.token_type, "Bearer");
      match(String(first.body.refresh_token), /.{20,}/);
      const again = await exchange(provider, { code });
      deepEqual([again.status, again.body.error], [400, "invalid_grant"]);
      deepEqual(provider.tokenRequests.length, 2);
      deepEqual(provider.tokenRequests[0]?.form.code_verifier, VERIFIER);
    }));

  Deno.test(`${name}: consent without the calendar gives a token without its scope`, () =>
    withProvider(name, async (provider) => {
      const url = askingAlsoFor(
        authorizationUrl(provider, CALENDAR_SCOPE[name]),
        PROFILE_SCOPE[name],
      );
      const callback = await authorize(url, { decision: "allow without the calendar" });
      const { body } = await exchange(provider, { code: callback.searchParams.get("code") ?? "" });
      deepEqual(body.scope, PROFILE_SCOPE[name]);
    }));

  Deno.test(`${name}: without asking for offline access there is no refresh token`, () =>
    withProvider(name, async (provider) => {
      const url = new URL(authorizationUrl(provider, CALENDAR_SCOPE[name]));
      url.searchParams.delete("access_type");
      url.searchParams.set("scope", CALENDAR_SCOPE[name]);
      const callback = await authorize(url.href);
      const { body } = await exchange(provider, { code: callback.searchParams.get("code") ?? "" });
      deepEqual(body.refresh_token, undefined);
    }));
}

Deno.test("a person who denies comes back with access_denied and no code", () =>
  withProvider("google", async (provider) => {
    const person: Person = { decision: "deny" };
    const callback = await authorize(authorizationUrl(provider, CALENDAR_SCOPE.google), person);
    deepEqual(callback.searchParams.get("error"), "access_denied");
    deepEqual(callback.searchParams.get("code"), null);
  }));

for (const refusal of ENTRA_REFUSALS) {
  Deno.test(`outlook: when ${refusal.what}, the redirect is Entra's own, line breaks included`, () =>
    withProvider("outlook", async (provider) => {
      const url = authorizationUrl(provider, CALENDAR_SCOPE.outlook);
      const callback = await authorize(url, { decision: `deny: ${refusal.what}` });
      deepEqual(callback.search.slice(1), entraQuery(refusal, "a-state"));
      match(callback.search, /%0d%0aTrace\+ID%3a.*%0d%0aCorrelation\+ID%3a.*%0d%0aTimestamp%3a/);
      match(callback.searchParams.get("error_description") ?? "", /^AADSTS\d+: .*\r\nTrace ID: /);
    }));
}

const REFUSED_REQUESTS: [string, (query: URLSearchParams) => void][] = [
  ["another redirect URI", (query) => query.set("redirect_uri", `${CALLBACK}/`)],
  ["an unknown client", (query) => query.set("client_id", "stranger")],
];

for (const [what, change] of REFUSED_REQUESTS) {
  Deno.test(`${what} is refused with a page, not a redirect`, () =>
    withProvider("google", async (provider) => {
      const url = new URL(authorizationUrl(provider, CALENDAR_SCOPE.google));
      change(url.searchParams);
      await rejects(authorize(url.href), /refused the authorization request/);
    }));
}

const REFUSED_PKCE: [string, (query: URLSearchParams) => void][] = [
  ["no code challenge", (query) => query.delete("code_challenge")],
  ["the plain challenge method", (query) => query.set("code_challenge_method", "plain")],
];

for (const [what, change] of REFUSED_PKCE) {
  Deno.test(`${what} is refused`, () =>
    withProvider("google", async (provider) => {
      const url = new URL(authorizationUrl(provider, CALENDAR_SCOPE.google));
      change(url.searchParams);
      const callback = await authorize(url.href);
      deepEqual(callback.searchParams.get("error"), "invalid_request");
    }));
}

const REFUSED_EXCHANGES: [string, Record<string, string>, string][] = [
  ["another verifier", { code_verifier: CHALLENGE }, "invalid_grant"],
  ["another redirect URI", { redirect_uri: `${CALLBACK}x` }, "invalid_grant"],
  ["a wrong client secret", { client_secret: "wrong" }, "invalid_client"],
  ["no verifier", { code_verifier: "" }, "invalid_grant"],
];

for (const [what, change, error] of REFUSED_EXCHANGES) {
  Deno.test(`an exchange with ${what} is refused`, () =>
    withProvider("google", async (provider) => {
      const callback = await authorize(authorizationUrl(provider, CALENDAR_SCOPE.google));
      const code = callback.searchParams.get("code") ?? "";
      const { status, body } = await exchange(provider, { code, ...change });
      deepEqual([status >= 400, body.error], [true, error]);
    }));
}

Deno.test("the issuer can be any name, whatever the address", () =>
  withProvider("google", async (provider) => {
    const callback = await authorize(authorizationUrl(provider, CALENDAR_SCOPE.google));
    deepEqual(callback.searchParams.get("iss"), "https://accounts.google.com");
  }, "https://accounts.google.com"));

async function withProvider(
  name: ProviderName,
  test: (provider: StrictProvider) => Promise<void>,
  issuer?: string,
): Promise<void> {
  const provider = await startStrictProvider(name, { issuer });
  try {
    provider.register({ ...CLIENT, redirectUris: [CALLBACK] });
    await test(provider);
  } finally {
    await provider.stop();
  }
}

function authorizationUrl(provider: StrictProvider, scope: string): string {
  const google = provider.name === "google";
  return `${provider.authorizationEndpoint}?${new URLSearchParams({
    client_id: CLIENT.clientId,
    redirect_uri: CALLBACK,
    response_type: "code",
    scope: google ? scope : `offline_access ${scope}`,
    state: "a-state",
    code_challenge: CHALLENGE,
    code_challenge_method: "S256",
    prompt: google ? "consent select_account" : "select_account",
    ...(google ? { access_type: "offline" } : { response_mode: "query" }),
  })}`;
}

async function exchange(
  provider: StrictProvider,
  form: Record<string, string>,
): Promise<{ status: number; body: Record<string, unknown> }> {
  const response = await fetch(provider.tokenEndpoint, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "authorization_code",
      client_id: CLIENT.clientId,
      client_secret: CLIENT.clientSecret,
      redirect_uri: CALLBACK,
      code_verifier: VERIFIER,
      ...form,
    }),
  });
  return { status: response.status, body: await response.json() };
}
