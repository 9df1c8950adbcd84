/** Requests that no client sends, from pieces of those that clients do send. */
import { addressOf } from "./handler.ts";
import { COOKIE_NAME, sessionCookie, token } from "./offline.ts";
import { BASE64URL, type Random } from "./random.ts";

const METHODS = ["GET", "POST", "DELETE", "OPTIONS", "PUT", "PATCH", "HEAD", "QUERY", "get", "X"];

const SEGMENTS = [
  "calendar",
  "connect",
  "callback",
  "status",
  "disconnect",
  "health",
  "google",
  "outlook",
  "Google",
  "yahoo",
  "",
  ".",
  "..",
  "%2e%2e",
  "%00",
  "%ff",
  "%",
  "é",
  "__trap",
  "__proto__",
  "a".repeat(3000),
];

const ROUTES: [method: string, path: string][] = [
  ["GET", "/connect/google"],
  ["POST", "/connect/outlook"],
  ["GET", "/callback/google"],
  ["POST", "/callback/outlook"],
  ["GET", "/status"],
  ["DELETE", "/disconnect"],
  ["GET", "/health"],
];

const NAMES = ["code", "state", "iss", "error", "error_description", "provider", "x", "__proto__"];

const SCRAPS = [
  "",
  "0",
  "null",
  "%",
  "%0",
  "%00",
  "%0d%0a",
  "%ff%fe",
  "%F0%9F%98%80",
  "+",
  "&",
  "=",
  "&&&&",
  "==",
  "[]",
  "access_denied",
  "google",
  "https://accounts.google.com",
  "' or 1=1 --",
  "<script>",
  "a".repeat(4097),
  "a=".repeat(3000),
  "%41".repeat(2500),
  "é".repeat(600),
  "\u{1f600}",
  "\u2028",
];

/** Header values: what `fetch` and HTTP allow, which is any byte but CR, LF and NUL. */
const HEADERS: [name: string, values: string[]][] = [
  ["accept", ["text/html", "*/*", "application/json", "text/html\t", "é"]],
  ["origin", [
    "null",
    "https://app.example.test",
    "https://evil.example",
    "",
    "\x7f",
    "é".repeat(50),
  ]],
  ["content-type", ["application/json", "application/json; charset=x", "", ";", "text/plain", "é"]],
  ["sec-fetch-mode", ["navigate", "cors", "no-cors", "", "\x01"]],
  ["sec-fetch-dest", ["document", "empty", "iframe", ""]],
  ["sec-fetch-site", ["same-origin", "none", "cross-site", "same-site", "x"]],
  ["sec-purpose", ["prefetch", ""]],
  ["content-length", ["0", "-1", "99999999999999999999", "x", "32769"]],
  ["host", ["evil.example", ""]],
  ["x-forwarded-host", ["evil.example"]],
  ["x-request-id", ["mine", "\x7f", "x".repeat(9000)]],
];

const JSONS = [
  "",
  "{}",
  "[]",
  "null",
  '"',
  "{",
  '{"code":1}',
  '{"code":"a","state":null}',
  '{"code":"a","code":"b","state":"c"}',
  '{"code":"\\ud800","state":"x"}',
  '{"code":"\\u0000","state":"x"}',
  '{"__proto__":{"code":"a"}}',
  `${'{"a":'.repeat(4000)}1${"}".repeat(4000)}`,
  `${'{"a":'.repeat(126)}1${"}".repeat(126)}`,
  `${"[".repeat(127)}${"]".repeat(127)}`,
  "[".repeat(30_000),
  `{"code":"${"c".repeat(33_000)}"}`,
  "1e999999",
  "\ufeff{}",
];

export function malformedRequest(random: Random): Request {
  if (random.once(500)) return oversizedRequest(random);
  const [its, route] = random.pick(ROUTES);
  const method = random.once(4) ? random.pick(METHODS) : its;
  const headers = new Headers();
  for (const [name, values] of HEADERS) {
    if (random.once(4)) append(headers, name, random.pick(values));
  }
  if (random.once(2)) append(headers, "authorization", authorization(random));
  if (random.once(2)) append(headers, "cookie", cookies(random));
  const bodyless = ["GET", "HEAD", "get"].includes(method);
  return new Request(addressOf(path(random, route) + query(random)), {
    method,
    headers,
    ...(bodyless || random.once(4) ? {} : { body: body(random) }),
  });
}

