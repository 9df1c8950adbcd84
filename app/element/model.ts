/** What the element knows, as plain values: the view is a function of it. */
import {
  type CalendarErrorCode,
  type CalendarStatus,
  type Connection,
  type Provider,
  PROVIDERS,
} from "../client/contract.ts";

/** What is known of the user's connections. */
export type Knowledge =
  | { kind: "loading" }
  | { kind: "signed_out" }
  | { kind: "failed"; code: CalendarErrorCode; offline: boolean; requestId: string | undefined }
  | { kind: "known"; status: CalendarStatus };

/** What runs now. At most one thing does, and every button waits for it. */
export type Work =
  | { kind: "connecting"; provider: Provider }
  | { kind: "disconnecting"; provider: Provider }
  | { kind: "returning"; provider: Provider | null };

/** What last happened, in words. */
export type Notice =
  | { kind: "connected" | "already" | "disconnected"; provider: Provider }
  | {
    kind: "error";
    code: CalendarErrorCode;
    provider: Provider | null;
    offline: boolean;
    requestId: string | undefined;
  };

export interface Model {
  knowledge: Knowledge;
  work: Work | null;
  notice: Notice | null;
  /** The provider whose disconnection waits for a yes. */
  confirming: Provider | null;
}

export interface Row {
  provider: Provider;
  connection: Connection | null;
  /** Whether the app still offers the provider. */
  configured: boolean;
}

/** A row for each provider that is offered, and for each that is connected all the same. */
export function rowsOf(status: CalendarStatus): Row[] {
  return PROVIDERS.flatMap((provider) => {
    const connection = status.connections.find((each) => each.provider === provider) ?? null;
    const configured = status.providers.includes(provider);
    return configured || connection ? [{ provider, connection, configured }] : [];
  });
}

/** What the granted scopes let the app do; `null` where they are none that we know. */
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
