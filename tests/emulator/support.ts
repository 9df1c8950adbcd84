/** An app as the emulator's tests play it: it asks for consent, redeems, refreshes, reads and revokes. */
import { createHash, randomBytes } from "node:crypto";
import {
  type EmulatorOptions,
  type RunningEmulator,
  startEmulator,
} from "../../cli/emulator/mod.js";

export type { RunningEmulator } from "../../cli/emulator/mod.js";
export type Provider = "google" | "microsoft";
export type Json = Record<string, unknown>;

export const CALLBACK = "http://127.0.0.1:9/functions/v1/calendar/callback";
export const GOOGLE_CALENDAR = "https://www.googleapis.com/auth/calendar.readonly";
export const GRAPH_CALENDAR = "https://graph.microsoft.com/Calendars.Read";

export const SCOPES: Record<Provider, string> = {
  google: `openid email ${GOOGLE_CALENDAR}`,
  microsoft: `openid profile email offline_access ${GRAPH_CALENDAR}`,
};

const PREFIX = { google: "GOOGLE", microsoft: "OUTLOOK" };
const PATH = { google: "google", microsoft: "outlook" };

/** Runs a test beside an emulator of its own. */
export async function withEmulator(
  test: (emulator: RunningEmulator) => Promise<void>,
  options: EmulatorOptions = {},
): Promise<void> {
  const emulator = await startEmulator({ redirectUrl: CALLBACK, seed: "1", ...options });
  try {
    await test(emulator);
  } finally {
    await emulator.stop();
  }
}

export function setting(emulator: RunningEmulator, provider: Provider, name: string): string {
  const value = emulator.env[`${PREFIX[provider]}_${name}`];
  if (value === undefined) throw new Error(`the emulator has no ${provider} ${name}`);
  return value;
}

export function redirectUri(provider: Provider): string {
  return `${CALLBACK}/${PATH[provider]}`;
}

export interface Ask {
  scope?: string;
  /** Query parameters over the usual ones; null takes one away. */
  change?: Record<string, string | null>;
}

export function newVerifier(): string {
  return randomBytes(32).toString("base64url");
}

export function challengeOf(verifier: string): string {
  return createHash("sha256").update(verifier).digest("base64url");
}

export function authorizationUrl(
  emulator: RunningEmulator,
  provider: Provider,
  verifier: string,
  { scope = SCOPES[provider], change = {} }: Ask = {},
): URL {
  const url = new URL(setting(emulator, provider, "AUTHORIZATION_ENDPOINT"));
  const usual: Record<string, string | null> = {
    client_id: setting(emulator, provider, "CLIENT_ID"),
    redirect_uri: redirectUri(provider),
    response_type: "code",
    scope,
    state: "a state",
    code_challenge: challengeOf(verifier),
    code_challenge_method: "S256",
    ...(provider === "google"
      ? { access_type: "offline", prompt: "consent select_account" }
      : { response_mode: "query", prompt: "select_account" }),
    ...change,
  };
  for (const [name, value] of Object.entries(usual)) {
    if (value !== null) url.searchParams.set(name, value);
  }
  return url;
}

/** An answer of a token endpoint, or of an API. */
export interface Answer {
  status: number;
  body: Json;
  headers: Headers;
}

export async function post(url: string, form: Record<string, string>): Promise<Answer> {
  return await read(await fetch(url, { method: "POST", body: new URLSearchParams(form) }));
}

export async function read(response: Response): Promise<Answer> {
  const { status, headers } = response;
  return { status, headers, body: await response.json() };
}

export function tokenForm(emulator: RunningEmulator, provider: Provider): Record<string, string> {
  return {
    client_id: setting(emulator, provider, "CLIENT_ID"),
    client_secret: setting(emulator, provider, "CLIENT_SECRET"),
  };
}

export interface Redeemable {
  callback: URL;
  form: Record<string, string>;
}

/** Consents as a person and says how the code would be redeemed. */
export async function consent(
  emulator: RunningEmulator,
  provider: Provider,
  account: string,
  ask: Ask & { untick?: string[] } = {},
): Promise<Redeemable> {
  const verifier = newVerifier();
  const url = authorizationUrl(emulator, provider, verifier, ask);
  const { location, page } = await emulator.control.consent(url.href, {
    account,
    untick: ask.untick ?? [],
  });
  if (location === null) throw new Error(`nobody was sent back:\n${page}`);
  const callback = new URL(location);
  const form = {
    ...tokenForm(emulator, provider),
    grant_type: "authorization_code",
    code: callback.searchParams.get("code") ?? "",
    redirect_uri: redirectUri(provider),
    code_verifier: verifier,
  };
  return { callback, form };
}