/** Good but for the length of its body: chance alone rarely puts the rest together. */
function oversizedRequest(random: Random): Request {
  return new Request(addressOf("/callback/google"), {
    method: "POST",
    headers: { authorization: `Bearer ${token()}`, "content-type": "application/json" },
    body: JSON.stringify({ code: "c".repeat(32 * 1024 + random.below(10_000)), state: "s" }),
  });
}

/** Headers refuses a value in Unicode as a browser and HTTP do; those are not sent. */
function append(headers: Headers, name: string, value: string): void {
  try {
    headers.append(name, value);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
  }
}

function path(random: Random, route: string): string {
  if (!random.once(4)) return route + (random.once(12) ? random.pick(["/", "//", "/x"]) : "");
  return "/" + Array.from({ length: random.below(6) }, () => random.pick(SEGMENTS)).join("/");
}

function query(random: Random): string {
  if (random.once(3)) return "";
  if (random.once(3)) {
    const good = `?code=a-code&state=${random.text(BASE64URL, 43)}`;
    return random.once(2) ? good : damaged(good, random);
  }
  const pairs = Array.from({ length: random.below(6) }, () => {
    const value = random.once(3)
      ? random.text(BASE64URL, random.pick([42, 43, 44]))
      : random.once(4)
      ? encodeURIComponent(random.text("abc\n\0\x7f é&=#", random.below(40)))
      : random.pick(SCRAPS);
    return `${random.pick(NAMES)}=${value}`;
  });
  return `?${pairs.join(random.pick(["&", "&", "&", ";", "&&"]))}`;
}

function authorization(random: Random): string {
  const good = token(random.once(2) ? {} : strangeClaims(random));
  const value = random.once(3) ? damaged(good, random) : good;
  if (random.once(2)) return `Bearer ${value}`;
  return random.pick(["Bearer ", "bearer ", "BEARER\t", "Basic ", "", "Bearer  ", "Bearer"]) +
    value;
}

function strangeClaims(random: Random): Record<string, unknown> {
  const values = [null, 0, -1, 1e308, "", "x", [], {}, true, "service_role", "anon"];
  const names = ["sub", "role", "exp", "is_anonymous", "client_id", "aud", "__proto__"];
  return Object.fromEntries(
    Array.from({ length: 1 + random.below(3) }, () => [random.pick(names), random.pick(values)]),
  );
}

function cookies(random: Random): string {
  const value = random.once(3)
    ? damaged(sessionCookie(token()), random)
    : sessionCookie(token(random.once(2) ? {} : strangeClaims(random)));
  const names = [COOKIE_NAME, ...Array.from({ length: 20 }, (_, at) => `${COOKIE_NAME}.${at}`)];
  const odd = [
    `${COOKIE_NAME}.-1`,
    `${COOKIE_NAME}.99999999999999999999`,
    `${COOKIE_NAME}.`,
    "",
    "=",
  ];
  if (random.once(100)) return `${COOKIE_NAME}=base64-${"A".repeat(65_600)}`;
  const pieces = 1 + random.below(5);
  const size = Math.ceil(value.length / pieces);
  const pairs = Array.from({ length: pieces }, (_, at) => {
    const name = pieces === 1
      ? COOKIE_NAME
      : random.once(6)
      ? random.pick([...names, ...odd])
      : `${COOKIE_NAME}.${at}`;
    return `${name}=${value.slice(at * size, (at + 1) * size)}`;
  });
  return pairs.join(random.pick(["; ", ";", ";;", "; ;", ","]));
}

function body(random: Random): BodyInit {
  if (random.once(20)) return random.bytes(random.below(300));
  if (random.once(3)) return damaged(JSON.stringify(goodBody(random)), random);
  if (random.once(3)) return JSON.stringify(goodBody(random));
  return random.pick(JSONS);
}

function goodBody(random: Random): Record<string, unknown> {
  return {
    code: random.pick(["a-code", "c".repeat(4096), ...SCRAPS]),
    state: random.text(BASE64URL, 43),
    ...(random.once(3) ? { iss: random.pick(SCRAPS) } : {}),
    ...(random.once(6) ? { error: random.pick(SCRAPS) } : {}),
  };
}

/** Some characters gone, changed, doubled or cut off. */
function damaged(text: string, random: Random): string {
  const at = random.below(text.length + 1);
  const strange = random.pick(["", "\t", "=", ".", "..", "\x7f", "%00", '"', "}", "\\", "é", text]);
  if (random.once(4)) return text.slice(0, at);
  return text.slice(0, at) + strange + text.slice(at + random.below(3));
}
