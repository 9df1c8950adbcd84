/** The payloads of the contract, as a client sees them. */
import type { ProviderName } from "../providers/strict.ts";

export interface Connection {
  id: string;
  provider: ProviderName;
  status: "active" | "expired" | "revoked" | "error";
  calendar_id: string;
  account_label: string | null;
  account_class: "google_workspace" | "google" | "work" | "personal" | null;
  scopes: string[];
  connected_at: string;
  last_sync_at: string | null;
  reason: string | null;
  needs_reconnect: boolean;
  failing_since: string | null;
  next_sync_at: string | null;
  grant_expires_at: string | null;
}

export interface Status {
  connected: boolean;
  provider: ProviderName | null;
  status: Connection["status"] | null;
  last_sync_at: string | null;
  capacity: { level: string; actions_per_day: number; source: string };
  providers: ProviderName[];
  accounts_per_provider: number;
  connections: Connection[];
  sync: { healthy: boolean | null; last_run_at: string | null };
}

export interface Disconnected extends Status {
  disconnected: string[];
  revocations: {
    connection: string;
    provider: string;
    state: "queued" | "not_supported" | "off";
    manage_url: string | null;
  }[];
}

export interface Connect {
  authorization_url: string;
  provider: ProviderName;
  expires_at: string;
}

export const CAPACITY = { level: "default", actions_per_day: 6, source: "fallback" };

export const CALENDAR_ID = { google: "primary", outlook: "default" } as const;

export const NOT_CONNECTED: Status = {
  connected: false,
  provider: null,
  status: null,
  last_sync_at: null,
  capacity: CAPACITY,
  providers: ["google", "outlook"],
  accounts_per_provider: 10,
  connections: [],
  sync: { healthy: null, last_run_at: null },
};

/** What a disconnect of everything answers where nothing was connected. */
export const NOTHING_GONE: Disconnected = { disconnected: [], revocations: [], ...NOT_CONNECTED };
