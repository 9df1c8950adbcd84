/**
 * Where our judgement of a provider's answer differs from that of `oauth4webapi`, each with its reason.
 * A difference that matches no line here fails the test, and so does a line that no case needs.
 */
export interface Difference<Case> {
  what: string;
  /** Who alone accepts it. */
  accepts: "oauth4webapi" | "we";
  reason: string;
  when(one: Case): boolean;
}

/** A token response: its text, and what JavaScript reads in it (undefined where it reads nothing). */
export interface TokenCase {
  text: string;
  bytes: Uint8Array;
  body: Record<string, unknown> | undefined;
}

const VSCHAR = /^[\x20-\x7e]+$/;

const visible = (value: unknown) =>
  typeof value === "string" && VSCHAR.test(value) && value.length <= 16_384;

export const TOKEN_DIFFERENCES: readonly Difference<TokenCase>[] = [
  {
    what: "no refresh token",
    accepts: "oauth4webapi",
    reason: "a connection without one would die within the hour",
    when: ({ body }) => body?.refresh_token === undefined,
  },
  {
    what: "a scope without the calendar",
    accepts: "oauth4webapi",
    reason: "consent was given to something else; a library cannot know what the app needs",
    when: ({ body }) =>
      typeof body?.scope === "string" &&
      !body.scope.split(" ").includes("https://www.googleapis.com/auth/calendar.readonly"),
  },
  {
    what: "no lifetime, or one that is no whole number of seconds from 1 to ten years",
    accepts: "oauth4webapi",
    reason: "both providers always send a whole number; anything else is not their answer",
    when: ({ body }) =>
      !Number.isInteger(body?.expires_in) || Number(body?.expires_in) < 1 ||
      Number(body?.expires_in) > 315_360_000,
  },
  {
    what: "a token with characters that no token has, or over 16 KiB",
    accepts: "oauth4webapi",
    reason:
      "RFC 6749 appendix A.12 and A.17; a newline would split a header when the token is used",
    when: ({ body }) =>
      !visible(body?.access_token) ||
      (body?.refresh_token !== undefined && !visible(body.refresh_token)),
  },
  {
    what: "the token type DPoP",
    accepts: "oauth4webapi",
    reason: "we have no proof-of-possession key, so such a token could never be used",
    when: ({ body }) => String(body?.token_type).toLowerCase() === "dpop",
  },
  {
    what: "a member that comes twice",
    accepts: "oauth4webapi",
    reason: "RFC 8259 section 4: which one counts is anybody's guess, so neither does",
    when: ({ text }) =>
      /"(access_token|refresh_token|scope|token_type|expires_in)".*"\1"/.test(text),
  },
  {
    what: "JSON of more than 128 levels",
    accepts: "oauth4webapi",
    reason: "bounded recursion: nothing of ours is nested at all",
    when: ({ text }) => text.includes("[".repeat(130)),
  },
  {
    what: "half of a surrogate pair",
    accepts: "oauth4webapi",
    reason: "it is no Unicode text",
    when: ({ text }) => /\\ud[89a-f]/i.test(text),
  },
  {
    what: "bytes that are no UTF-8, or a byte order mark",
    accepts: "oauth4webapi",
    reason: "RFC 8259 section 8.1: JSON is UTF-8 and has no mark; fetch repairs both in silence",
    when: ({ bytes }) => bytes.includes(0xff) || (bytes[0] === 0xef && bytes[1] === 0xbb),
  },
  {
    what: "an id_token that is no JWT",
    accepts: "we",
    reason:
      "the token response is judged without it; the account is read from it in a step of its own",
    when: ({ body }) => body?.id_token !== undefined,
  },
  {
    what: "a scope of null",
    accepts: "we",
    reason: "the same as none: RFC 6749 section 5.1, what was asked for was granted",
    when: ({ body }) => body?.scope === null,
  },
];

/** An authorization response: the query as it came. */
export interface QueryCase {
  query: string;
  parameters: URLSearchParams;
}

export const QUERY_DIFFERENCES: readonly Difference<QueryCase>[] = [
  {
    what: "an empty iss",
    accepts: "oauth4webapi",
    reason:
      "RFC 9207 section 2.4: what is there must be the issuer; the library takes it for absent",
    when: ({ parameters }) => parameters.get("iss") === "",
  },
  {
    what: "an empty error beside a code",
    accepts: "oauth4webapi",
    reason: "an answer is either a code or an error",
    when: ({ parameters }) => parameters.get("error") === "",
  },
  {
    what: "a code with characters that no code has, or over 4 KiB",
    accepts: "oauth4webapi",
    reason: "RFC 6749 appendix A.11; the limit is ours",
    when: ({ parameters }) => {
      const code = parameters.get("code") ?? "";
      return !VSCHAR.test(code) || code.length > 4096;
    },
  },
  {
    what: "a query over 8 KiB",
    accepts: "oauth4webapi",
    reason: "the limit is ours",
    when: ({ query }) => query.length > 8192,
  },
  {
    what: "id_token, token or response beside the code",
    accepts: "we",
    reason: "unknown parameters are ignored (RFC 6749 section 4.1.2); we never ask for those flows",
    when: ({ parameters }) =>
      ["id_token", "token", "response"].some((name) => parameters.has(name)),
  },
];
