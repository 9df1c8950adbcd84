/** Seals an envelope by WebCrypto, from the envelope's written description alone. */
import { keyId, type Place } from "../support/envelope.ts";

const utf8 = new TextEncoder();

export async function seal(
  text: string,
  masterKey: string,
  place: Place,
  random: Uint8Array<ArrayBuffer>,
): Promise<string> {
  const master = Uint8Array.fromBase64(masterKey);
  const [salt, nonce] = [random.subarray(0, 16), random.subarray(16, 28)];
  const kid = await keyId(master);
  const input = await crypto.subtle.importKey("raw", master, "HKDF", false, ["deriveKey"]);
  const key = await crypto.subtle.deriveKey(
    {
      name: "HKDF",
      hash: "SHA-256",
      salt,
      info: utf8.encode(`calendar-connect/v1/${place.purpose}`),
    },
    input,
    { name: "AES-GCM", length: 256 },
    false,
    ["encrypt"],
  );
  const sealed = await crypto.subtle.encrypt(
    { name: "AES-GCM", iv: nonce, additionalData: boundTo(kid, place) },
    key,
    utf8.encode(text),
  );
  const payload = new Uint8Array([...random, ...new Uint8Array(sealed)]);
  return `v1.${kid}.${payload.toBase64({ alphabet: "base64url", omitPadding: true })}`;
}

/** Every field behind its length in four bytes, big end first. */
function boundTo(kid: string, place: Place): Uint8Array<ArrayBuffer> {
  const fields = ["v1", kid, place.purpose, place.userId, place.provider, place.accountId ?? ""]
    .map((field) => {
      const bytes = utf8.encode(field);
      const length = new Uint8Array(4);
      new DataView(length.buffer).setUint32(0, bytes.length);
      return [...length, ...bytes];
    });
  return new Uint8Array(fields.flat());
}
