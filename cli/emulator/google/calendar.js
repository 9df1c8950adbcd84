// @ts-check
/**
 * The reading half of the Google Calendar API.
 * Source: https://developers.google.com/workspace/calendar/api/v3/reference
 */
import { busyTimes } from "../events.js";
import { DAY, parseInstant, rfc3339, zoneNamed } from "../time.js";
import { answer, caller, reachable, reachableCalendars } from "./access.js";
import { badParameter, googleError, missingParameter } from "./errors.js";

/** @typedef {import("../types.d.ts").Calendar} Calendar */
/** @typedef {import("../types.d.ts").Reply} Reply */
/** @typedef {import("../emulator.js").Context} Context */

const ROLES = ["freeBusyReader", "reader", "writer", "owner"];
/** "Maximum value is 50": https://developers.google.com/workspace/calendar/api/v3/reference/freebusy/query */
const MOST_CALENDARS = 50;
/** Google does not document the limit; requests for three calendar months have been refused. */
const LONGEST_RANGE = 90 * DAY;

/** @param {Context} context */
export function calendarList(context) {
  const person = caller(context);
  if ("refused" in person) return person.refused;
  const query = context.request.url.searchParams;
  const least = query.get("minAccessRole") ?? "freeBusyReader";
  if (!ROLES.includes(least)) return badParameter("minAccessRole");
  const size = pageSize(query, 100, 250);
  if (size === undefined) return badParameter("maxResults");
  const from = pageStart(query);
  if (from === undefined) return badParameter("pageToken");
  const all = reachableCalendars(context.emulator.world, person)
    .filter(({ role }) => ROLES.indexOf(role) >= ROLES.indexOf(least));
  const page = all.slice(from, from + size);
  const more = from + size < all.length;
  return answer(context, {
    kind: "calendar#calendarList",
    etag: '"emulated"',
    ...(more ? { nextPageToken: pageToken(from + size) } : { nextSyncToken: "emulated" }),
    items: page.map(({ calendar, role }) => entry(calendar, role, person.email)),
  });
}

/** @param {Context} context */
export function calendarListEntry(context) {
  const person = caller(context);
  if ("refused" in person) return person.refused;
  const found = reachable(context, person, context.parameter);
  if (!found) return googleError("notFound");
  return answer(context, entry(found.calendar, found.role, person.email));
}

/** @param {Context} context */
export function calendar(context) {
  const person = caller(context);
  if ("refused" in person) return person.refused;
  const found = reachable(context, person, context.parameter);
  if (!found || found.role === "freeBusyReader") return googleError("notFound");
  const { id, name, time_zone } = found.calendar;
  return answer(context, {
    kind: "calendar#calendar",
    etag: '"emulated"',
    id,
    summary: name,
    timeZone: time_zone,
    conferenceProperties: { allowedConferenceSolutionTypes: ["hangoutsMeet"] },
  });
}

/**
 * @param {Calendar} calendar
 * @param {string} role
 * @param {string} reader
 */
function entry({ id, name, time_zone, primary, owner }, role, reader) {
  return {
    kind: "calendar#calendarListEntry",
    etag: '"emulated"',
    id,
    summary: name,
    timeZone: time_zone,
    accessRole: role,
    selected: true,
    ...(primary && owner === reader ? { primary: true } : {}),
  };
}

/** @param {Context} context */
export function freeBusy(context) {
  const person = caller(context);
  if ("refused" in person) return person.refused;
  const asked = readQuery(context.request.body);
  if ("refused" in asked) return asked.refused;
  const { from, to, zone, ids, most } = asked;
  const calendars = ids.map((id) => {
    if (ids.length > most) return [id, failed("tooManyCalendarsRequested")];
    const found = reachable(context, person, id)?.calendar;
    if (!found) return [id, failed("notFound")];
    if (found.absent) return undefined;
    if (found.error !== undefined) return [id, failed(found.error)];
    const busy = busyTimes(found.events, from, to)
      .map(({ start, end }) => ({ start: rfc3339(start, zone), end: rfc3339(end, zone) }));
    return [id, { busy }];
  });
  return answer(context, {
    kind: "calendar#freeBusy",
    timeMin: new Date(from).toISOString(),
    timeMax: new Date(to).toISOString(),
    calendars: Object.fromEntries(calendars.filter((each) => each !== undefined)),
  });
}

/** A calendar that failed: an entry within a 200 whose empty `busy` must not be read as free. */
/** @param {string} reason */
function failed(reason) {
  return { errors: [{ domain: "global", reason }], busy: [] };
}

/**
 * @param {string} body
 * @returns {{ from: number, to: number, zone: string, ids: string[], most: number } | { refused: Reply }}
 */
function readQuery(body) {
  const query = parsed(body);
  if (query === undefined) return { refused: googleError("parseError") };
  const { timeMin, timeMax, timeZone = "UTC", items = [], calendarExpansionMax } = query;
  if (timeMin === undefined) return { refused: missingParameter("timeMin") };
  if (timeMax === undefined) return { refused: missingParameter("timeMax") };
  const from = parseInstant(timeMin);
  const to = parseInstant(timeMax);
  const zone = zoneNamed(timeZone);
  if (from === undefined) return { refused: badParameter("timeMin") };
  if (to === undefined) return { refused: badParameter("timeMax") };
  if (zone === undefined) return { refused: badParameter("timeZone") };
  if (to <= from) return { refused: googleError("timeRangeEmpty") };
  if (to - from > LONGEST_RANGE) return { refused: googleError("timeRangeTooLong") };
  const most = calendarExpansionMax ?? MOST_CALENDARS;
  if (!Number.isInteger(most) || most < 1 || most > MOST_CALENDARS) {
    return { refused: badParameter("calendarExpansionMax") };
  }
  if (!Array.isArray(items) || items.some((item) => typeof item?.id !== "string")) {
    return { refused: badParameter("items") };
  }
  return { from, to, zone, ids: [...new Set(items.map(({ id }) => id))], most };
}

/**
 * @param {string} body
 * @returns {any}
 */
function parsed(body) {
  try {
    const value = JSON.parse(body);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

// --- pages ---------------------------------------------------------------------------------------

/**
 * @param {URLSearchParams} query
 * @param {number} usual
 * @param {number} most
 */
export function pageSize(query, usual, most) {
  const size = Number(query.get("maxResults") ?? usual);
  return Number.isInteger(size) && size > 0 ? Math.min(size, most) : undefined;
}

/** @param {number} from */
export function pageToken(from) {
  return btoa(`page ${from}`).replaceAll("=", "");
}

/** @param {URLSearchParams} query */
export function pageStart(query) {
  const token = query.get("pageToken");
  if (token === null) return 0;
  try {
    const [, from] = /^page (\d+)$/.exec(atob(token)) ?? [];
    return from === undefined ? undefined : Number(from);
  } catch {
    return undefined;
  }
}
