// @ts-check
/** `id_token`s: signed with RS256 by a key that lives as long as the process. */
import { Buffer } from "node:buffer";
import { createHash, generateKeyPair, sign } from "node:crypto";
import { promisify } from "node:util";

/** @typedef {import("node:crypto").KeyObject} KeyObject */

/** @type {Promise<{ publicKey: KeyObject, privateKey: KeyObject }> | undefined} */
let pair;

/** Generated in the background, once for all emulators of a process. */
function keyPair() {
  return pair ??= promisify(generateKeyPair)("rsa", { modulusLength: 2048 });
}

export class Signer {
  #pair = keyPair();

  /** The public half, as the providers publish theirs. */
  async jwks() {
    const { publicKey } = await this.#pair;
    const { n = "", e = "" } = publicKey.export({ format: "jwk" });
    return { keys: [{ kty: "RSA", use: "sig", alg: "RS256", kid: keyId(n), n, e }] };
  }

  /** @param {Record<string, unknown>} claims */
  async sign(claims) {
    const { privateKey, publicKey } = await this.#pair;
    const { n = "" } = publicKey.export({ format: "jwk" });
    const head = part({ alg: "RS256", typ: "JWT", kid: keyId(n) });
    const signed = `${head}.${part(claims)}`;
    const signature = sign("RSA-SHA256", Buffer.from(signed), privateKey);
    return `${signed}.${signature.toString("base64url")}`;
  }
}

/** @param {string} modulus */
function keyId(modulus) {
  return createHash("sha256").update(modulus).digest("base64url").slice(0, 27);
}

/** @param {unknown} value */
function part(value) {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

/**
 * OpenID Connect's `at_hash`.
 * @param {string} accessToken
 */
export function accessTokenHash(accessToken) {
  return createHash("sha256").update(accessToken).digest().subarray(0, 16).toString("base64url");
}

/**
 * Whether the verifier belongs to the challenge (RFC 7636, section 4.6).
 * @param {string} verifier
 * @param {string} challenge
 * @param {string | null} method
 */
export function verifierFits(verifier, challenge, method) {
  if (method !== "S256") return verifier === challenge;
  return createHash("sha256").update(verifier).digest("base64url") === challenge;
}

/** Whether a verifier or challenge has the characters and the length that RFC 7636 asks for. */
export const PKCE_SHAPE = /^[A-Za-z0-9._~-]{43,128}$/;
