/** What the element knows, as plain values: the view is a function of it. */
import {
  type CalendarErrorCode,
  type CalendarStatus,
  type Connection,
  isProvider,
  type Provider,
  type ProviderName,
  PROVIDERS,
  type Revocation,
} from "../client/contract.ts";
import type { CalendarError } from "../client/error.ts";
import type { AccountsKnown, Activity } from "./texts.ts";

/** What is known of the user's connections. */
export type Knowledge =
  | { kind: "loading" }
  | { kind: "signed_out" }
  | { kind: "failed"; code: CalendarErrorCode; offline: boolean; requestId: string | undefined }
  | { kind: "known"; status: CalendarStatus };

/** What is under way. At most one thing is, and every button waits for it. */
export type Work =
  | { kind: "connecting"; provider: Provider; connection: string | null }
  | { kind: "disconnecting"; provider: ProviderName; connection: string }
  | { kind: "returning"; provider: Provider | null };

/** What last happened. */
export type Notice = Subject & Happening;

/** What a notice is about. */
export interface Subject {
  provider: ProviderName | null;
  /** The account's address, where the provider alone would not tell which account is meant. */
  account: string | null;
}

type Happening =
  | { kind: "connected" | "already" | "interrupted" }
  | { kind: "disconnected"; accountClass: string | null; revocation: Revocation | null }
  | Failing;

export interface Failing {
  kind: "error";
  code: CalendarErrorCode;
  during: Activity;
  offline: boolean;
  requestId: string | undefined;
  /** The accounts of `account_mismatch`, where both are known. */
  labels: { known: AccountsKnown; expected: string; actual: string } | null;
}

export interface Model {
  knowledge: Knowledge;
  work: Work | null;
  notice: Notice | null;
  /** The id of the connection whose disconnection waits for a yes. */
  confirming: string | null;
}

export interface Row {
  provider: ProviderName;
  /** In an order that reading again does not change. */
  connections: Connection[];
  /** Whether the app still offers the provider. */
  configured: boolean;
  /** Whether another account can be connected. */
  extensible: boolean;
}

/** A row for each provider that is offered, and for each other one that is connected. */
export function rowsOf(status: CalendarStatus): Row[] {
  const connected = status.connections.map(({ provider }) => provider);
  return [...new Set([...PROVIDERS, ...connected])].flatMap((provider) => {
    const connections = connectionsOf(status, provider);
    const configured = isProvider(provider) && status.providers.includes(provider);
    const room = connections.length < (status.accounts_per_provider ?? 0);
    const extensible = configured && connections.length > 0 && room;
    return configured || connections.length > 0
      ? [{ provider, connections, configured, extensible }]
      : [];
  });
}

function connectionsOf({ connections }: CalendarStatus, provider: ProviderName): Connection[] {
  const key = ({ account_label, id }: Connection) => `${account_label ?? "\uffff"} ${id}`;
  return connections.filter((each) => each.provider === provider)
    .sort((a, b) => key(a) < key(b) ? -1 : 1);
}

export function connectionIn(knowledge: Knowledge, id: string | null): Connection | null {
  if (knowledge.kind !== "known") return null;
  return knowledge.status.connections.find((each) => each.id === id) ?? null;
}

/** A connection by its account's address if the provider has several, else by the provider alone. */
export function subjectOf(
  knowledge: Knowledge,
  provider: ProviderName | null,
  connection: string | null,
): Subject {
  const listed = knowledge.kind === "known" && provider !== null
    ? connectionsOf(knowledge.status, provider)
    : [];
  const label = listed.find(({ id }) => id === connection)?.account_label ?? null;
  return { provider, account: listed.length > 1 ? label : null };
}

/** Both accounts of `account_mismatch`, if they are known. */
export function labelsOf(
  knowledge: Knowledge,
  provider: ProviderName | null,
  { actualLabel: actual, expectedLabel: expected }: CalendarError,
): Failing["labels"] {
  if (!actual || !expected) return null;
  const isListed = knowledge.kind === "known" && provider !== null &&
    connectionsOf(knowledge.status, provider).some((each) => each.account_label === actual);
  return { known: isListed ? "listed" : "named", expected, actual };
}

/** What a status badge says: the stored status, or how an active connection fares. */
export function stateOf({ status, reason, needs_reconnect }: Connection): string {
  if (status !== "active") return status;
  if (needs_reconnect) return "attention";
  return reason === null ? "active" : "delayed";
}

/** Reasons that a new connection removes although time, or somebody else, could as well. */
const HELPED_BY_RECONNECTING = ["client_changed", "key_missing", "sealed_unreadable"];

export function offersReconnect({ status, reason, needs_reconnect }: Connection): boolean {
  return status !== "active" || needs_reconnect || HELPED_BY_RECONNECTING.includes(reason ?? "");
}

/** What is still true of a notice once a user is signed in. */
export function noticeOnceSignedIn(notice: Notice | null): Notice | null {
  if (notice?.kind !== "error" || notice.code !== "unauthorized") return notice;
  const { provider, account, during } = notice;
  return during === "return" ? { kind: "interrupted", provider, account } : null;
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
