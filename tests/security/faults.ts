/** What providers and databases do wrong, as lists to pick from. */
import type { Fault } from "../../dev/mod.ts";
import { type Answer, deepJson, gzipBomb, json, tokens } from "../providers/hostile.ts";
import { CALENDAR_SCOPE, type ProviderName } from "../providers/strict.ts";

/** What only the other side says: it may reach no caller and no log. */
export interface Words {
  /** In the provider's error descriptions and pages. */
  provider: string;
  /** In PostgREST's `message`, `details` and `hint`. */
  database: string;
}

/** The tokens of one flow. */
export interface Tokens {
  access_token: string;
  refresh_token: string;
  id_token?: string;
  /** What is in the id_token; it is not sent by itself. */
  claims?: Record<string, unknown>;
}

/** A fault, or none, of the token endpoint. */
export interface ProviderFault {
  what: string;
  /** Whether the answer still makes a connection. */
  good?: true;
  answer: (provider: ProviderName, tokens: Tokens) => Answer;
}

const bomb = await gzipBomb(8 << 20);

/** Lines 14 and 15: each of these once or more in every run. */
export function providerFaults(words: Words, elsewhere: string): ProviderFault[] {
  const refusal = (status: number, error: string): ProviderFault => ({
    what: `${status} ${error}`,
    answer: () => json(status, { error, error_description: words.provider }),
  });
  const changed = (what: string, changes: Record<string, unknown>): ProviderFault => ({
    what,
    answer: (provider, { claims: _, ...given }) =>
      tokens(CALENDAR_SCOPE[provider], { ...given, ...changes }),
  });
  const fixed = (what: string, answer: Answer): ProviderFault => ({ what, answer: () => answer });
  const page = (status: number) =>
    fixed(`${status} with a page`, {
      status,
      headers: { "content-type": "text/html" },
      body: `<h1>${words.provider}</h1>`,
    });
  const cut = (fault: "stall" | "truncate" | "drip"): ProviderFault => ({
    what: fault,
    answer: (provider, { claims: _, ...given }) => ({
      ...tokens(CALENDAR_SCOPE[provider], { ...given }),
      fault,
    }),
  });
  return [
    refusal(400, "invalid_grant"),
    refusal(401, "invalid_client"),
    refusal(400, "redirect_uri_mismatch"),
    { ...refusal(400, words.provider), what: "400 in the provider's own words" },
    refusal(503, "temporarily_unavailable"),
    ...[200, 400, 403, 404, 418, 500, 502, 504].map(page),
    fixed("200 with nothing", { status: 200 }),
    fixed("204", { status: 204 }),
    fixed("429", json(429, { error: words.provider }, { "retry-after": "7" })),
    fixed("429 with a date", json(429, {}, { "retry-after": "Wed, 21 Oct 2065 07:28:00 GMT" })),
    fixed("half a JSON text", { status: 200, body: '{"access_token":"' }),
    fixed("a list", json(200, [])),
    fixed("100,000 levels", deepJson(100_000)),
    fixed("10,000 levels", deepJson(10_000)),
    fixed("no UTF-8", { status: 200, body: new Uint8Array([0x7b, 0xff, 0xfe, 0x7d]) }),
    fixed("a bomb", bomb),
    fixed("a reset", { fault: "reset" }),
    fixed("silence", { fault: "silence" }),
    cut("stall"),
    cut("truncate"),
    cut("drip"),
    ...[301, 302, 303, 307, 308].map((status) =>
      fixed(`${status} to another origin`, { status, headers: { location: elsewhere } })
    ),
    changed("no access token", { access_token: undefined }),
    changed("an empty access token", { access_token: "" }),
    changed("a number for a token", { access_token: 7 }),
    changed("a list for a token", { access_token: ["a"] }),
    changed("a newline in the token", { access_token: "a\nb" }),
    changed("a token over 16 KiB", { access_token: "a".repeat(16_385) }),
    changed("no refresh token", { refresh_token: undefined }),
    changed("an empty refresh token", { refresh_token: "" }),
    changed("an object for a refresh token", { refresh_token: {} }),
    changed("no token type", { token_type: undefined }),
    changed("another token type", { token_type: "mac" }),
    changed("no lifetime", { expires_in: undefined }),
    ...[0, -1, 1e308, "3600", null, 1.5].map((value) =>
      changed(`a lifetime of ${value}`, { expires_in: value })
    ),
    changed("no calendar in the scope", { scope: "openid email" }),
    changed("an empty scope", { scope: "" }),
    changed("a number for a scope", { scope: 1 }),
    changed("an answer over 64 KiB", { filler: "x".repeat(65_536) }),
  ];
}

/** Answers of a provider that is well, in the ways that they differ. */
export const GOOD: readonly ProviderFault[] = [
  {
    what: "well",
    good: true,
    answer: (name, { claims: _, ...given }) => tokens(CALENDAR_SCOPE[name], { ...given }),
  },
  {
    what: "well, without a scope",
    good: true,
    answer: (_, { claims: __, ...given }) => {
      const body = { ...given, token_type: "bearer", expires_in: 3599 };
      return json(200, body);
    },
  },
  {
    what: "well, with a longer token",
    good: true,
    answer: (name, { claims: _, ...given }) =>
      tokens(`openid ${CALENDAR_SCOPE[name]}`, {
        ...given,
        access_token: given.access_token + "a".repeat(6000),
      }),
  },
];

/** A fault of the database API. */
export interface DatabaseFault {
  what: string;
  /** How many calls of the step it breaks. */
  times: number;
  /** Whether the call may have been carried out before it broke. */
  afterwards?: true;
  fault: Fault;
}

/** Line 22. `deadline` is what the function waits at most. */
export function databaseFaults(words: Words, deadline: number): DatabaseFault[] {
  const says = (status: number, code: string): Fault => ({
    status,
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      code,
      message: words.database,
      details: words.database,
      hint: words.database,
    }),
  });
  const all: Omit<DatabaseFault, "times">[] = [
    { what: "503", fault: says(503, "PGRST001") },
    { what: "500", fault: says(500, "XX000") },
    { what: "deadlock", fault: says(500, "40P01") },
    { what: "a page", fault: { status: 502, body: `<h1>${words.database}</h1>` } },
    { what: "429", fault: { status: 429, headers: { "retry-after": "3" } } },
    { what: "nonsense", fault: { status: 200, body: `{"${words.database}` } },
    { what: "a reset before", fault: { reset: "before" } },
    { what: "a reset afterwards", afterwards: true, fault: { reset: "after" } },
    { what: "late before", fault: { delay: deadline + 200, status: 503 } },
    { what: "late afterwards", afterwards: true, fault: { answerDelay: deadline + 200 } },
  ];
  return all.flatMap((one) => [{ ...one, times: 1 }, { ...one, times: 9 }]);
}
