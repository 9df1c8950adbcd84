/** User JWTs as Supabase Auth signs them with a shared secret (HS256), and as it would not. */

export type Claims = Record<string, unknown>;

const encoder = new TextEncoder();

/** Claims of a signed-in user that pass everywhere; tests change one at a time. */
export function userClaims(userId: string, more: Claims = {}): Claims {
  const now = Math.floor(Date.now() / 1000);
  return {
    sub: userId,
    role: "authenticated",
    aud: "authenticated",
    iat: now,
    exp: now + 3600,
    ...more,
  };
}

export async function signJwt(claims: Claims, secret: string): Promise<string> {
  const signed = `${encode({ alg: "HS256", typ: "JWT" })}.${encode(claims)}`;
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", encoder.encode(secret), algorithm, false, [
    "sign",
  ]);
  const signature = await crypto.subtle.sign("HMAC", key, encoder.encode(signed));
  return `${signed}.${base64url(new Uint8Array(signature))}`;
}

function encode(value: unknown): string {
  return base64url(encoder.encode(JSON.stringify(value)));
}

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
