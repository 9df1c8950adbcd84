/** The shipped Wasm with nothing behind it: a database and a provider that answer from memory. */
import { shipped, type Variables } from "./handler.ts";

/** What the function would have sent, answered in place. */
export type Upstream = (url: URL, init: RequestInit) => Response | Promise<Response>;

export const ENV: Variables = {
  SUPABASE_URL: "https://project.supabase.co",
  SUPABASE_PUBLISHABLE_KEYS: '{"default":"sb_publishable_fake"}',
  CALENDAR_ENCRYPTION_KEY: btoa("0123456789abcdef0123456789abcdef"),
  CALENDAR_SETTINGS_URL: "https://app.example.test/app/settings",
  GOOGLE_CLIENT_ID: "google-test-client",
  GOOGLE_CLIENT_SECRET: "google-client-secret-not-real",
  OUTLOOK_CLIENT_ID: "outlook-test-client",
  OUTLOOK_CLIENT_SECRET: "outlook-client-secret-not-real",
};

export const COOKIE_NAME = "sb-project-auth-token";

export const USER_ID = "0f8fad5b-d9cb-469f-a165-70867728950e";

/** A token of the right kind. Nobody verifies its signature here; that is the database's part. */
export function token(more: Record<string, unknown> = {}): string {
  const part = (value: unknown) =>
    new TextEncoder().encode(JSON.stringify(value))
      .toBase64({ alphabet: "base64url", omitPadding: true });
  const claims = { sub: USER_ID, role: "authenticated", exp: 4_102_444_800, ...more };
  return `${part({ alg: "HS256", typ: "JWT" })}.${part(claims)}.c2lnbmF0dXJl`;
}

export function sessionCookie(accessToken: string): string {
  const json = new TextEncoder().encode(JSON.stringify({ access_token: accessToken }));
  return `base64-${json.toBase64({ alphabet: "base64url", omitPadding: true })}`;
}

/** Puts an upstream in the place of the network, for this module's isolate. */
export function answerFetchWith(upstream: Upstream): void {
  globalThis.fetch = (input, init = {}) => {
    // A request that was made before, and what is different this time.
    const { url, method, redirect } = input instanceof Request ? input : new Request(input);
    const asked = { method, redirect, ...init };
    return new Promise((resolve) => resolve(upstream(new URL(url), asked)));
  };
}

/** A database without rows, and a provider that refuses every code. */
export const empty: Upstream = (url) => {
  const name = url.pathname.split("/").at(-1);
  if (name === "calendar_open_state") {
    return Response.json({ expires_at: "2030-01-01T00:00:00+00:00", connection: null });
  }
  if (name === "calendar_take_state") return Response.json(null);
  if (url.pathname.startsWith("/rest/")) {
    return Response.json({
      ...(name === "calendar_disconnect" ? { disconnected: [], revocations: [] } : {}),
      connections: [],
      sync: { healthy: null, last_run_at: null },
    });
  }
  return Response.json({ error: "invalid_grant" }, { status: 400 });
};

export function offline(changes: Variables = {}) {
  return shipped({ ...ENV, ...changes });
}
