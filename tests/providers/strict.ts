/**
 * A strict authorization server behind either provider name: the certified `oidc-provider`, with
 * PKCE required, exact redirect URIs, single-use codes and the calendar scopes of Google or Microsoft.
 *
 * What it saw is its testimony: `tokenRequests` counts every call of the token endpoint, refused ones
 * included, and keeps what each one carried.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import Provider, { interactionPolicy } from "oidc-provider";
import { interactionPages } from "./consent.ts";
import { refuseAsEntra } from "./entra.ts";
import type { Context, Library } from "./library.ts";
import { MapAdapter } from "./library.ts";

export type ProviderName = "google" | "outlook";

export const CALENDAR_SCOPE: Record<ProviderName, string> = {
  google: "https://www.googleapis.com/auth/calendar.readonly",
  outlook: "https://graph.microsoft.com/Calendars.Read",
};

/** A scope that is not the calendar's, so that a person can consent to something else only. */
export const PROFILE_SCOPE: Record<ProviderName, string> = {
  google: "https://www.googleapis.com/auth/userinfo.profile",
  outlook: "https://graph.microsoft.com/User.Read",
};

/** The scopes that a connection keeps of what the function asks for: the calendar's, then those of signing in. */
export const KEPT_SCOPES: Record<ProviderName, string[]> = {
  google: [CALENDAR_SCOPE.google, "openid", "email"],
  outlook: [CALENDAR_SCOPE.outlook, "openid", "profile", "email"],
};

/** The directory of everybody who has a work account here. */
const TENANT = "7c9e6679-7425-40de-944b-e07fc1f90ae7";

/** One call of the token endpoint, as the provider received it and what it answered. */
export interface TokenRequest {
  headers: Record<string, string>;
  form: Record<string, string>;
  status: number;
  answer: Record<string, unknown>;
}

export interface Client {
  clientId: string;
  clientSecret: string;
  redirectUris: string[];
}

export interface StrictProvider {
  readonly name: ProviderName;
  readonly origin: string;
  readonly issuer: string;
  readonly authorizationEndpoint: string;
  readonly tokenEndpoint: string;
  /** Every query that reached the authorization endpoint. */
  readonly authorizationRequests: URLSearchParams[];
  readonly tokenRequests: TokenRequest[];
  /** Only a registered client can do anything here; registering again replaces the former one. */
  register(client: Client): void;
  /** The endpoint variables that point the function here. */
  environment(): Record<string, string>;
  stop(): Promise<void>;
}

export interface StrictOptions {
  /** The issuer it names itself by in `iss`; its own origin when absent. */
  issuer?: string;
  /** Life of an authorization code in seconds. */
  codeLifetime?: number;
  /** As a Google app whose publishing status is Testing: refresh tokens end after this many seconds. */
  refreshTokenLifetime?: number;
}

export async function startStrictProvider(
  name: ProviderName,
  options: StrictOptions = {},
): Promise<StrictProvider> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const issuer = options.issuer ?? origin;
  const authorizationRequests: URLSearchParams[] = [];
  const tokenRequests: TokenRequest[] = [];
  let handler: ReturnType<Library["callback"]> | undefined;
  server.on("request", (request, response) => {
    if (handler) return handler(request, response);
    response.writeHead(503).end("no client is registered yet");
  });

  return {
    name,
    origin,
    issuer,
    authorizationEndpoint: `${origin}/authorize`,
    tokenEndpoint: `${origin}/token`,
    authorizationRequests,
    tokenRequests,
    register(client) {
      const provider = newProvider(name, issuer, client, options, authorizationRequests);
      provider.use(witness(authorizationRequests, tokenRequests));
      if (options.refreshTokenLifetime !== undefined) {
        provider.use(limited(options.refreshTokenLifetime));
      }
      if (name === "outlook") provider.use(refuseAsEntra);
      provider.use(interactionPages(provider));
      handler = provider.callback();
    },
    environment() {
      const prefix = name.toUpperCase();
      return {
        [`${prefix}_AUTHORIZATION_ENDPOINT`]: `${origin}/authorize`,
        [`${prefix}_TOKEN_ENDPOINT`]: `${origin}/token`,
        [`${prefix}_ISSUER`]: issuer,
      };
    },
    stop() {
      server.closeAllConnections();
      return new Promise((stopped) => server.close(() => stopped()));
    },
  };
}

