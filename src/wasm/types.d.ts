export type Provider = "google" | "outlook";

/** What `Deno.serve` hands to a handler besides the request; only `completed` is looked at, and only after a trap. */
export interface ServeInfo {
  readonly completed?: Promise<void>;
}

export type RequestHandler = (request: Request, info?: ServeInfo) => Promise<Response>;

/** The key and the place of a sealed token; it opens for no other user, provider, account or purpose. */
export interface TokenPlace {
  /** Base64 of 32 bytes: the current key. */
  key: string;
  /** Keys that only open. */
  retiredKeys?: string[];
  /** The user's UUID. */
  userId: string;
  provider: Provider;
  /** The column `account_id` of the connection; leave it out where that is null. */
  accountId?: string | null;
  purpose: "access_token" | "refresh_token";
}

export interface AuthUrlOptions {
  clientId: string;
  /** The registered redirect URI, to the letter. */
  redirectUri: string;
  /** 43 base64url characters, as `generateState()` makes them. */
  state: string;
  /** 43 to 128 unreserved characters, as `generateCodeVerifier()` makes them; only its S256 challenge is sent. */
  codeVerifier: string;
  authorizationEndpoint?: string;
}

export interface OutlookAuthUrlOptions extends AuthUrlOptions {
  /** `common` where absent. */
  tenant?: string;
}

export interface ExchangeOptions {
  clientId: string;
  clientSecret: string;
  redirectUri: string;
  /** Of a response whose `state` was checked. */
  code: string;
  codeVerifier: string;
  tokenEndpoint?: string;
}

export interface OutlookExchangeOptions extends ExchangeOptions {
  /** `common` where absent. */
  tenant?: string;
}

export interface TokenGrant {
  accessToken: string;
  refreshToken: string;
  /** Seconds. */
  expiresIn: number;
  scopes: string[];
}

export interface Capacity {
  level: "default";
  actions_per_day: number;
  source: "fallback";
}

/** A variable that is missing or malformed. */
export interface ConfigurationProblem {
  variable: string;
  /** What it must be. */
  expected: string;
}

/** What the helpers throw: `code` is one of the HTTP contract's codes. */
export interface CalendarConnectError extends Error {
  name: "CalendarConnectError";
  code: string;
}