/** A connected account. */
export interface Connection {
  provider: Provider;
  account: string;
  access: string;
  refresh: string;
  tokens: Json;
}

export async function connect(
  emulator: RunningEmulator,
  provider: Provider,
  account: string,
  ask: Ask & { untick?: string[] } = {},
): Promise<Connection> {
  const { form } = await consent(emulator, provider, account, ask);
  const { status, body } = await post(setting(emulator, provider, "TOKEN_ENDPOINT"), form);
  if (status !== 200) throw new Error(`the code was refused: ${JSON.stringify(body)}`);
  return {
    provider,
    account,
    access: String(body.access_token),
    refresh: String(body.refresh_token),
    tokens: body,
  };
}

export function refresh(
  emulator: RunningEmulator,
  { provider, refresh }: Pick<Connection, "provider" | "refresh">,
  change: Record<string, string> = {},
): Promise<Answer> {
  return post(setting(emulator, provider, "TOKEN_ENDPOINT"), {
    ...tokenForm(emulator, provider),
    grant_type: "refresh_token",
    refresh_token: refresh,
    ...change,
  });
}

/** A call of the provider's API with an access token. */
export async function call(
  emulator: RunningEmulator,
  { provider, access }: Pick<Connection, "provider" | "access">,
  path: string,
  init: RequestInit = {},
): Promise<Answer> {
  const url = setting(emulator, provider, "API_URL") + path;
  const headers = { authorization: `Bearer ${access}`, ...init.headers as Record<string, string> };
  return await read(await fetch(url, { ...init, headers }));
}

export interface Window {
  timeMin: string;
  timeMax: string;
}

export interface BusyCalendar {
  busy: { start: string; end: string }[];
  errors?: { domain: string; reason: string }[];
}

export async function freeBusy(
  emulator: RunningEmulator,
  connection: Connection,
  window: Window,
  ids: string[] = ["primary"],
  more: Json = {},
): Promise<Answer & { calendars: Record<string, BusyCalendar> }> {
  const answer = await call(emulator, connection, "/calendar/v3/freeBusy", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ ...window, items: ids.map((id) => ({ id })), ...more }),
  });
  return { ...answer, calendars: (answer.body.calendars ?? {}) as Record<string, BusyCalendar> };
}

export interface GraphEvent {
  id: string;
  start: { dateTime: string; timeZone: string };
  end: { dateTime: string; timeZone: string };
  isAllDay: boolean;
  isCancelled: boolean;
  showAs: string;
  responseStatus: { response: string };
}

/** Every page of a calendar view. */
export async function calendarView(
  emulator: RunningEmulator,
  connection: Connection,
  { timeMin, timeMax }: Window,
  { zone = "UTC", top = 100 } = {},
): Promise<GraphEvent[]> {
  const query = new URLSearchParams({
    startDateTime: timeMin,
    endDateTime: timeMax,
    $top: String(top),
  });
  const events: GraphEvent[] = [];
  let path: string | undefined = `/me/calendar/calendarView?${query}`;
  while (path !== undefined) {
    const headers = { prefer: `outlook.timezone="${zone}"` };
    const { status, body }: Answer = await call(emulator, connection, path, { headers });
    if (status !== 200) throw new Error(`Graph refused: ${JSON.stringify(body)}`);
    events.push(...body.value as GraphEvent[]);
    const next = body["@odata.nextLink"];
    path = typeof next === "string"
      ? next.slice(setting(emulator, "microsoft", "API_URL").length)
      : undefined;
  }
  return events;
}

/** The claims of an id_token, unchecked. */
export function claimsOf(token: unknown): Json {
  const [, payload = ""] = String(token).split(".");
  return JSON.parse(new TextDecoder().decode(
    Uint8Array.from(
      atob(payload.replaceAll("-", "+").replaceAll("_", "/")),
      (character) => character.charCodeAt(0),
    ),
  ));
}

/** The reason in an error of the Google Calendar API. */
export function googleReason({ body }: Answer): string | undefined {
  const { errors } = (body.error ?? {}) as { errors?: { reason: string }[] };
  return errors?.[0]?.reason;
}

/** The code in an error of Graph. */
export function graphCode({ body }: Answer): string | undefined {
  return (body.error as { code?: string } | undefined)?.code;
}
