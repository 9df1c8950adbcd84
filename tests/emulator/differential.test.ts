/**
 * Where our emulator, npm's `emulate` and the certified `oidc-provider` answer alike, where they differ,
 * and which answer is the real provider's, with the source. A row that stops being true fails.
 */
import { deepEqual, equal, match } from "node:assert/strict";
import {
  asked,
  type Change,
  emulate,
  exchanged,
  inShort,
  oidcProvider,
  type Other,
  ours,
  refreshed,
  SCOPE,
  sent,
} from "./others.ts";
import { GRAPH_CALENDAR, newVerifier, type Provider } from "./support.ts";

interface Row {
  question: string;
  ask(other: Other): Promise<string>;
  /** What ours, `emulate` and `oidc-provider` answer. */
  answers: [string, string, string];
  /** The real provider's answer. */
  right: string;
  /** Why ours is another one, where it is on purpose. */
  deliberate?: string;
  source: string;
}

const GOOGLE_OAUTH = "https://developers.google.com/identity/protocols/oauth2/web-server";
const GOOGLE_CALENDAR_API = "https://developers.google.com/workspace/calendar/api/v3/reference";
const MICROSOFT_OAUTH =
  "https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow";
const MICROSOFT_REFRESH = "https://learn.microsoft.com/entra/identity-platform/refresh-tokens";
const PKCE_FOR_ALL =
  "an app that does not send PKCE would not be noticed otherwise (RFC 9700, section 2.1.1); require_pkce: false behaves as the provider";

/** What both providers and both protocols have. */
const COMMON: Row[] = [
  {
    question: "a redirect URI with a slash more",
    ask: async (other) => stays(await asked(other, { redirect_uri: `${other.redirectUri}/` })),
    answers: ["a page", "code", "a page"],
    right: "a page",
    source: "https://www.rfc-editor.org/rfc/rfc6749#section-3.1.2.3",
  },
  {
    question: "a redirect URI with a query more",
    ask: async (other) => stays(await asked(other, { redirect_uri: `${other.redirectUri}?a=1` })),
    answers: ["a page", "code", "a page"],
    right: "a page",
    source: "https://www.rfc-editor.org/rfc/rfc6749#section-3.1.2.3",
  },
  {
    question: "an unknown client",
    ask: async (other) => stays(await asked(other, { client_id: "stranger" })),
    answers: ["a page", "a page", "a page"],
    right: "a page",
    source: "https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2.1",
  },
  {
    question: "no PKCE",
    ask: async (other) => {
      const without = { code_challenge: null, code_challenge_method: null };
      return await asked(other, without) === "code" ? "code" : "refused";
    },
    answers: ["refused", "code", "refused"],
    right: "code",
    deliberate: PKCE_FOR_ALL,
    source: MICROSOFT_OAUTH,
  },
  {
    question: "a code that is used twice",
    ask: async (other) => {
      const { form } = await exchanged(other);
      return inShort(await sent(other.tokenEndpoint, form));
    },
    answers: ["400 invalid_grant", "400 invalid_grant", "400 invalid_grant"],
    right: "400 invalid_grant",
    source: "https://www.rfc-editor.org/rfc/rfc6749#section-5.2",
  },
  {
    question: "an invented code",
    ask: async (other) => inShort(await exchanged(other, { code: "invented" })),
    answers: ["400 invalid_grant", "400 invalid_grant", "400 invalid_grant"],
    right: "400 invalid_grant",
    source: "https://www.rfc-editor.org/rfc/rfc6749#section-5.2",
  },
  {
    question: "another code verifier",
    ask: async (other) => inShort(await exchanged(other, { code_verifier: newVerifier() })),
    answers: ["400 invalid_grant", "400 invalid_grant", "400 invalid_grant"],
    right: "400 invalid_grant",
    source: "https://www.rfc-editor.org/rfc/rfc7636#section-4.6",
  },
  {
    question: "another client secret",
    ask: async (other) => inShort(await exchanged(other, { client_secret: "guessed" })),
    answers: ["401 invalid_client", "401 invalid_client", "401 invalid_client"],
    right: "401 invalid_client",
    source: "https://www.rfc-editor.org/rfc/rfc6749#section-5.2",
  },
  {
    question: "an unknown grant type",
    ask: async (other) => inShort(await exchanged(other, { grant_type: "password" })),
    answers: [
      "400 unsupported_grant_type",
      "400 unsupported_grant_type",
      "400 unsupported_grant_type",
    ],
    right: "400 unsupported_grant_type",
    source: "https://www.rfc-editor.org/rfc/rfc6749#section-5.2",
  },
  {
    question: "an invented refresh token",
    ask: async (other) => inShort(await refreshed(other, "invented")),
    answers: ["400 invalid_grant", "400 invalid_grant", "400 invalid_grant"],
    right: "400 invalid_grant",
    source: "https://www.rfc-editor.org/rfc/rfc6749#section-5.2",
  },
];

