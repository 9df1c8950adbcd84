// @ts-check
/** Events: expands the events of a configuration to the instances that the providers answer. */
import { Refusal } from "./refusal.js";
import {
  addDays,
  dateAt,
  DAY,
  instantOf,
  midnight,
  MINUTE,
  parseInstant,
  weekday,
  zoneNamed,
} from "./time.js";

/** @typedef {import("./types.d.ts").EventInput} EventInput */
/** @typedef {import("./types.d.ts").CalendarEvent} CalendarEvent */

const SHOW_AS = ["busy", "free", "tentative", "oof", "workingElsewhere", "unknown"];
const RESPONSES = ["organizer", "accepted", "tentative", "declined", "none"];
const MOST_REPEATS = 2000;

/**
 * @typedef {object} Place what an event is read in the light of
 * @property {string} time_zone the calendar's
 * @property {number} now
 * @property {number} revision
 * @property {() => string} newId
 */

/**
 * The instances of an event; one that does not repeat has one.
 * @param {EventInput} input
 * @param {Place} place
 * @returns {CalendarEvent[]}
 */
export function expand(input, place) {
  const time_zone = checkedZone(input.time_zone ?? place.time_zone);
  const show_as = oneOf("show_as", SHOW_AS, input.show_as ?? "busy");
  const response = oneOf("response", RESPONSES, input.response ?? "organizer");
  const id = input.id ?? place.newId();
  const starts = repeated(input, absolute(input.start, place.now, time_zone));
  return starts.map((start, index) => ({
    id: starts.length === 1 ? id : `${id}_${start.replaceAll(/[-:]|T/g, "")}`,
    ...(starts.length === 1 ? {} : { series: id }),
    ...span(input, start, time_zone, place, index),
    time_zone,
    show_as: /** @type {CalendarEvent["show_as"]} */ (show_as),
    response: /** @type {CalendarEvent["response"]} */ (response),
    cancelled: input.cancelled === true,
    summary: input.summary ?? "Busy",
    revision: place.revision,
  }));
}

/**
 * Start and end of one instance.
 * @param {EventInput} input
 * @param {string} start
 * @param {string} zone
 * @param {Place} place
 * @param {number} index
 */
function span(input, start, zone, place, index) {
  const given = input.end === undefined ? undefined : absolute(input.end, place.now, zone);
  if (isDate(start)) {
    const first = absolute(input.start, place.now, zone);
    const days = given === undefined
      ? Math.max(1, Math.round((input.minutes ?? 0) / 1440))
      : (Date.parse(given) - Date.parse(first)) / DAY;
    if (!(days >= 1)) throw new Refusal(`the event of ${start} ends before it starts`);
    const end = addDays(start, days);
    // An all-day event has dates; the calendar's zone decides at which instants they begin.
    return {
      all_day: true,
      start_date: start,
      end_date: end,
      start: midnight(start, place.time_zone),
      end: midnight(end, place.time_zone),
    };
  }
  const begin = instant(start, zone);
  const length = given === undefined
    ? (input.minutes ?? 60) * MINUTE
    : instant(given, zone) - instant(absolute(input.start, place.now, zone), zone);
  if (!(length >= 0)) throw new Refusal(`the event of ${start} ends before it starts`);
  // The end that was given belongs to the first instance; the others have the same length.
  const end = given !== undefined && index === 0 ? instant(given, zone) : begin + length;
  return { all_day: false, start: begin, end };
}

/**
 * The starts of all instances, as local dates or times.
 * @param {EventInput} input
 * @param {string} start
 */
function repeated({ repeat }, start) {
  if (repeat === undefined) return [start];
  const { every, count, weekdays } = repeat;
  if (every !== "day" && every !== "week") throw new Refusal(`repeat.every is "day" or "week"`);
  if (!Number.isInteger(count) || count < 1 || count > MOST_REPEATS) {
    throw new Refusal(`repeat.count is a whole number of 1 to ${MOST_REPEATS}`);
  }
  if (parseInstant(start) !== undefined) {
    throw new Refusal("an event that repeats needs a local start, since clocks change");
  }
  const [first = "", time] = start.split("T");
  const starts = [];
  const step = every === "week" && weekdays === undefined ? 7 : 1;
  for (let day = 0; starts.length < count && day < MOST_REPEATS * 7; day += step) {
    const date = addDays(first, day);
    if (weekdays !== undefined && !weekdays.includes(weekday(date) ?? "")) continue;
    starts.push(time === undefined ? date : `${date}T${time}`);
  }
  return starts;
}

/**
 * A time with words such as `today+3` replaced by the date they stand for.
 * @param {string} text
 * @param {number} now
 * @param {string} zone
 */
function absolute(text, now, zone) {
  const words = /^today([+-]\d{1,4})?(?: (\d\d:\d\d))?$/.exec(text);
  if (!words) return text;
  const date = addDays(dateAt(now, zone), Number(words[1] ?? 0));
  return words[2] === undefined ? date : `${date}T${words[2]}`;
}

/**
 * @param {string} text
 * @param {string} zone
 */
function instant(text, zone) {
  return parseInstant(text) ?? instantOf(text, zone);
}

/** @param {string} text */
function isDate(text) {
  return /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text));
}

/** @param {string} name */
export function checkedZone(name) {
  const zone = zoneNamed(name);
  if (zone === undefined) throw new Refusal(`"${name}" is not a time zone`);
  return zone;
}

/**
 * @param {string} member
 * @param {string[]} known
 * @param {string} value
 */
function oneOf(member, known, value) {
  if (!known.includes(value)) throw new Refusal(`${member} is one of ${known.join(", ")}`);
  return value;
}

/**
 * Whether an event overlaps the window. One that began before the window may.
 * @param {CalendarEvent} event
 * @param {number} from
 * @param {number} to
 */
export function overlaps(event, from, to) {
  // An event without a length is inside the window if its start is.
  return event.start < to &&
    (event.end > from || (event.start === event.end && event.start >= from));
}

/**
 * Whether Google counts the event as busy: transparent and declined ones are free, unanswered and
 * tentative ones are not.
 * @param {CalendarEvent} event
 */
export function blocksOnGoogle(event) {
  const transparent = event.show_as === "free" || event.show_as === "workingElsewhere";
  return !event.cancelled && !transparent && event.response !== "declined" &&
    event.end > event.start;
}

/**
 * Busy time within a window, overlapping events joined.
 * @param {CalendarEvent[]} events
 * @param {number} from
 * @param {number} to
 */
export function busyTimes(events, from, to) {
  const spans = events
    .filter((event) => blocksOnGoogle(event) && overlaps(event, from, to))
    .map(({ start, end }) => ({ start, end }))
    .sort((one, other) => one.start - other.start);
  /** @type {{ start: number, end: number }[]} */
  const joined = [];
  for (const span of spans) {
    const last = joined.at(-1);
    if (last && span.start <= last.end) last.end = Math.max(last.end, span.end);
    else joined.push(span);
  }
  return joined;
}
