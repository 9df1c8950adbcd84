/** The payloads of the contract, as a client sees them. */
import type { ProviderName } from "../providers/strict.ts";

export interface Connection {
  provider: ProviderName;
  status: "active" | "expired" | "revoked" | "error";
  calendar_id: string;
  account_label: string | null;
  scopes: string[];
  connected_at: string;
  last_sync_at: string | null;
}

export interface Status {
  connected: boolean;
  provider: ProviderName | null;
  status: Connection["status"] | null;
  last_sync_at: string | null;
  capacity: { level: string; actions_per_day: number; source: string };
  providers: ProviderName[];
  connections: Connection[];
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
  connections: [],
};