function newProvider(
  name: ProviderName,
  issuer: string,
  client: Client,
  options: StrictOptions,
  seen: URLSearchParams[],
): Library {
  const policy = interactionPolicy.base();
  policy.add(new interactionPolicy.Prompt({ name: "select_account", requestable: true }), 0);
  const provider: Library = new Provider(issuer, {
    adapter: MapAdapter.factory(),
    clients: [{
      client_id: client.clientId,
      client_secret: client.clientSecret,
      redirect_uris: client.redirectUris,
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
      token_endpoint_auth_method: "client_secret_post",
    }],
    clientAuthMethods: ["client_secret_post"],
    cookies: { keys: ["a key for the cookies of a test"] },
    clientDefaults: { id_token_signed_response_alg: "ES256" },
    jwks: { keys: [signingKey] },
    features: { devInteractions: { enabled: false } },
    findAccount: (_: Context, id: string) => ({ accountId: id, claims: () => claimsOf(name, id) }),
    claims: CLAIMS[name],
    conformIdTokenClaims: false,
    interactions: {
      policy,
      url: (_: Context, interaction: { uid: string }) => `/interaction/${interaction.uid}`,
    },
    issueRefreshToken: (_: Context, __: unknown, code: { codeChallenge?: string }) =>
      wantsOfflineAccess(name, seen, code.codeChallenge),
    pkce: { required: () => true },
    renderError: (context: Context, out: unknown) => {
      context.type = "json";
      context.body = JSON.stringify(out);
    },
    routes: { authorization: "/authorize", token: "/token" },
    scopes: ["openid", "offline_access", CALENDAR_SCOPE[name], PROFILE_SCOPE[name]],
    ttl: {
      AccessToken: 3599,
      AuthorizationCode: options.codeLifetime ?? 60,
      Grant: 86_400,
      Interaction: 600,
      RefreshToken: 86_400,
      Session: 86_400,
    },
  });
  return provider;
}

/** The library wants a key of its own to sign with; no answer the tests read is signed. */
const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, [
  "sign",
  "verify",
]);
const signingKey = { ...await crypto.subtle.exportKey("jwk", pair.privateKey), alg: "ES256" };

/** Which scope puts which claims into the id_token. */
const CLAIMS: Record<ProviderName, Record<string, string[]>> = {
  google: { openid: ["sub", "hd"], email: ["email"] },
  outlook: { openid: ["sub", "tid"], profile: ["oid", "preferred_username"], email: ["email"] },
};

/** Who an address is: Workspace and work accounts are those of example.test, the others are private. */
function claimsOf(name: ProviderName, address: string): Record<string, string> {
  const number = [...address].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) >>> 0, 7);
  const domain = address.split("@").at(-1) ?? "";
  const atWork = domain === "example.test";
  if (name === "google") {
    return { sub: `1${number}`, email: address, ...(atWork ? { hd: domain } : {}) };
  }
  return {
    sub: `pairwise-${number}`,
    oid: `00000000-0000-4000-8000-${number.toString(16).padStart(12, "0")}`,
    tid: atWork ? TENANT : "9188040d-6c67-4c5b-b112-36a304b66dad",
    preferred_username: address,
    email: address,
  };
}

/** Google and Microsoft each have their own way of asking for a refresh token. */
function wantsOfflineAccess(
  name: ProviderName,
  seen: URLSearchParams[],
  challenge: string | undefined,
): boolean {
  const request = seen.findLast((query) => query.get("code_challenge") === challenge);
  if (!request) return false;
  if (name === "outlook") return words(request.get("scope")).includes("offline_access");
  return request.get("access_type") === "offline" &&
    words(request.get("prompt")).includes("consent");
}

/** Tells with new tokens how long the refresh token will live. */
function limited(lifetime: number) {
  return async (context: Context, next: () => Promise<void>) => {
    await next();
    if (context.path !== "/token" || context.status !== 200) return;
    const tokens = context.body as Record<string, unknown>;
    context.body = { ...tokens, refresh_token_expires_in: lifetime };
  };
}

function words(text: string | null): string[] {
  return text?.split(" ") ?? [];
}

/** Keeps what reached the two endpoints of the contract, before and after the library judged it. */
function witness(authorizations: URLSearchParams[], tokens: TokenRequest[]) {
  return async (context: Context, next: () => Promise<void>) => {
    if (context.path === "/authorize") {
      authorizations.push(new URLSearchParams(context.querystring));
    }
    await next();
    if (context.path === "/token") {
      tokens.push({
        headers: { ...context.headers },
        form: { ...context.oidc?.body },
        status: context.status,
        answer: { ...(context.body as Record<string, unknown>) },
      });
    }
  };
}
