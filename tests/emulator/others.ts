/**
 * The same person, app and questions at three servers: ours, npm's `emulate`, and the certified
 * `oidc-provider`. Each question has an answer in a word or two, so that they can be laid side by side.
 */
import { createEmulator, type Emulator } from "emulate";
import { Server } from "node:http";
import { startEmulator } from "../../cli/emulator/mod.js";
import { choosePort } from "../../dev/ports.ts";
import { authorize } from "../providers/person.ts";
import { startStrictProvider } from "../providers/strict.ts";
import {
  type Answer,
  challengeOf,
  GOOGLE_CALENDAR,
  GRAPH_CALENDAR,
  newVerifier,
  type Provider,
} from "./support.ts";

export type ServerName = "ours" | "emulate" | "oidc-provider";
export type Change = Record<string, string | null>;

/** One of the servers, with its app registered and its person known. */
export interface Other {
  name: ServerName;
  provider: Provider;
  client: { client_id: string; client_secret: string };
  redirectUri: string;
  tokenEndpoint: string;
  revocationEndpoint: string;
  /** Where the provider's API would be. */
  api: string;
  authorizationEndpoint: string;
  /** Consents as the person. The URL to which the provider sends them, or why it sends them nowhere. */
  consent(authorizationUrl: string): Promise<URL | string>;
  stop(): Promise<unknown>;
}

const CALLBACK = "http://127.0.0.1:9/functions/v1/calendar/callback";
const CLIENT = { client_id: "one-app", client_secret: "a-secret-that-is-not-real" };
const EMAIL = { google: "ann@gmail.example", microsoft: "ann@outlook.example" };
const PATH = { google: "google", microsoft: "outlook" } as const;

export async function ours(provider: Provider): Promise<Other> {
  const redirectUri = `${CALLBACK}/${PATH[provider]}`;
  const email = EMAIL[provider];
  const { env, control, stop } = await startEmulator({
    seed: "1",
    world: {
      people: [{
        provider,
        email,
        events: [{
          start: "2026-03-30T09:00:00Z",
          end: "2026-03-30T10:00:00Z",
          response: "declined",
        }],
      }],
      clients: [{ provider, ...CLIENT, redirect_uris: [redirectUri] }],
    },
  });
  const setting = (name: string) =>
    env[`${provider === "google" ? "GOOGLE" : "OUTLOOK"}_${name}`] ?? "";
  return {
    name: "ours",
    provider,
    client: CLIENT,
    redirectUri,
    authorizationEndpoint: setting("AUTHORIZATION_ENDPOINT"),
    tokenEndpoint: setting("TOKEN_ENDPOINT"),
    revocationEndpoint: provider === "google"
      ? setting("REVOCATION_ENDPOINT")
      : setting("TOKEN_ENDPOINT").replace(/token$/, "revoke"),
    api: setting("API_URL"),
    consent: async (url) => {
      const { location, status } = await control.consent(url, { account: email });
      return location === null ? `page ${status}` : new URL(location);
    },
    stop,
  };
}

export async function emulate(provider: Provider): Promise<Other> {
  const redirectUri = `${CALLBACK}/${PATH[provider]}`;
  const { port } = choosePort();
  const url = `http://127.0.0.1:${port}`;
  const seed = {
    baseUrl: url,
    users: [{ email: EMAIL[provider], name: "Ann" }],
    oauth_clients: [{ ...CLIENT, name: "One app", redirect_uris: [redirectUri] }],
    ...(provider === "google" ? { calendars: [], calendar_events: declined() } : {}),
  };
  const { emulator, inner } = await onLoopback(() =>
    createEmulator({ service: provider, port, baseUrl: url, seed: { [provider]: seed } })
  );
  // It says that it has started before it listens.
  while (!inner?.listening) await new Promise((passed) => setTimeout(passed, 5));
  const google = provider === "google";
  return {
    name: "emulate",
    provider,
    client: CLIENT,
    redirectUri,
    authorizationEndpoint: url + (google ? "/o/oauth2/v2/auth" : "/oauth2/v2.0/authorize"),
    tokenEndpoint: url + (google ? "/oauth2/token" : "/oauth2/v2.0/token"),
    revocationEndpoint: url + (google ? "/oauth2/revoke" : "/oauth2/v2.0/revoke"),
    api: google ? url : `${url}/v1.0`,
    consent: (authorizationUrl) => clickThrough(authorizationUrl, EMAIL[provider]),
    stop: async () => {
      // Closing waits for connections, and the test may hold idle ones.
      inner?.closeAllConnections();
      await emulator.close();
    },
  };
}

function declined() {
  return [{
    user_email: EMAIL.google,
    calendar_id: "primary",
    summary: "Declined",
    start_date_time: "2026-03-30T09:00:00Z",
    end_date_time: "2026-03-30T10:00:00Z",
    attendees: [{ email: EMAIL.google, response_status: "declined", self: true }],
  }];
}

