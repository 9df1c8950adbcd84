import {
  type Authorization,
  type CalendarStatus,
  type Connection,
  type Disconnected,
  isProvider,
  type Revocation,
} from "./contract.ts";
import { unreachable } from "./error.ts";

type Fields = Record<string, unknown>;

/**
 * The status, if the answer has the form of one; else the answer did not come from the function.
 * A newer or older function, or a row that somebody wrote by hand, may hold other values than this
 * library knows: they are passed on, and members that are missing are filled in.
 */
export function statusOf(body: unknown): CalendarStatus {
  if (!isStatus(body)) throw unreachable();
  const sync = isFields(body.sync) ? body.sync : {};
  return {
    ...body,
    providers: texts(body.providers),
    accounts_per_provider: typeof body.accounts_per_provider === "number"
      ? body.accounts_per_provider
      : null,
    connections: body.connections.flatMap(connectionOf),
    sync: {
      ...sync,
      healthy: typeof sync.healthy === "boolean" ? sync.healthy : null,
      last_run_at: text(sync.last_run_at),
    },
  } as unknown as CalendarStatus;
}

export function disconnectedOf(body: unknown): Disconnected {
  const status = statusOf(body);
  const { disconnected, revocations } = body as Fields;
  if (!Array.isArray(disconnected)) throw unreachable();
  return {
    ...status,
    disconnected: texts(disconnected),
    revocations: Array.isArray(revocations) ? revocations.flatMap(revocationOf) : [],
  };
}

/** The address must be a web page: the browser is about to be sent there. */
export function authorizationOf(body: unknown): Authorization {
  if (
    !isFields(body) || !isProvider(body.provider) || typeof body.expires_at !== "string" ||
    typeof body.authorization_url !== "string" ||
    !/^https?:\/\//.test(body.authorization_url)
  ) throw unreachable();
  return body as unknown as Authorization;
}

function connectionOf(row: unknown): Connection[] {
  if (!isFields(row) || typeof row.provider !== "string") return [];
  return [{
    ...row,
    // A function from before connections had ids keeps one for each provider: its name is the id.
    id: text(row.id) ?? row.provider,
    provider: row.provider,
    status: text(row.status) ?? "",
    calendar_id: text(row.calendar_id) ?? "",
    account_label: text(row.account_label),
    account_class: text(row.account_class),
    scopes: texts(row.scopes),
    connected_at: text(row.connected_at) ?? "",
    last_sync_at: text(row.last_sync_at),
    reason: text(row.reason),
    needs_reconnect: row.needs_reconnect === true,
    failing_since: text(row.failing_since),
    next_sync_at: text(row.next_sync_at),
    grant_expires_at: text(row.grant_expires_at),
  }];
}

function revocationOf(row: unknown): Revocation[] {
  if (!isFields(row) || typeof row.provider !== "string") return [];
  return [{
    ...row,
    connection: text(row.connection) ?? row.provider,
    provider: row.provider,
    state: text(row.state) ?? "",
    // It becomes a link.
    manage_url: text(row.manage_url)?.startsWith("https://") ? row.manage_url as string : null,
  }];
}

function isStatus(body: unknown): body is Fields & { connections: unknown[] } {
  return isFields(body) && typeof body.connected === "boolean" && Array.isArray(body.connections);
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null;
}

function text(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === "string") : [];
}