const GOOGLE: Row[] = [
  {
    question: "another redirect URI at the exchange",
    ask: async (other) =>
      inShort(await exchanged(other, { redirect_uri: `${other.redirectUri}x` })),
    answers: ["400 redirect_uri_mismatch", "200", "400 invalid_grant"],
    right: "400 redirect_uri_mismatch",
    source: GOOGLE_OAUTH,
  },
  {
    question: "a refresh token without access_type=offline",
    ask: (other) => hasRefreshToken(other, { access_type: null }),
    answers: ["none", "one", "none"],
    right: "none",
    source: GOOGLE_OAUTH,
  },
  {
    question: "a refresh token at a later consent without prompt=consent",
    ask: async (other) => {
      await exchanged(other);
      return await hasRefreshToken(other, { prompt: "select_account" });
    },
    answers: ["none", "one", "none"],
    right: "none",
    source: GOOGLE_OAUTH,
  },
  {
    question: "the refresh token in the answer to a refresh",
    ask: (other) => renewed(other),
    answers: ["none", "none", "the same"],
    right: "none",
    source: GOOGLE_OAUTH,
  },
  {
    question: "the issuer in the authorization response",
    ask: async (other) => named((await exchanged(other)).callback.searchParams.get("iss")),
    answers: ["named", "not named", "named"],
    right: "named",
    source: "https://www.rfc-editor.org/rfc/rfc9207#section-2",
  },
  {
    question: "revoking an invented token",
    ask: async (other) => inShort(await revoked(other, "invented")),
    answers: ["400 invalid_token", "200", "404"],
    right: "400 invalid_token",
    source: `${GOOGLE_OAUTH}#tokenrevoke`,
  },
  {
    question: "another token of the same account after a revocation",
    ask: async (other) => {
      const [one, two] = [await exchanged(other), await exchanged(other)];
      const { status } = await revoked(other, String(one.body.refresh_token));
      if (status !== 200) return "no revocation";
      return (await refreshed(other, two.body.refresh_token)).status === 200 ? "lives" : "is dead";
    },
    answers: ["is dead", "lives", "no revocation"],
    right: "is dead",
    source: `${GOOGLE_OAUTH}#tokenrevoke`,
  },
  {
    question: "the primary calendar by that name",
    ask: async (other) => String((await called(other, "/calendar/v3/calendars/primary")).status),
    answers: ["200", "404", "404"],
    right: "200",
    source: `${GOOGLE_CALENDAR_API}/calendars/get`,
  },
  {
    question: "free and busy times of a calendar that nobody has",
    ask: async (other) => {
      const { calendars = {} } = await freeBusy(other, "2026-03-31T00:00:00Z");
      const found = calendars["nobody@else.example"];
      return found === undefined ? "nothing" : found.errors?.[0]?.reason ?? "free";
    },
    answers: ["notFound", "nothing", "nothing"],
    right: "notFound",
    source: `${GOOGLE_CALENDAR_API}/freebusy/query`,
  },
  {
    question: "an invitation that was declined",
    ask: async (other) => {
      const { calendars = {} } = await freeBusy(other, "2026-03-31T00:00:00Z");
      const busy = calendars.primary?.busy;
      return busy === undefined ? "nothing" : busy.length === 0 ? "free" : "busy";
    },
    answers: ["free", "busy", "nothing"],
    right: "free",
    source: "https://developer.nylas.com/docs/v3/calendar/check-free-busy/",
  },
  {
    question: "free and busy times of a whole year",
    ask: async (other) => String((await freeBusy(other, "2027-03-30T00:00:00Z")).status),
    answers: ["400", "200", "404"],
    right: "400",
    source: "https://github.com/calcom/cal.diy/issues/11962",
  },
];

