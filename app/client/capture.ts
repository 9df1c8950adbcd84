import { type Landing, readLanding } from "./landing.ts";

/** What this page has of a return. It lives in memory only and ends with the page. */
interface Slot {
  landing: Landing | null;
  /** The completion under way, shared by every caller of `finish()`. */
  work: Promise<unknown> | null;
}

// One slot for the page, whichever copy of this module (the script in <head>, the app's bundle,
// the element's) came first.
const SLOT = Symbol.for("calendar-connect.landing");

export function pageSlot(): Slot {
  const page = globalThis as { [SLOT]?: Slot };
  return page[SLOT] ??= { landing: null, work: null };
}

/**
 * Takes the landing out of the address bar and of the history entry, and keeps it for `finish()`.
 * Does nothing where there is no page, as on a server.
 */
export function capture(): void {
  if (typeof document === "undefined") return;
  const found = readLanding(location.href);
  if (!found) return;
  history.replaceState(history.state, "", found.rest);
  pageSlot().landing = found.landing;
}

/** Captures now, and again whenever a return is opened in a tab that already shows the page. */
export function captureFromNowOn(): void {
  if (typeof document === "undefined") return;
  capture();
  addEventListener("hashchange", capture);
}
