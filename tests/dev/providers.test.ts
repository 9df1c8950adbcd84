/** The demo's Google and Microsoft: they hand out what the function needs, and refuse what they should. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { type ProviderName, startProviders } from "../../dev/providers.ts";
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

function newVerifier(): string {
  return randomBytes(32).toString("base64url");
}

function authorizeUrl(
  provider: ProviderName,
  verifier: string,
  change: Record<string, string> = {},
) {
  const url = new URL(setting(provider, "AUTHORIZATION_ENDPOINT"));
  const query = {
    client_id: setting(provider, "CLIENT_ID"),
    redirect_uri: `${redirectUrl}/${provider}`,
    response_type: "code",
    scope: scopes[provider],
    state: "a state",
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
    code_challenge_method: "S256",
    ...change,
  };
  url.search = new URLSearchParams(query).toString();
  return url;
}

/** Chooses the first account on the sign-in page, as a person does. */
async function consent(provider: ProviderName, verifier: string): Promise<URL> {
  const page = await (await fetch(authorizeUrl(provider, verifier))).text();
  ok(page.includes(providers.accounts[provider]), "the demo account is offered");
  ok(page.includes("see your calendars"), "the page says what is asked for");
  const [form] = /<form[^]*?<\/form>/.exec(
    page.slice(page.lastIndexOf("<form", page.indexOf(providers.accounts[provider]))),
  ) ?? [""];
  const action = /action="([^"]+)"/.exec(form)?.[1] ?? "";
  const fields = [...form.matchAll(/name="([^"]+)" value="([^"]*)"/g)]
    .map(([, name = "", value = ""]) => [name, value.replaceAll("&amp;", "&")]);
  const response = await fetch(new URL(action, providers.urls[provider]), {
    method: "POST",
    body: new URLSearchParams(fields),
    redirect: "manual",
  });
  await response.body?.cancel();
  equal(response.status, 302);
  return new URL(response.headers.get("location") ?? "");
}

async function token(provider: ProviderName, body: Record<string, string>) {
  const response = await fetch(setting(provider, "TOKEN_ENDPOINT"), {
    method: "POST",
    body: new URLSearchParams({
      client_id: setting(provider, "CLIENT_ID"),
      client_secret: setting(provider, "CLIENT_SECRET"),
      ...body,
    }),
  });
  return { status: response.status, body: await response.json() };
}

async function redeem(provider: ProviderName, change: Record<string, string>) {
  const verifier = newVerifier();
  const code = (await consent(provider, verifier)).searchParams.get("code") ?? "";
  const body = {
    grant_type: "authorization_code",
    code,
    redirect_uri: `${redirectUrl}/${provider}`,
    code_verifier: verifier,
    ...change,
  };
  return { code, body, answer: await token(provider, body) };
}

for (const provider of ["google", "outlook"] as const) {
  Deno.test(`${provider} grants the calendar scope with a refresh token, and refreshes`, async () => {
    const returned = await consent(provider, newVerifier());
    equal(returned.origin + returned.pathname, `${redirectUrl}/${provider}`);
    equal(returned.searchParams.get("state"), "a state");
    const { answer } = await redeem(provider, {});
    equal(answer.status, 200);
    equal(answer.body.scope, scopes[provider]);
    equal(answer.body.token_type, "Bearer");
    match(answer.body.access_token, /.{20}/);
    const refreshed = await token(provider, {
      grant_type: "refresh_token",
      refresh_token: answer.body.refresh_token,
    });
    equal(refreshed.status, 200);
    ok(refreshed.body.access_token !== answer.body.access_token);
  });

  Deno.test(`${provider} takes a code once`, async () => {
    const { body } = await redeem(provider, {});
    const again = await token(provider, body);
    deepEqual([again.status, again.body.error], [400, "invalid_grant"]);
  });

  const refusals: [string, Record<string, string>, number, string][] = [
    ["another verifier", { code_verifier: newVerifier() }, 400, "invalid_grant"],
    ["no code of its own", { code: "invented" }, 400, "invalid_grant"],
    ["another secret", { client_secret: "guessed" }, 401, "invalid_client"],
    ["another client", { client_id: "somebody-else" }, 401, "invalid_client"],
  ];
  for (const [what, change, status, error] of refusals) {
    Deno.test(`${provider} refuses an exchange with ${what}`, async () => {
      const { answer } = await redeem(provider, change);
      deepEqual([answer.status, answer.body.error], [status, error]);
    });
  }

  Deno.test(`${provider} refuses an exchange without a verifier`, async () => {
    const verifier = newVerifier();
    const code = (await consent(provider, verifier)).searchParams.get("code") ?? "";
    const answer = await token(provider, {
      grant_type: "authorization_code",
      code,
      redirect_uri: `${redirectUrl}/${provider}`,
    });
    deepEqual([answer.status, answer.body.error], [400, "invalid_grant"]);
  });

  for (const suffix of ["/", "?x=1", "/more"]) {
    Deno.test(`${provider} sends nobody to its redirect URI followed by ${suffix}`, async () => {
      const redirect_uri = `${redirectUrl}/${provider}${suffix}`;
      const response = await fetch(authorizeUrl(provider, newVerifier(), { redirect_uri }));
      equal(response.status, 400);
      match(await response.text(), /redirect_uri_mismatch/);
    });
  }

  Deno.test(`${provider} lets a person refuse`, async () => {
    const page = await (await fetch(authorizeUrl(provider, newVerifier()))).text();
    const href = /id="cancel" href="([^"]+)"/.exec(page)?.[1]?.replaceAll("&amp;", "&") ?? "";
    const refused = new URL(href);
    equal(refused.origin + refused.pathname, `${redirectUrl}/${provider}`);
    deepEqual([...refused.searchParams], [["error", "access_denied"], ["state", "a state"]]);
  });
}

Deno.test("nothing of the emulators listens to other machines", async () => {
  const listening = await listeningAddresses();
  const ports = Object.values(providers.urls).map((url) => new URL(url).port);
  for (const port of ports) ok(listening.includes(`127.0.0.1:${port}`), port);
  equal(listening.length, 4, "two emulators and what stands before them");
  deepEqual(listening.filter((address) => !address.startsWith("127.0.0.1:")), []);
});
