// @ts-check
/**
 * The calendars of Microsoft Graph, read-only, for work and personal accounts alike.
 * Source: https://learn.microsoft.com/graph/api/calendar-list-calendarview
 */
import { overlaps } from "../events.js";
import { DAY, graphTime, parseInstant, zoneNamed } from "../time.js";
import { badQuery, calendarOf, caller, collection, parameters, refuse, single } from "./access.js";
import { graphErrorOf } from "./errors.js";

/** @typedef {import("../types.d.ts").Calendar} Calendar */
/** @typedef {import("../types.d.ts").CalendarEvent} CalendarEvent */
/** @typedef {import("../types.d.ts").Person} Person */
/** @typedef {import("../emulator.js").Context} Context */

const LONGEST_RANGE = 1825 * DAY;

const RESPONSES = {
  organizer: "organizer",
  accepted: "accepted",
  tentative: "tentativelyAccepted",
  declined: "declined",
  none: "notResponded",
};

/** @param {Context} context */
export function calendar(context) {
  const person = caller(context);
  if ("refused" in person) return person.refused;
  const found = calendarOf(context, person, context.parameter || undefined);
  if ("refused" in found) return found.refused;
  return single(context, "calendars/$entity", entity(found, person));
}

/** @param {Context} context */
export function calendars(context) {
  const person = caller(context);
  if ("refused" in person) return person.refused;
  return collection(context, "calendars", person.calendars, 10, (each) => entity(each, person));
}

/**
 * @param {Calendar} calendar
 * @param {Person} person
 */
function entity({ id, name, primary }, person) {
  return {
    id,
    name,
    color: "auto",
    hexColor: "",
    isDefaultCalendar: primary,
    changeKey: "emulated",
    canShare: true,
    canViewPrivateItems: true,
    canEdit: true,
    isTallyingResponses: primary,
    isRemovable: !primary,
    owner: { name: person.name, address: person.email },
  };
}

/** @param {Context} context */
export function calendarView(context) {
  const person = caller(context);
  if ("refused" in person) return person.refused;
  const found = calendarOf(context, person, context.parameter || undefined);
  if ("refused" in found) return found.refused;
  const query = parameters(context.request.url);
  const from = graphInstant(query.get("startdatetime"));
  const to = graphInstant(query.get("enddatetime"));
  if (from === undefined || to === undefined) return refuse(context, "ErrorMissingTimeWindow");
  if (to < from) return refuse(context, "ErrorInvalidTimeWindow");
  if (to - from > LONGEST_RANGE) return refuse(context, "ErrorCalendarViewRangeTooBig");
  const zone = preferredZone(context.request.headers.prefer);
  if (zone.name === undefined) return unknownZone(context, zone.asked);
  if (query.has("$filter")) return badQuery(context, "The emulator does not filter.");
  const order = /^start\/datetime( asc| desc)?$/i.exec(query.get("$orderby") ?? "start/dateTime");
  if (!order) return badQuery(context, "The emulator orders by start/dateTime only.");
  const sign = order[1]?.toLowerCase() === " desc" ? -1 : 1;
  const events = found.events
    .filter((event) => overlaps(event, from, to))
    .sort((one, other) => sign * (one.start - other.start));
  const name = zone.name;
  const reply = collection(
    context,
    "calendarView",
    events,
    10,
    (event) => shown(event, name, zone.asked),
  );
  /** @type {Record<string, string>} */
  const applied = zone.given ? { "preference-applied": `outlook.timezone="${zone.asked}"` } : {};
  return { ...reply, headers: { ...reply.headers, ...applied } };
}

/**
 * "If no offset is included, the value is interpreted as UTC."
 * @param {string | undefined} text
 */
function graphInstant(text) {
  if (text === undefined) return undefined;
  const date = /^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text;
  const whole = /T\d\d:\d\d$/.test(date) ? `${date}:00` : date;
  return parseInstant(whole) ?? parseInstant(`${whole}Z`);
}

/** @param {string | undefined} prefer */
function preferredZone(prefer) {
  const [, asked] = /(?:^|[,;]\s*)outlook\.timezone\s*=\s*"([^"]*)"/i.exec(prefer ?? "") ?? [];
  const name = zoneNamed(asked ?? "UTC");
  return { asked: asked ?? "UTC", given: asked !== undefined, name };
}

/**
 * @param {Context} context
 * @param {string} zone
 */
function unknownZone({ emulator }, zone) {
  const message =
    `A valid TimeZone value must be specified. The following TimeZone value is not supported: '${zone}'.`;
  const world = { random: emulator.random, now: emulator.clock.now() };
  return graphErrorOf(400, "TimeZoneNotSupportedException", message, world);
}

/**
 * @param {CalendarEvent} event
 * @param {string} zone
 * @param {string} zoneName as it was asked for
 */
function shown(event, zone, zoneName) {
  // An all-day event floats: it lasts from midnight to midnight in whichever zone is asked for.
  /**
   * @param {string | undefined} date
   * @param {number} instant
   */
  const time = (date, instant) => ({
    dateTime: date === undefined ? graphTime(instant, zone) : `${date}T00:00:00.0000000`,
    timeZone: zoneName,
  });
  return {
    "@odata.etag": `W/"${event.revision}"`,
    id: `AAMkE${btoa(event.id).replaceAll("+", "-").replaceAll("/", "_")}`,
    originalStartTimeZone: event.time_zone,
    originalEndTimeZone: event.time_zone,
    subject: event.summary,
    isAllDay: event.all_day,
    isCancelled: event.cancelled,
    isOrganizer: event.response === "organizer",
    showAs: event.show_as,
    type: event.series === undefined ? "singleInstance" : "occurrence",
    seriesMasterId: event.series ?? null,
    responseStatus: { response: RESPONSES[event.response], time: "0001-01-01T00:00:00Z" },
    start: time(event.start_date, event.start),
    end: time(event.end_date, event.end),
  };
}
