// @ts-check
/** Instants, local times and time zones, with nothing but `Intl`. */
import { Refusal } from "./refusal.js";

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** Windows names of common time zones, which Graph accepts (from CLDR). */
const WINDOWS_ZONES = {
  "AUS Eastern Standard Time": "Australia/Sydney",
  "Central Europe Standard Time": "Europe/Budapest",
  "Central European Standard Time": "Europe/Warsaw",
  "Central Standard Time": "America/Chicago",
  "China Standard Time": "Asia/Shanghai",
  "E. South America Standard Time": "America/Sao_Paulo",
  "Eastern Standard Time": "America/New_York",
  "GMT Standard Time": "Europe/London",
  "Hawaiian Standard Time": "Pacific/Honolulu",
  "India Standard Time": "Asia/Kolkata",
  "Line Islands Standard Time": "Pacific/Kiritimati",
  "Mountain Standard Time": "America/Denver",
  "New Zealand Standard Time": "Pacific/Auckland",
  "Pacific Standard Time": "America/Los_Angeles",
  "Romance Standard Time": "Europe/Paris",
  "Tokyo Standard Time": "Asia/Tokyo",
  "UTC": "UTC",
  "W. Europe Standard Time": "Europe/Berlin",
};

/** @type {Map<string, Intl.DateTimeFormat>} */
const formats = new Map();

/** @param {string} zone */
function format(zone) {
  const known = formats.get(zone);
  if (known) return known;
  const made = new Intl.DateTimeFormat("en-CA", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  });
  formats.set(zone, made);
  return made;
}

/**
 * The IANA name of a zone, from its IANA or Windows name.
 * @param {string} name
 * @returns {string | undefined}
 */
export function zoneNamed(name) {
  const iana = Object.entries(WINDOWS_ZONES).find(([windows]) => windows === name)?.[1] ?? name;
  // Intl accepts offsets such as +02:00 as zones; neither provider does.
  if (!/^[A-Za-z]/.test(iana)) return undefined;
  try {
    format(iana);
    return iana;
  } catch {
    return undefined;
  }
}

/**
 * What a clock on the wall shows, as the UTC instant that would show the same in Greenwich.
 * @param {number} instant
 * @param {string} zone
 */
function wall(instant, zone) {
  const parts = format(zone).formatToParts(instant);
  /** @param {string} type */
  const part = (type) => Number(parts.find((each) => each.type === type)?.value);
  return Date.UTC(
    part("year"),
    part("month") - 1,
    part("day"),
    part("hour"),
    part("minute"),
    part("second"),
  );
}

/**
 * How far the zone is ahead of UTC, in milliseconds.
 * @param {number} instant
 * @param {string} zone
 */
export function offsetAt(instant, zone) {
  const whole = Math.floor(instant / SECOND) * SECOND;
  return wall(whole, zone) - whole;
}

/**
 * The instant of a local time. One that comes twice is the first; one that a clock jumps over is
 * read with the offset before the jump (RFC 5545, section 3.3.5).
 * @param {string} local `2026-03-30T09:00` or with seconds
 * @param {string} zone
 */
export function instantOf(local, zone) {
  const shown = Date.parse(`${local}Z`);
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?$/.test(local) || Number.isNaN(shown)) {
    throw new Refusal(`"${local}" is not a local time such as 2026-03-30T09:00`);
  }
  const before = offsetAt(shown - DAY, zone);
  const after = offsetAt(shown + DAY, zone);
  const candidates = [shown - before, shown - after];
  const exact = candidates.filter((instant) => instant + offsetAt(instant, zone) === shown);
  return exact.length > 0 ? Math.min(...exact) : shown - before;
}

/**
 * @param {string} date `2026-03-30`
 * @param {string} zone
 */
export function midnight(date, zone) {
  return instantOf(`${date}T00:00`, zone);
}

/**
 * The date a clock in the zone shows.
 * @param {number} instant
 * @param {string} zone
 */
export function dateAt(instant, zone) {
  return new Date(wall(instant, zone)).toISOString().slice(0, 10);
}

/**
 * @param {string} date
 * @param {number} days
 */
export function addDays(date, days) {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * DAY).toISOString().slice(0, 10);
}

/** @param {string} date */
export function weekday(date) {
  return [
    "sun",
    "mon",
    "tue",
    "wed",
    "thu",
    "fri",
    "sat",
  ][new Date(`${date}T00:00:00Z`).getUTCDay()];
}

/**
 * RFC 3339 with the zone's offset, as Google writes times.
 * @param {number} instant
 * @param {string} zone
 */
export function rfc3339(instant, zone) {
  const local = new Date(wall(instant, zone)).toISOString().slice(0, 19);
  const offset = offsetAt(instant, zone) / MINUTE;
  if (offset === 0) return `${local}Z`;
  /** @param {number} number */
  const two = (number) => String(Math.floor(number)).padStart(2, "0");
  const size = Math.abs(offset);
  return `${local}${offset < 0 ? "-" : "+"}${two(size / 60)}:${two(size % 60)}`;
}

/**
 * A local time without an offset, as Graph writes times.
 * @param {number} instant
 * @param {string} zone
 */
export function graphTime(instant, zone) {
  return `${new Date(wall(instant, zone)).toISOString().slice(0, 19)}.0000000`;
}

/**
 * An instant that names its offset (RFC 3339).
 * @param {string | null | undefined} text
 * @returns {number | undefined}
 */
export function parseInstant(text) {
  const shape = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;
  const instant = shape.test(text ?? "") ? Date.parse(text ?? "") : NaN;
  return Number.isNaN(instant) ? undefined : instant;
}

/**
 * Milliseconds of `7d`, `1h30m`, `90s`, or of a number of seconds.
 * @param {string | number} duration
 */
export function milliseconds(duration) {
  if (typeof duration === "number" && Number.isFinite(duration)) return duration * SECOND;
  const parts = /^(-?)(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/.exec(String(duration));
  if (!parts || !/\d/.test(String(duration))) {
    throw new Refusal(`"${duration}" is not a duration such as 7d, 1h30m or 90s`);
  }
  const [, sign, days = 0, hours = 0, minutes = 0, seconds = 0] = parts;
  const sum = Number(days) * DAY + Number(hours) * HOUR + Number(minutes) * MINUTE +
    Number(seconds) * SECOND;
  return sign === "-" ? -sum : sum;
}
