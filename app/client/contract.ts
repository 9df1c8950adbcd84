/** What the function `calendar` takes and answers: names, payloads and error codes. */

/** A name that a newer or older function may use and this library does not know. */
type OtherName = string & Record<never, never>;

export const PROVIDERS = ["google", "outlook"] as const;
export type Provider = (typeof PROVIDERS)[number];

/** The provider of a connection; one that this library does not know is passed on as it is. */
export type ProviderName = Provider | OtherName;

export const CONNECTION_STATUSES = ["active", "expired", "revoked", "error"] as const;
export type ConnectionStatus = (typeof CONNECTION_STATUSES)[number];

/** What kind of account it is: Google Workspace or Google, at work or personal at Microsoft. */
export const ACCOUNT_CLASSES = ["google_workspace", "google", "work", "personal"] as const;
export type AccountClass = (typeof ACCOUNT_CLASSES)[number];

/** Why a connection is not being read. */
export const REASONS = [
  "grant_ended",
  "sign_in_again",
  "scope_missing",
  "account_unusable",
  "admin_blocked",
  "client_changed",
  "key_missing",
  "sealed_unreadable",
  "provider_unavailable",
  "throttled",
  "operator",
  "no_mailbox",
  "quarantined",
] as const;
export type Reason = (typeof REASONS)[number];

/** The columns of the view `calendar_connection_details` that say what the status says of a connection. */
export const CONNECTION_COLUMNS =
  "id,provider,status,calendar_id,account_label,account_class,scopes,connected_at,last_sync_at,reason,needs_reconnect,failing_since,next_sync_at,grant_expires_at";

/** One connected account: what the status says of it, and a row of the view as `CONNECTION_COLUMNS` selects it. */
export interface Connection {
  /** Names this connection to `connect` and `disconnect`. */
  id: string;
  provider: ProviderName;
  /** One that this library does not know is passed on as it is. */
  status: ConnectionStatus | OtherName;
  /** `primary` at Google, `default` at Outlook. */
  calendar_id: string;
  /** The account's address, where it is known. For display only: it is no identity. */
  account_label: string | null;
  account_class: AccountClass | OtherName | null;
  scopes: string[];
  /** RFC 3339, UTC. */
  connected_at: string;
  last_sync_at: string | null;
  /** Why the calendar is not being read, if so. */
  reason: Reason | OtherName | null;
  /** Whether it stays so until the user connects this account again. */
  needs_reconnect: boolean;
  failing_since: string | null;
  /** When the calendar is read next. */
  next_sync_at: string | null;
  /** When the provider ends the access by itself, where it said so. */
  grant_expires_at: string | null;
}

/** A row of the view `calendar_connection_details`. */
export type ConnectionRow = Connection;

/** How much a day holds. `default` from `fallback` until the calendar itself decides. */
export interface Capacity {
  level: string;
  actions_per_day: number;
  source: string;
}

/** Whether the app reads its users' calendars in the background; `null` where it was never seen to. */
export interface Sync {
  healthy: boolean | null;
  last_run_at: string | null;
}

interface StatusParts {
  last_sync_at: string | null;
  capacity: Capacity;
  /** The providers this app has configured. */
  providers: Provider[];
  /** How many accounts of one provider a user can connect; `null` if the function did not say. */
  accounts_per_provider: number | null;
  /** Newest first. */
  connections: Connection[];
  sync: Sync;
}

interface ConnectedStatus extends StatusParts {
  connected: true;
  provider: ProviderName;
  status: "active";
}

interface UnconnectedStatus extends StatusParts {
  connected: false;
  provider: ProviderName | null;
  status: Exclude<ConnectionStatus, "active"> | OtherName | null;
}

/** `connected` while at least one connection is active; the top level describes the newest active one. */
export type CalendarStatus = ConnectedStatus | UnconnectedStatus;

/**
 * What becomes of the access at the provider. `queued`: this app withdraws it there. `not_supported`:
 * only the user can, at `manage_url`. `off`: this app does not.
 */
export interface Revocation {
  /** The id that the connection had. */
  connection: string;
  provider: ProviderName;
  state: "queued" | "not_supported" | "off" | OtherName;
  /** Where the user sees and withdraws consent at the provider. */
  manage_url: string | null;
}

export type Disconnected = CalendarStatus & {
  /** The providers that lost a connection. */
  disconnected: ProviderName[];
  /** One for each connection that is gone. */
  revocations: Revocation[];
};

/** Where the browser goes next, and until when it may come back. */
export interface Authorization {
  authorization_url: string;
  provider: Provider;
  expires_at: string;
}

export const SERVICE_ERROR_CODES = [
  "unauthorized",
  "forbidden",
  "unsupported_provider",
  "not_found",
  "method_not_allowed",
  "invalid_request",
  "payload_too_large",
  "unsupported_media_type",
  "invalid_state",
  "access_denied",
  "insufficient_scope",
  "account_mismatch",
  "account_limit",
  "reconnect_needed",
  "rate_limited",
  "provider_rejected",
  "provider_unavailable",
  "storage_unavailable",
  "misconfigured",
  "internal",
] as const;

/** A code of the function's error body, and of `reason` in the settings URL. */
export type ServiceErrorCode = (typeof SERVICE_ERROR_CODES)[number];

/**
 * `unreachable`: no answer, or one that did not come from the function.
 * `wrong_user`: another user than the one who started is signed in; nothing was sent.
 * A code of the function that this library does not know is passed on as it is.
 */
export type CalendarErrorCode = ServiceErrorCode | "unreachable" | "wrong_user" | OtherName;

export function isProvider(value: unknown): value is Provider {
  return PROVIDERS.includes(value as Provider);
}

/** Whether `value` has the form of an error code. A newer function may have codes that are not listed above. */
export function isErrorCode(value: unknown): value is ServiceErrorCode | OtherName {
  return typeof value === "string" && /^[a-z][a-z_]{0,63}$/.test(value);
}
