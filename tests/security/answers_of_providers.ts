/** Token responses and authorization responses, good ones with up to three things changed. */
import type { QueryCase, TokenCase } from "./differences.ts";
import type { Random } from "./random.ts";

const SCOPE = "https://www.googleapis.com/auth/calendar.readonly";

const VALUES = [
  null,
  true,
  0,
  1,
  -1,
  1.5,
  3600,
  1e308,
  315_360_000,
  315_360_001,
  4_294_967_296,
  "",
  " ",
  "3600",
  "Bearer",
  "BEARER",
  "DPoP",
  "mac",
  "a token",
  "a\nb",
  "é",
  "\u2028",
  "a".repeat(16_384),
  "a".repeat(16_385),
  SCOPE,
  `openid ${SCOPE}`,
  `${SCOPE}.extra`,
  SCOPE.toUpperCase(),
  "not.a.jwt",
  [],
  ["a"],
  {},
];

const MEMBERS = [
  "access_token",
  "refresh_token",
  "token_type",
  "expires_in",
  "scope",
  "id_token",
  "refresh_token_expires_in",
  "error",
  "__proto__",
  "extra",
];

/** Changes to the text itself. */
const TWISTS: ((text: string, random: Random) => string)[] = [
  (text, random) => text.slice(0, random.below(text.length)),
  (text) => ` \r\n\t${text}\n`,
  (text) => `[${text}]`,
  (text) => `${text}x`,
  (text) => text + text,
  (text) => text.replace("{", '{"access_token":"first",'),
  (text) => text.replace("{", '{"scope":"first",'),
  (text) => text.replace("3599", "3.599e3"),
  (text) => text.replace("3599", "3599.0"),
  (text) => text.replace("3599", "03599"),
  (text) => text.replace("{", '{"a":"\\ud800",'),
  (text) => text.replace("{", `{"a":${"[".repeat(200)}${"]".repeat(200)},`),
  // As deep as is read at all: the stack must do for it.
  (text) => text.replace("{", `{"a":${"[".repeat(125)}${"]".repeat(125)},`),
  (text) => text.replace("{", `{"a":${'{"a":'.repeat(125)}1${"}".repeat(125)},`),
  (text) => `\ufeff${text}`,
  (text) => text.replaceAll('"', "'"),
  (text) => text.replace("}", ",}"),
  (text) => `/* comment */${text}`,
  (text) => text.replace("access_token", "\\u0061ccess_token"),
  () => "null",
  () => "",
  () => "<html></html>",
];

export function tokenCase(random: Random): TokenCase {
  const body: Record<string, unknown> = {
    access_token: "fake-access",
    refresh_token: "fake-refresh",
    token_type: "Bearer",
    expires_in: 3599,
    scope: SCOPE,
  };
  for (let changes = random.below(4); changes > 0; changes--) {
    const name = random.pick(MEMBERS);
    if (random.once(5)) delete body[name];
    else Object.defineProperty(body, name, { value: random.pick(VALUES), ...OWN });
  }
  let text = JSON.stringify(body);
  if (random.once(4)) text = random.pick(TWISTS)(text, random);
  let bytes = new TextEncoder().encode(text);
  if (random.once(40)) {
    bytes = bytes.slice();
    bytes[random.below(bytes.length)] = 0xff;
  }
  return { text, bytes, body: parsed(bytes) };
}

/** `__proto__` as a member like any other. */
const OWN = { enumerable: true, configurable: true, writable: true };

function parsed(bytes: Uint8Array): Record<string, unknown> | undefined {
  try {
    const value = JSON.parse(new TextDecoder().decode(bytes));
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

const ISSUERS = [
  "https://accounts.google.com",
  "https://accounts.google.com/",
  "HTTPS://accounts.google.com",
  "https://accounts.google.com.evil.example",
  "accounts.google.com",
  "",
  " ",
  "é",
];

const TEXTS = [
  "",
  "a",
  "4/0AbCd-_",
  "a b",
  "a+b",
  "%00",
  "%0d%0a",
  "%ff",
  "%C3%A9",
  "%",
  "%zz",
  "é",
  "a".repeat(4096),
  "a".repeat(4097),
  "a".repeat(8300),
];

const EXTRAS = [
  "scope=x",
  "authuser=0",
  "hd=%0a",
  `hd=${"x".repeat(8200)}`,
  "prompt=consent",
  "session_state=x",
  "id_token=x",
  "token=x",
  "response=x",
  "error_description=x",
  "Code=x",
  "code[]=x",
  "&&",
  "=",
];

export function queryCase(random: Random, state: string): QueryCase {
  const pairs = new Map<string, string[]>([["code", ["a-code"]], ["state", [state]]]);
  if (random.once(2)) pairs.set("iss", ["https://accounts.google.com"]);
  for (let changes = random.below(4); changes > 0; changes--) change(random, pairs, state);
  const listed = [...pairs].flatMap(([name, values]) => values.map((value) => `${name}=${value}`));
  if (random.once(3)) listed.splice(random.below(listed.length + 1), 0, random.pick(EXTRAS));
  // What the platform's URL parser makes of it is what reaches a handler.
  const query = new URL(`https://x.example/?${listed.join("&")}`).search.slice(1);
  return { query, parameters: new URLSearchParams(query) };
}

function change(random: Random, pairs: Map<string, string[]>, state: string): void {
  const name = random.pick(["code", "state", "iss", "error"]);
  const values = {
    code: TEXTS,
    state: [...TEXTS, state.toLowerCase(), `${state}x`, state.slice(1)],
    iss: ISSUERS,
    error: ["access_denied", "", "x"],
  }[name] ?? [];
  const dice = random.below(5);
  if (dice === 0) pairs.delete(name);
  else if (dice === 1) pairs.set(name, [...pairs.get(name) ?? [], random.pick(values)]);
  else pairs.set(name, [random.pick(values)]);
}
