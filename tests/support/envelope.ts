/**
 * The sealed envelope, opened by WebCrypto from its written description alone: no line is shared with
 * the crate.
 *
 *     v1.<kid>.<base64url(salt 16 | nonce 12 | ciphertext | tag 16)>
 */
export type Purpose = "access_token" | "refresh_token" | "code_verifier";

/** What a sealed value is bound to; a value put anywhere else must not open. */
export interface Place {
  purpose: Purpose;
  userId: string;
  provider: string;
  /** The account's id at the provider; absent while it is unknown. */
  accountId?: string | null;
  /** base64url SHA-256 of the state: for a code verifier only. */
  stateHash?: string;
}

const SALT = 16;
const NONCE = 12;

/** The plain text, or an error: of WebCrypto when the tag is wrong, of ours when the shape is. */
export async function open(envelope: string, masterKey: string, place: Place): Promise<string> {
  const [version, kid, payload, ...rest] = envelope.split(".");
  if (version !== "v1" || !kid || !payload || rest.length > 0) throw new Error("not an envelope");
  const master = fromBase64(masterKey);
  if (kid !== await keyId(master)) throw new Error("sealed with another key");
  const bytes = fromBase64(payload);
  const key = await dataKey(master, bytes.subarray(0, SALT), place.purpose);
  const plain = await crypto.subtle.decrypt(
    {
      name: "AES-GCM",
      iv: bytes.subarray(SALT, SALT + NONCE),
      additionalData: boundTo(kid, place),
    },
    key,
    bytes.subarray(SALT + NONCE),
  );
  return new TextDecoder().decode(plain);
}

/** First eight hex digits of the key's SHA-256. */
export async function keyId(master: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", master)).toHex().slice(0, 8);
}

async function dataKey(
  master: Uint8Array<ArrayBuffer>,
  salt: Uint8Array<ArrayBuffer>,
  purpose: Purpose,
): Promise<CryptoKey> {
  const input = await crypto.subtle.importKey("raw", master, "HKDF", false, ["deriveKey"]);
  const info = new TextEncoder().encode(`calendar-connect/v1/${purpose}`);
  return await crypto.subtle.deriveKey(
    { name: "HKDF", hash: "SHA-256", salt, info },
    input,
    { name: "AES-GCM", length: 256 },
    false,
    ["decrypt"],
  );
}

/** Each field by its length in four bytes, then its text: no two lists of fields give the same bytes. */
function boundTo(kid: string, place: Place): Uint8Array<ArrayBuffer> {
  const fields = ["v1", kid, place.purpose, place.userId.toLowerCase(), place.provider];
  fields.push(place.accountId ?? "");
  if (place.stateHash !== undefined) fields.push(place.stateHash);
  const parts = fields.map((field) => new TextEncoder().encode(field));
  const all = new Uint8Array(parts.reduce((sum, part) => sum + 4 + part.length, 0));
  let at = 0;
  for (const part of parts) {
    new DataView(all.buffer).setUint32(at, part.length);
    all.set(part, at + 4);
    at += 4 + part.length;
  }
  return all;
}

/** Both alphabets, with and without padding. */
function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

/** The column's name for a state: base64url of its SHA-256. */
export async function stateHash(state: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(state));
  return new Uint8Array(digest).toBase64({ alphabet: "base64url", omitPadding: true });
}
