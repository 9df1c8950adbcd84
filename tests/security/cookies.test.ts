/**
 * Line 13 in the Wasm that ships: session cookies, good ones and every way of spoiling them. A cookie
 * that is no session relays the answer to the app; none of them is an error of ours.
 *
 * Mutations tried: see defences.ts, "13".
 */
import { equal } from "node:assert/strict";
import { inProcess } from "./handler.ts";
import { answerFetchWith, COOKIE_NAME, empty, offline, sessionCookie, token } from "./offline.ts";
import { newRandom } from "./random.ts";

let asked = 0;
answerFetchWith((url, init) => {
  asked++;
  return empty(url, init);
});
const service = inProcess(offline());
const random = newRandom();

/** Whether a cookie header counted as a session: the database was asked for the state. */
async function isSession(cookie: string): Promise<boolean> {
  const before = asked;
  const response = await service.call(`/callback/google?code=c&state=${"s".repeat(43)}`, {
    headers: { cookie, accept: "text/html" },
  });
  equal(response.status, 303);
  const { hash, searchParams } = new URL(response.headers.get("location") ?? "");
  const counted = asked > before;
  equal(searchParams.get("reason"), counted ? "invalid_state" : null);
  equal(hash.includes("calendar_code=c"), !counted);
  return counted;
}

const GOOD = sessionCookie(token());

/** The value in pieces under these numbers. */
function chunks(value: string, numbers: number[], from = COOKIE_NAME): string {
  const size = Math.ceil(value.length / numbers.length);
  return numbers.map((number, at) => `${from}.${number}=${value.slice(at * size, (at + 1) * size)}`)
    .join("; ");
}

const SESSIONS: [what: string, cookie: string][] = [
  ["one cookie", `${COOKIE_NAME}=${GOOD}`],
  ["one cookie among others", `a=b; ${COOKIE_NAME}=${GOOD}; c=d`],
  ["three chunks", chunks(GOOD, [0, 1, 2])],
  ["three chunks in another order", chunks(GOOD, [0, 1, 2]).split("; ").toReversed().join("; ")],
  ["one cookie twice", `${COOKIE_NAME}=${GOOD}; ${COOKIE_NAME}=${GOOD}`],
  ["one cookie with padding", `${COOKIE_NAME}=${GOOD}==`],
];

for (const [what, cookie] of SESSIONS) {
  Deno.test(`line 13: ${what} is a session`, async () => equal(await isSession(cookie), true));
}

const past = Math.floor(Date.now() / 1000) - 1;
const other = sessionCookie(token({ aal: "aal2" }));

const NONE: [what: string, cookie: string][] = [
  ["none", "a=b"],
  ["an empty one", `${COOKIE_NAME}=`],
  ["one without its prefix", `${COOKIE_NAME}=${GOOD.slice("base64-".length)}`],
  ["plain JSON", `${COOKIE_NAME}={"access_token":"${token()}"}`],
  ["a gap in the chunks", chunks(GOOD, [0, 1, 3])],
  ["a gap, and the whole behind it", `${chunks(GOOD, [0])}; ${COOKIE_NAME}.2=`],
  ["a chunk that comes twice", `${chunks(GOOD, [0, 1])}; ${COOKIE_NAME}.1=x`],
  ["chunks from one on", chunks(GOOD, [1, 2])],
  ["seventeen chunks", chunks(GOOD, Array.from({ length: 17 }, (_, at) => at))],
  ["chunks of strange numbers", chunks(GOOD, [-1, 0])],
  ["two different ones of one name", `${COOKIE_NAME}=${GOOD}; ${COOKIE_NAME}=${other}`],
  ["another project's", chunks(GOOD, [0, 1], "sb-other-auth-token")],
  ["64 KB", `${COOKIE_NAME}=base64-${"A".repeat(65_536)}`],
  ["64 KB behind a good one", `${COOKIE_NAME}=${GOOD}; x=${"A".repeat(65_536)}`],
  ["no UTF-8", `${COOKIE_NAME}=base64-${new Uint8Array([0x7b, 0xff, 0x7d]).toBase64()}`],
  ["no base64", `${COOKIE_NAME}=base64-%%%%`],
  ["an expired token", `${COOKIE_NAME}=${sessionCookie(token({ exp: past }))}`],
  ["a token without an end", `${COOKIE_NAME}=${sessionCookie(token({ exp: undefined }))}`],
  ["a token of service_role", `${COOKIE_NAME}=${sessionCookie(token({ role: "service_role" }))}`],
  ["no token", `${COOKIE_NAME}=base64-${btoa("{}")}`],
  ["a list of tokens", `${COOKIE_NAME}=base64-${btoa('{"access_token":["a.b.c"]}')}`],
];

for (const [what, cookie] of NONE) {
  Deno.test(`line 13: ${what} is no session`, async () => equal(await isSession(cookie), false));
}

Deno.test(`line 13: a good cookie cut anywhere is no session; seed ${random.seed}`, async () => {
  // The signature is the database's to check, so what is cut is everything before it.
  const signature = sessionCookie(`${token()}`).length - 16;
  for (let length = 0; length < signature; length++) {
    equal(await isSession(`${COOKIE_NAME}=${GOOD.slice(0, length)}`), false);
  }
});