const MICROSOFT: Row[] = [
  {
    question: "another redirect URI at the exchange",
    ask: async (other) =>
      inShort(await exchanged(other, { redirect_uri: `${other.redirectUri}x` })),
    answers: ["400 invalid_grant", "400 invalid_grant", "400 invalid_grant"],
    right: "400 invalid_grant",
    source: "https://www.rfc-editor.org/rfc/rfc6749#section-5.2",
  },
  {
    question: "a refresh token without offline_access",
    ask: (other) => hasRefreshToken(other, { scope: GRAPH_CALENDAR }),
    answers: ["none", "one", "none"],
    right: "none",
    source: "https://learn.microsoft.com/entra/identity-platform/scopes-oidc",
  },
  {
    question: "the refresh token in the answer to a refresh",
    ask: (other) => renewed(other),
    answers: ["a new one", "a new one", "the same"],
    right: "a new one",
    source: MICROSOFT_REFRESH,
  },
  {
    question: "a refresh token that has been used",
    ask: async (other) => {
      const { body } = await exchanged(other);
      await refreshed(other, body.refresh_token);
      return (await refreshed(other, body.refresh_token)).status === 200 ? "works" : "is dead";
    },
    answers: ["works", "is dead", "works"],
    right: "works",
    source: MICROSOFT_REFRESH,
  },
  {
    question: "offline_access among the granted scopes",
    ask: async (other) =>
      named(String((await exchanged(other)).body.scope).match(/offline_access/)?.[0]),
    answers: ["not named", "named", "not named"],
    right: "not named",
    source: MICROSOFT_OAUTH,
  },
  {
    question: "the numbers of errors",
    ask: async (other) =>
      named((await exchanged(other, { client_secret: "guessed" })).body.error_codes?.toString()),
    answers: ["named", "not named", "not named"],
    right: "named",
    source: `${MICROSOFT_OAUTH}#error-response-1`,
  },
  {
    question: "an endpoint that revokes tokens",
    ask: async (other) => (await revoked(other, "invented")).status === 404 ? "none" : "one",
    answers: ["none", "one", "none"],
    right: "none",
    source: "https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc",
  },
  {
    question: "the default calendar",
    ask: async (other) => String((await called(other, "/me/calendar")).status),
    answers: ["200", "404", "404"],
    right: "200",
    source: "https://learn.microsoft.com/graph/api/calendar-get",
  },
  {
    question: "a calendar view",
    ask: async (other) => {
      const path = "/me/calendarView?startDateTime=2026-03-30&endDateTime=2026-03-31";
      return String((await called(other, path)).status);
    },
    answers: ["200", "404", "404"],
    right: "200",
    source: "https://learn.microsoft.com/graph/api/calendar-list-calendarview",
  },
];

const NAMES = ["ours", "emulate", "oidc-provider"] as const;

const ROWS: Record<Provider, Row[]> = {
  google: [...COMMON, ...GOOGLE],
  microsoft: [...COMMON, ...MICROSOFT],
};

const started: Other[] = [];
Deno.test.afterAll(async () => {
  for (const other of started) await other.stop();
});

for (const provider of ["google", "microsoft"] as const) {
  const servers: Other[] = [];
  // One after the other: `emulate` is started with Node's `listen` replaced.
  for (const start of [ours, emulate, oidcProvider]) servers.push(await start(provider));
  started.push(...servers);
  for (const { question, ask, answers, right, deliberate, source } of ROWS[provider]) {
    const differ = answers.filter((answer) => answer !== right).length;
    const verdict = differ === 0 ? "all are right" : `right is: ${right}`;
    Deno.test(`${provider}: ${question} (${verdict})`, async () => {
      match(source, /^https:\/\//);
      const seen: Record<string, string> = {};
      for (const server of servers) seen[server.name] = await ask(server);
      deepEqual(seen, Object.fromEntries(NAMES.map((name, index) => [name, answers[index]])));
      if (answers[0] !== right) equal(typeof deliberate, "string", "ours is wrong");
    });
  }
}

// --- answers in a word ---------------------------------------------------------------------------

function stays(answer: string): string {
  return answer.startsWith("page") ? "a page" : answer;
}

function named(value: string | null | undefined): string {
  return value ? "named" : "not named";
}

async function hasRefreshToken(other: Other, ask: Change): Promise<string> {
  return (await exchanged(other, {}, ask)).body.refresh_token === undefined ? "none" : "one";
}

async function renewed(other: Other): Promise<string> {
  const { body } = await exchanged(other);
  const after = (await refreshed(other, body.refresh_token)).body.refresh_token;
  if (after === undefined) return "none";
  return after === body.refresh_token ? "the same" : "a new one";
}

function revoked(other: Other, token: string) {
  return sent(other.revocationEndpoint, { token, ...other.client });
}

async function called(other: Other, path: string, init: RequestInit = {}) {
  const { body } = await exchanged(other, {}, { scope: SCOPE[other.provider] });
  const headers = {
    authorization: `Bearer ${body.access_token}`,
    "content-type": "application/json",
  };
  const response = await fetch(other.api + path, { ...init, headers });
  return { status: response.status, text: await response.text() };
}

interface Busy {
  busy: unknown[];
  errors?: { reason: string }[];
}

async function freeBusy(
  other: Other,
  timeMax: string,
): Promise<{ status: number; calendars?: Record<string, Busy> }> {
  const { status, text } = await called(other, "/calendar/v3/freeBusy", {
    method: "POST",
    body: JSON.stringify({
      timeMin: "2026-03-30T00:00:00Z",
      timeMax,
      items: [{ id: "primary" }, { id: "nobody@else.example" }],
    }),
  });
  return { status, ...(status === 200 ? { calendars: JSON.parse(text).calendars } : {}) };
}
