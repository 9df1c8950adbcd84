import {
  type Authorization,
  type CalendarStatus,
  type Disconnected,
  isProvider,
} from "./contract.ts";
import { unreachable } from "./error.ts";

type Fields = Record<string, unknown>;

/** An answer that lacks what the contract promises did not come from the function. */
export function statusOf(body: unknown): CalendarStatus {
  if (!isStatus(body)) throw unreachable();
  return body as unknown as CalendarStatus;
}

export function disconnectedOf(body: unknown): Disconnected {
  if (!isStatus(body) || !Array.isArray(body.disconnected)) throw unreachable();
  return body as unknown as Disconnected;
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

function isStatus(body: unknown): body is Fields {
  return isFields(body) && typeof body.connected === "boolean" && isFields(body.capacity) &&
    Array.isArray(body.providers) && Array.isArray(body.connections);
}

function isFields(body: unknown): body is Fields {
  return typeof body === "object" && body !== null;
}
