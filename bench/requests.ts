/** The requests that are measured, as the bytes that go over the wire. */
import { signJwt, userClaims } from "../dev/jwt.ts";

export type Provider = "google" | "outlook";

/** One row of the report: a route, and for the two OAuth routes whose. */
export interface Route {
  name: string;
  method: string;
  path: string;
  provider?: Provider;
  /** A callback needs the state of a connect before it. */
  afterConnect?: boolean;
}

export const routes: readonly Route[] = [
  { name: "status", method: "GET", path: "status" },
  { name: "disconnect", method: "DELETE", path: "disconnect" },
  { name: "connect google", method: "POST", path: "connect/google", provider: "google" },
  {
    name: "callback google",
    method: "POST",
    path: "callback/google",
    provider: "google",
    afterConnect: true,
  },
  { name: "connect outlook", method: "POST", path: "connect/outlook", provider: "outlook" },
  {
    name: "callback outlook",
    method: "POST",
    path: "callback/outlook",
    provider: "outlook",
    afterConnect: true,
  },
];

export const health: Route = { name: "health", method: "GET", path: "health" };

/** Claims of the length that Supabase Auth's have. */
export function userJwt(): Promise<string> {
  return signJwt(
    userClaims("11111111-2222-4333-8444-555555555555", {
      iss: "https://project.example/auth/v1",
      email: "user@example.com",
      phone: "",
      app_metadata: { provider: "email", providers: ["email"] },
      user_metadata: { email: "user@example.com", email_verified: true, name: "A User" },
      aal: "aal1",
      amr: [{ method: "password", timestamp: 1_760_000_000 }],
      session_id: "99999999-8888-4777-8666-555555555555",
      is_anonymous: false,
      exp: 4_900_000_000,
    }),
    "a-secret-of-the-benchmark-that-nobody-checks",
  );
}

export function requestBytes(
  { method, path }: Route,
  jwt: string,
  body?: string,
): Uint8Array<ArrayBuffer> {
  const lines = [
    `${method} /calendar/${path} HTTP/1.1`,
    "host: 127.0.0.1",
    `authorization: Bearer ${jwt}`,
    "apikey: sb_publishable_benchmark",
    "origin: https://app.example",
    "x-client-info: supabase-js-web/2.0.0",
    "accept: */*",
    "user-agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)",
  ];
  if (body !== undefined) {
    lines.push("content-type: application/json", `content-length: ${body.length}`);
  } else if (method === "POST") {
    lines.push("content-length: 0");
  }
  return new TextEncoder().encode(`${lines.join("\r\n")}\r\n\r\n${body ?? ""}`);
}
