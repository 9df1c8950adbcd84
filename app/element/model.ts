/** What the element knows, as plain values: the view is a function of it. */
import {
  type CalendarErrorCode,
  type CalendarStatus,
  type Connection,
  isProvider,
  type Provider,
  type ProviderName,
  PROVIDERS,
} from "../client/contract.ts";
import type { Activity } from "./texts.ts";

/** What is known of the user's connections. */
export type Knowledge =
  | { kind: "loading" }
  | { kind: "signed_out" }
  | { kind: "failed"; code: CalendarErrorCode; offline: boolean; requestId: string | undefined }
  | { kind: "known"; status: CalendarStatus };

/** What is under way. At most one thing is, and every button waits for it. */
export type Work =
  | { kind: "connecting"; provider: Provider }
  | { kind: "disconnecting"; provider: ProviderName }
  | { kind: "returning"; provider: Provider | null };

/** What last happened. */
export type Notice =
  | {
    kind: "connected" | "already" | "disconnected" | "interrupted";
    provider: ProviderName | null;
  }
  | ErrorNotice;

export interface ErrorNotice {
  kind: "error";
  code: CalendarErrorCode;
  during: Activity;
  provider: ProviderName | null;
  offline: boolean;
  requestId: string | undefined;
}

export interface Model {
  knowledge: Knowledge;
  work: Work | null;
  notice: Notice | null;
  /** The provider whose disconnection waits for a yes. */
  confirming: ProviderName | null;
}

export interface Row {
  provider: ProviderName;
  connection: Connection | null;
  /** Whether the app still offers the provider. */
  configured: boolean;
}

/** A row for each provider that is offered, and for each other one that is connected. */
export function rowsOf(status: CalendarStatus): Row[] {
  const connected = status.connections.map(({ provider }) => provider);
  return [...new Set([...PROVIDERS, ...connected])].flatMap((provider) => {
    const connection = status.connections.find((each) => each.provider === provider) ?? null;
    const configured = isProvider(provider) && status.providers.includes(provider);
    return configured || connection ? [{ provider, connection, configured }] : [];
  });
}

/** What is still true of a notice once a user is signed in. */
export function noticeOnceSignedIn(notice: Notice | null): Notice | null {
  if (notice?.kind !== "error" || notice.code !== "unauthorized") return notice;
  return notice.during === "return" ? { kind: "interrupted", provider: notice.provider } : null;
}

/** What is still true of a notice once the network is back. */
export function noticeOnceOnline(notice: Notice | null): Notice | null {
  if (notice?.kind !== "error" || !notice.offline) return notice;
  return notice.during === "connect" ? null : { ...notice, offline: false };
}

/** What the granted scopes let the app do; `null` where none of them is known here. */
export function permissionOf({ scopes }: Connection): "read" | "write" | null {
  const names = scopes.map((scope) => scope.toLowerCase().replace(/^.*\//, ""));
  if (names.some((name) => name === "calendar" || name === "calendars.readwrite")) return "write";
  if (names.some((name) => name === "calendar.readonly" || name === "calendars.read")) {
    return "read";
  }
  return null;
}

/** Where a user withdraws consent at the provider itself. */
export const CONSENT_PAGES = {
  google: [{ text: "google.consent", href: "https://myaccount.google.com/connections" }],
  outlook: [
    { text: "outlook.consent.personal", href: "https://account.live.com/consent/Manage" },
    { text: "outlook.consent.work", href: "https://myapplications.microsoft.com/" },
  ],
} as const;
