import {
  type Authorization,
  type CalendarStatus,
  type Connection,
  type Disconnected,
  isProvider,
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
  return {
    ...body,
    providers: texts(body.providers),
    connections: body.connections.flatMap(connectionOf),
  } as unknown as CalendarStatus;
}

export function disconnectedOf(body: unknown): Disconnected {
  const status = statusOf(body);
  const { disconnected } = body as Fields;
  if (!Array.isArray(disconnected)) throw unreachable();
  return { ...status, disconnected: texts(disconnected) };
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
    provider: row.provider,
    status: text(row.status) ?? "",
    calendar_id: text(row.calendar_id) ?? "",
    account_label: text(row.account_label),
    scopes: texts(row.scopes),
    connected_at: text(row.connected_at) ?? "",
    last_sync_at: text(row.last_sync_at),
  }];
}

function isStatus(body: unknown): body is Fields & { connections: unknown[] } {
  return isFields(body) && typeof body.connected === "boolean" && Array.isArray(body.connections);
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null;
}

function text(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === "string") : [];
}
