/** The stack's Google and Microsoft: the emulator, with this stack's callbacks and people of every kind. */
import { deepEqual, equal, ok } from "node:assert/strict";
import { type ProviderName, startProviders } from "../../dev/providers.ts";
import { challengeOf, newVerifier, post } from "../emulator/support.ts";
import { listeningAddresses } from "./processes.ts";

const redirectUrl = "http://127.0.0.1:9/functions/v1/calendar/callback";
const providers = await startProviders({ redirectUrl });
Deno.test.afterAll(() => providers.stop());

const scopes: Record<ProviderName, string> = {
  google: "https://www.googleapis.com/auth/calendar.readonly",
  outlook: "offline_access https://graph.microsoft.com/Calendars.Read",
};

function setting(provider: ProviderName, name: string): string {
  return providers.env[`${provider.toUpperCase()}_${name}`] ?? "";
}

function authorizeUrl(provider: ProviderName, verifier: string, redirectUri: string): string {
  const url = new URL(setting(provider, "AUTHORIZATION_ENDPOINT"));
  url.search = new URLSearchParams({
    client_id: setting(provider, "CLIENT_ID"),
    redirect_uri: redirectUri,
    response_type: "code",
    scope: scopes[provider],
    state: "a state",
    access_type: "offline",
    code_challenge: challengeOf(verifier),
    code_challenge_method: "S256",
  }).toString();
  return url.href;
}

for (const provider of ["google", "outlook"] as const) {
  Deno.test(`${provider}: each account connects under this stack's callback`, async () => {
    ok(providers.accounts[provider].length >= 4);
    for (const account of providers.accounts[provider]) {
      const verifier = newVerifier();
      const redirect_uri = `${redirectUrl}/${provider}`;
      const url = authorizeUrl(provider, verifier, redirect_uri);
      const { location } = await providers.emulator.control.consent(url, { account });
      const back = new URL(location ?? "");
      equal(back.origin + back.pathname, redirect_uri);
      const { status, body } = await post(setting(provider, "TOKEN_ENDPOINT"), {
        grant_type: "authorization_code",
        client_id: setting(provider, "CLIENT_ID"),
        client_secret: setting(provider, "CLIENT_SECRET"),
        code: back.searchParams.get("code") ?? "",
        redirect_uri,
        code_verifier: verifier,
      });
      deepEqual([status, typeof body.refresh_token], [200, "string"], account);
    }
  });

  for (const suffix of ["/", "?x=1", "/more"]) {
    Deno.test(`${provider} sends nobody to its redirect URI followed by ${suffix}`, async () => {
      const url = authorizeUrl(provider, newVerifier(), `${redirectUrl}/${provider}${suffix}`);
      const response = await fetch(url, { redirect: "manual" });
      await response.body?.cancel();
      equal(response.status, 400);
    });
  }
}

Deno.test("each provider has people at home and at work", () => {
  const { people } = providers.emulator.control.state();
  const kinds = people.map(({ provider, hosted_domain, tenant }) =>
    `${provider} ${hosted_domain ?? tenant?.startsWith("9188040d") === false ? "work" : "home"}`
  );
  deepEqual([...new Set(kinds)].sort(), [
    "google home",
    "google work",
    "microsoft home",
    "microsoft work",
  ]);
});

Deno.test("nothing of the emulator listens to other machines", async () => {
  const { port } = new URL(providers.emulator.url);
  deepEqual(await listeningAddresses(), [`127.0.0.1:${port}`]);
});

Deno.test("a preferred port that is taken is given up for a free one", async () => {
  const port = Number(new URL(providers.emulator.url).port);
  const second = await startProviders({ redirectUrl, port });
  deepEqual(second.portsTaken, [port]);
  equal(new URL(second.emulator.url).port === String(port), false);
  await second.stop();
});
