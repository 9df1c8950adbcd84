/** How the element comes to know something, outside of what it shows. */
import { capture, pageSlot } from "../client/capture.ts";
import type { CalendarClient } from "../client/client.ts";
import type { CalendarStatus, Provider } from "../client/contract.ts";
import { CalendarError } from "../client/error.ts";
import type { Knowledge, Work } from "./model.ts";

/** A return that was used before and a connection this young belong together. */
const JUST_NOW_MS = 15 * 60_000;

/** What a read has found; the error, where it failed. */
export interface Found {
  knowledge: Knowledge;
  error: CalendarError | null;
}

export async function readStatus(client: CalendarClient): Promise<Found> {
  try {
    return { knowledge: known(await client.status()), error: null };
  } catch (cause) {
    const error = asCalendarError(cause);
    const { code, requestId } = error;
    const knowledge: Knowledge = code === "unauthorized"
      ? { kind: "signed_out" }
      : { kind: "failed", code, requestId, offline: isOffline(code) };
    return { knowledge, error };
  }
}

export function known(status: CalendarStatus): Knowledge {
  return { kind: "known", status };
}

/** The return that waits in this page for its completion, or is being completed. */
export function returningWork(): Work | null {
  capture();
  const { landing, work } = pageSlot();
  if (!landing) return work ? { kind: "returning", provider: null } : null;
  return { kind: "returning", provider: "provider" in landing ? landing.provider : null };
}

export function justConnected(provider: Provider, knowledge: Knowledge): boolean {
  if (knowledge.kind !== "known") return false;
  return knowledge.status.connections.some((each) =>
    each.provider === provider && each.status === "active" &&
    Date.now() - Date.parse(each.connected_at) < JUST_NOW_MS
  );
}

export function isOffline(code: string): boolean {
  return code === "unreachable" && !navigator.onLine;
}

export function asCalendarError(error: unknown): CalendarError {
  return error instanceof CalendarError
    ? error
    : new CalendarError("internal", "the settings panel failed", { cause: error });
}
