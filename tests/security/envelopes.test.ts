/**
 * Lines 17 and 18 in the Wasm that ships: random values sealed by it and opened by WebCrypto, and the
 * other way round; and nothing opens that was moved, cut, or changed in one bit.
 *
 * Mutations tried: see defences.ts, "17" and "18".
 */
import { equal, ok, rejects, throws } from "node:assert/strict";
import { decryptToken, encryptToken, type TokenPlace } from "../../pkg/calendar_connect.js";
import { keyId, open } from "../support/envelope.ts";
import { PROVIDERS } from "./names.ts";
import { newRandom, type Random } from "./random.ts";
import { seal } from "./seal.ts";

const CASES = 10_000;
const random = newRandom();

/** Any text that is one: ASCII, all of Unicode, empty, up to the longest token. */
function plaintext({ below, once, text }: Random): string {
  if (once(50)) return "";
  if (once(200)) return text("abc", 16_384);
  if (once(3)) {
    return String.fromCodePoint(
      ...Array.from({ length: below(200) }, () => {
        const point = below(0x10f800);
        return point < 0xd800 ? point : point + 0x800;
      }),
    );
  }
  return text("abcdefghijklmnopqrstuvwxyz0123456789-._~+/=", 1 + below(3000));
}

function newKey(): string {
  return random.bytes(32).toBase64();
}

function somewhere(key: string): TokenPlace {
  return {
    key,
    userId: uuid(),
    provider: random.pick(PROVIDERS),
    ...(random.once(2)
      ? { accountId: random.text("0123456789.-abcdef", 1 + random.below(80)) }
      : {}),
    purpose: random.pick(["access_token", "refresh_token"] as const),
  };
}

function uuid(): string {
  const hex = random.bytes(16).toHex();
  return hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, "$1-$2-$3-$4-$5");
}

Deno.test(`line 18: ${CASES} values sealed by the Wasm open with WebCrypto, seed ${random.seed}`, async () => {
  for (let done = 0; done < CASES; done++) {
    const [text, place] = [plaintext(random), somewhere(newKey())];
    const envelope = encryptToken(text, place);
    equal(await open(envelope, place.key, place), text);
  }
});

Deno.test(`line 18: ${CASES} values sealed by WebCrypto open with the Wasm, seed ${random.seed}`, async () => {
  for (let done = 0; done < CASES; done++) {
    const [text, place] = [plaintext(random), somewhere(newKey())];
    const envelope = await seal(text, place.key, place, random.bytes(28));
    equal(decryptToken(envelope, place), text);
  }
});

/** Each changes one thing, so that what was sealed no longer belongs there. */
const MOVES: [what: string, move: (place: TokenPlace) => TokenPlace][] = [
  ["another user", (place) => ({ ...place, userId: uuid() })],
  [
    "another provider",
    (place) => ({ ...place, provider: place.provider === "google" ? "outlook" : "google" }),
  ],
  ["another account", (place) => ({ ...place, accountId: `${place.accountId ?? ""}1` })],
  [
    "another column",
    (place) => ({
      ...place,
      purpose: place.purpose === "access_token" ? "refresh_token" : "access_token",
    }),
  ],
  ["another key", (place) => ({ ...place, key: newKey() })],
];

for (const [what, move] of MOVES) {
  Deno.test(`line 17: what was sealed does not open for ${what}`, () => {
    for (let done = 0; done < 200; done++) {
      const place = somewhere(newKey());
      const envelope = encryptToken("token", place);
      equal(decryptToken(envelope, place), "token");
      throws(() => decryptToken(envelope, move(place)), notOpened);
    }
  });
}

Deno.test("line 17: no envelope opens with one bit changed, cut short, or lengthened", () => {
  const place = somewhere(newKey());
  const [version, kid, payload] = encryptToken("a token of a test", place).split(".");
  const bytes = Uint8Array.fromBase64(payload ?? "", { alphabet: "base64url" });
  const envelope = (part: Uint8Array<ArrayBuffer>) =>
    `${version}.${kid}.${part.toBase64({ alphabet: "base64url", omitPadding: true })}`;
  equal(decryptToken(envelope(bytes), place), "a token of a test");
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const flipped = bytes.slice();
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    throws(() => decryptToken(envelope(flipped), place), notOpened);
  }
  for (let length = 0; length < bytes.length; length++) {
    throws(() => decryptToken(envelope(bytes.slice(0, length)), place), notOpened);
  }
  throws(() => decryptToken(envelope(new Uint8Array([...bytes, 0])), place), notOpened);
});

Deno.test("line 17: other texts than envelopes do not open and do not trap", () => {
  const place = somewhere(newKey());
  const [version, kid, payload = ""] = encryptToken("token", place).split(".");
  const wrong = [
    "",
    ".",
    "..",
    "...",
    `${version}.${kid}.`,
    `${version}..${payload}`,
    `v2.${kid}.${payload}`,
    `V1.${kid}.${payload}`,
    `${version}.${kid}.${payload}.`,
    `${version}.${kid}.${payload}=`,
    `${version}.${kid?.toUpperCase()}x.${payload}`,
    ` ${version}.${kid}.${payload}`,
    `${version}.00000000.${payload}`,
    `${version}.${kid}.${payload}\0`,
    `v1.${kid}.${"A".repeat(1 << 20)}`,
  ];
  for (const text of wrong) throws(() => decryptToken(text, place), notOpened);
  for (let done = 0; done < 2000; done++) {
    const text = random.once(2)
      ? random.text("v1.abcdef0123456789-_", random.below(200))
      : `v1.${kid}.${random.text("ABCabc-_=+/. ", random.below(200))}`;
    throws(() => decryptToken(text, place), notOpened);
  }
});

Deno.test("line 17: a retired key opens what it sealed, and only the current one seals", async () => {
  const [old, now] = [newKey(), newKey()];
  const place = somewhere(old);
  const envelope = encryptToken("token", place);
  const rotated = { ...place, key: now, retiredKeys: [newKey(), old] };
  equal(decryptToken(envelope, rotated), "token");
  const fresh = encryptToken("token", rotated);
  equal(fresh.split(".")[1], await keyId(Uint8Array.fromBase64(now)));
  await rejects(open(fresh, old, place));
});

Deno.test("line 18: no salt, nonce or data is used twice in 10,000 envelopes of one value", () => {
  const place = somewhere(newKey());
  const heads = new Set<string>();
  for (let done = 0; done < CASES; done++) {
    const payload = encryptToken("one and the same token", place).split(".")[2] ?? "";
    const bytes = Uint8Array.fromBase64(payload, { alphabet: "base64url" });
    heads.add(bytes.subarray(0, 16).toHex());
    heads.add(bytes.subarray(16, 28).toHex());
  }
  ok(heads.size === 2 * CASES, `${heads.size} of ${2 * CASES}`);
});

function notOpened(error: unknown): boolean {
  return error instanceof Error && error.name === "CalendarConnectError" &&
    !error.message.includes("token of a test");
}
