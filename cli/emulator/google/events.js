// @ts-check
/**
 * `events.list`, read-only.
 * Source: https://developers.google.com/workspace/calendar/api/v3/reference/events/list
 */
import { blocksOnGoogle, overlaps } from "../events.js";
import { parseInstant, rfc3339, zoneNamed } from "../time.js";
import { answer, caller, reachable } from "./access.js";
import { pageSize, pageStart, pageToken } from "./calendar.js";
import { badParameter, googleError } from "./errors.js";

/** @typedef {import("../types.d.ts").CalendarEvent} CalendarEvent */
/** @typedef {import("../emulator.js").Context} Context */

const RESPONSES = {
  organizer: "accepted",
  accepted: "accepted",
  tentative: "tentative",
  declined: "declined",
  none: "needsAction",
};

/** @param {Context} context */
export function events(context) {
  const person = caller(context);
  if ("refused" in person) return person.refused;
  const query = context.request.url.searchParams;
  const found = reachable(context, person, context.parameter);
  if (!found || found.role === "freeBusyReader") return googleError("notFound");
  const size = pageSize(query, 250, 2500);
  if (size === undefined) return badParameter("maxResults");
  const start = pageStart(query);
  if (start === undefined) return badParameter("pageToken");
  const zone = zoneNamed(query.get("timeZone") ?? found.calendar.time_zone);
  if (zone === undefined) return badParameter("timeZone");
  const chosen = select(context, found.calendar);
  if (!Array.isArray(chosen)) return chosen;
  const more = start + size < chosen.length;
  return answer(context, {
    kind: "calendar#events",
    etag: '"emulated"',
    summary: found.calendar.name,
    updated: new Date(context.emulator.clock.now()).toISOString(),
    timeZone: zone,
    accessRole: found.role,
    defaultReminders: [],
    ...(more
      ? { nextPageToken: pageToken(start + size) }
      : { nextSyncToken: syncToken(context.emulator.world.revision) }),
    items: chosen.slice(start, start + size).map((event) => shown(event, zone, person.email)),
  });
}

/**
 * The events that the query asks for, or the refusal.
 * @param {Context} context
 * @param {import("../types.d.ts").Calendar} calendar
 */
function select({ emulator, request }, calendar) {
  const query = request.url.searchParams;
  const single = query.get("singleEvents") === "true";
  if (query.get("orderBy") === "startTime" && !single) {
    return badParameter(
      "orderBy",
      "The requested ordering is not available for the particular query.",
    );
  }
  // Events are expanded when they are added, so a query without singleEvents gets instances as well.
  const token = query.get("syncToken");
  if (token !== null) {
    const since = revisionOf(token);
    const bound = ["timeMin", "timeMax", "orderBy"].find((name) => query.has(name));
    if (bound !== undefined) return badParameter(bound, "Sync token cannot be used with this.");
    if (since === undefined || since > emulator.world.revision) {
      return googleError("fullSyncRequired");
    }
    const gone = emulator.world.removed.filter((each) => each.calendar === calendar.id)
      .map(({ event }) => event);
    return [...calendar.events, ...gone].filter((event) => event.revision > since);
  }
  const from = bound(query, "timeMin", -Infinity);
  const to = bound(query, "timeMax", Infinity);
  if (from === undefined) return badParameter("timeMin");
  if (to === undefined) return badParameter("timeMax");
  if (to <= from) return googleError("timeRangeEmpty");
  const deleted = query.get("showDeleted") === "true";
  return calendar.events
    .filter((event) => overlaps(event, from, to) && (deleted || !event.cancelled))
    .sort((one, other) => one.start - other.start);
}

/**
 * @param {URLSearchParams} query
 * @param {string} name
 * @param {number} without
 */
function bound(query, name, without) {
  return query.has(name) ? parseInstant(query.get(name)) : without;
}

/** @param {number} revision */
function syncToken(revision) {
  return btoa(`sync ${revision}`).replaceAll("=", "");
}

/** @param {string} token */
function revisionOf(token) {
  try {
    const [, revision] = /^sync (\d+)$/.exec(atob(token)) ?? [];
    return revision === undefined ? undefined : Number(revision);
  } catch {
    return undefined;
  }
}

/**
 * @param {CalendarEvent} event
 * @param {string} zone
 * @param {string} self
 */
function shown(event, zone, self) {
  const times = event.all_day
    ? { start: { date: event.start_date }, end: { date: event.end_date } }
    : {
      start: { dateTime: rfc3339(event.start, zone), timeZone: event.time_zone },
      end: { dateTime: rfc3339(event.end, zone), timeZone: event.time_zone },
    };
  const free = event.show_as === "free" || event.show_as === "workingElsewhere";
  const invited = event.response === "organizer" ? {} : {
    attendees: [{ email: self, self: true, responseStatus: RESPONSES[event.response] }],
  };
  return {
    kind: "calendar#event",
    etag: `"${event.revision}"`,
    id: event.id,
    status: event.cancelled
      ? "cancelled"
      : event.show_as === "tentative"
      ? "tentative"
      : "confirmed",
    summary: event.summary,
    ...times,
    ...(event.series === undefined ? {} : { recurringEventId: event.series }),
    ...(free ? { transparency: "transparent" } : {}),
    ...invited,
    eventType: blocksOnGoogle(event) && event.show_as === "oof" ? "outOfOffice" : "default",
  };
}