/** `emulate` listens on every interface, has no setting for it and keeps its server to itself. */
async function onLoopback(
  start: () => Promise<Emulator>,
): Promise<{ emulator: Emulator; inner: Server | undefined }> {
  const listen = Server.prototype.listen;
  let inner: Server | undefined;
  const onlyLoopback = function (this: Server, port: number) {
    inner = this;
    return listen.call(this, { port, host: "127.0.0.1" });
  };
  Object.assign(Server.prototype, { listen: onlyLoopback });
  try {
    return { emulator: await start(), inner };
  } finally {
    Object.assign(Server.prototype, { listen });
  }
}

/** Sends the form of that account on the page of `emulate`. */
async function clickThrough(authorizationUrl: string, account: string): Promise<URL | string> {
  const response = await fetch(authorizationUrl);
  const page = await response.text();
  const form = (page.match(/<form[^]*?<\/form>/g) ?? []).find((each) => each.includes(account));
  if (form === undefined) return `page ${response.status}`;
  const action = /action="([^"]+)"/.exec(form)?.[1] ?? "";
  const fields = [...form.matchAll(/name="([^"]+)" value="([^"]*)"/g)]
    .map(([, name = "", value = ""]) => [name, value.replaceAll("&amp;", "&")]);
  const granted = await fetch(new URL(action, authorizationUrl), {
    method: "POST",
    body: new URLSearchParams(fields),
    redirect: "manual",
  });
  await granted.body?.cancel();
  return new URL(granted.headers.get("location") ?? "");
}

export async function oidcProvider(provider: Provider): Promise<Other> {
  const strict = await startStrictProvider(PATH[provider]);
  const redirectUri = `${CALLBACK}/${PATH[provider]}`;
  strict.register({
    clientId: CLIENT.client_id,
    clientSecret: CLIENT.client_secret,
    redirectUris: [redirectUri],
  });
  return {
    name: "oidc-provider",
    provider,
    client: CLIENT,
    redirectUri,
    authorizationEndpoint: strict.authorizationEndpoint,
    tokenEndpoint: strict.tokenEndpoint,
    revocationEndpoint: `${strict.origin}/token/revocation`,
    api: strict.origin,
    consent: async (url) => {
      try {
        return await authorize(url);
      } catch (error) {
        return `page ${/request: (\d+)/.exec(String(error))?.[1]}`;
      }
    },
    stop: () => strict.stop(),
  };
}

export const SCOPE: Record<Provider, string> = {
  google: GOOGLE_CALENDAR,
  microsoft: `offline_access ${GRAPH_CALENDAR}`,
};

export function authorizationUrl(other: Other, verifier: string, change: Change = {}): string {
  const google = other.provider === "google";
  const query: Change = {
    client_id: other.client.client_id,
    redirect_uri: other.redirectUri,
    response_type: "code",
    scope: SCOPE[other.provider],
    state: "a state",
    code_challenge: challengeOf(verifier),
    code_challenge_method: "S256",
    prompt: google ? "consent select_account" : "select_account",
    ...(google ? { access_type: "offline" } : { response_mode: "query" }),
    ...change,
  };
  const sent = Object.entries(query).filter((pair): pair is [string, string] => pair[1] !== null);
  return `${other.authorizationEndpoint}?${new URLSearchParams(sent)}`;
}

/** What came of asking for consent: "code", an error, or the page on which the person stays. */
export async function asked(other: Other, change: Change): Promise<string> {
  const sent = await other.consent(authorizationUrl(other, newVerifier(), change));
  if (typeof sent === "string") return sent;
  return sent.searchParams.get("error") ?? (sent.searchParams.has("code") ? "code" : "neither");
}

export async function sent(
  url: string,
  form: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(url, { method: "POST", headers, body: new URLSearchParams(form) });
  const text = await response.text();
  let body = {};
  try {
    body = JSON.parse(text);
  } catch {
    // Not every server answers JSON; its status says enough then.
  }
  return { status: response.status, headers: response.headers, body };
}

/** Redeems a fresh code, with changes to the form. */
export async function exchanged(
  other: Other,
  change: Record<string, string> = {},
  ask: Change = {},
): Promise<Answer & { form: Record<string, string>; callback: URL }> {
  const verifier = newVerifier();
  const callback = await other.consent(authorizationUrl(other, verifier, ask));
  if (typeof callback === "string") throw new Error(`${other.name} showed a ${callback}`);
  const form = {
    grant_type: "authorization_code",
    ...other.client,
    code: callback.searchParams.get("code") ?? "",
    redirect_uri: other.redirectUri,
    code_verifier: verifier,
    ...change,
  };
  return { ...await sent(other.tokenEndpoint, form), form, callback };
}

export function refreshed(other: Other, refresh_token: unknown): Promise<Answer> {
  return sent(other.tokenEndpoint, {
    grant_type: "refresh_token",
    ...other.client,
    refresh_token: String(refresh_token),
  });
}

/** "200", or the status with the error. */
export function inShort({ status, body }: Answer): string {
  return status === 200 ? "200" : `${status} ${body.error ?? ""}`.trim();
}
