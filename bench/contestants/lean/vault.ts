/** Envelope v1 by WebCrypto: HKDF-SHA-256 and AES-256-GCM, bound to user, provider and purpose. */
import { base64url, fromBase64, hex, utf8 } from "./bytes.ts";
import { encryptionKey } from "./config.ts";
import { Failure } from "./failure.ts";

export interface Place {
  purpose: "access_token" | "refresh_token" | "code_verifier";
  userId: string;
  provider: string;
  stateHash?: string;
}

const master = await crypto.subtle.importKey("raw", fromBase64(encryptionKey), "HKDF", false, [
  "deriveKey",
]);
const digest = await crypto.subtle.digest("SHA-256", fromBase64(encryptionKey));
const kid = hex(new Uint8Array(digest).subarray(0, 4));

export async function seal(place: Place, text: string): Promise<string> {
  const random = crypto.getRandomValues(new Uint8Array(28));
  const key = await dataKey(place, random.subarray(0, 16));
  const sealed = await crypto.subtle.encrypt(parameters(place, random), key, utf8(text));
  const payload = new Uint8Array(28 + sealed.byteLength);
  payload.set(random);
  payload.set(new Uint8Array(sealed), 28);
  return `v1.${kid}.${base64url(payload)}`;
}

export async function open(place: Place, envelope: string): Promise<string> {
  const [version, named, payload] = envelope.split(".");
  if (version !== "v1" || named !== kid || !payload) throw new Failure(400, "invalid_state");
  const sealed = fromBase64(payload);
  const key = await dataKey(place, sealed.subarray(0, 16));
  const opened = await crypto.subtle.decrypt(parameters(place, sealed), key, sealed.subarray(28));
  return new TextDecoder().decode(opened);
}

function dataKey(place: Place, salt: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  const info = utf8(`calendar-connect/v1/${place.purpose}`);
  const derivation = { name: "HKDF", hash: "SHA-256", salt, info };
  const algorithm = { name: "AES-GCM", length: 256 };
  return crypto.subtle.deriveKey(derivation, master, algorithm, false, ["encrypt", "decrypt"]);
}

function parameters(place: Place, head: Uint8Array<ArrayBuffer>): AesGcmParams {
  return { name: "AES-GCM", iv: head.subarray(16, 28), additionalData: associatedData(place) };
}

function associatedData(place: Place): Uint8Array<ArrayBuffer> {
  const fields = ["v1", kid, place.purpose, place.userId, place.provider];
  if (place.stateHash !== undefined) fields.push(place.stateHash);
  const texts = fields.map(utf8);
  const data = new Uint8Array(texts.reduce((length, text) => length + 4 + text.length, 0));
  const view = new DataView(data.buffer);
  let at = 0;
  for (const text of texts) {
    view.setUint32(at, text.length);
    data.set(text, at + 4);
    at += 4 + text.length;
  }
  return data;
}
