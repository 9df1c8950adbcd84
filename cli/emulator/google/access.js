// @ts-check
/** The checks before every call of the Calendar API: the token, its scope, the project, the quotas. */
import { json } from "../reply.js";
import { MINUTE } from "../time.js";
import { badParameter, googleError } from "./errors.js";
import { parseFields, select } from "./fields.js";

/** @typedef {import("../types.d.ts").Calendar} Calendar */
/** @typedef {import("../types.d.ts").Person} Person */
/** @typedef {import("../types.d.ts").Reply} Reply */
/** @typedef {import("../emulator.js").Context} Context */

const SCOPE = "https://www.googleapis.com/auth/calendar";
const READ_ALL = [SCOPE, `${SCOPE}.readonly`];

/** Which scopes open a route: https://developers.google.com/workspace/calendar/api/auth */
/** @type {Record<string, string[]>} */
const OPENS = {
  "google.freeBusy": [...READ_ALL, `${SCOPE}.freebusy`, `${SCOPE}.events.freebusy`],
  "google.calendarList": [...READ_ALL, `${SCOPE}.calendarlist`, `${SCOPE}.calendarlist.readonly`],
  "google.calendarListEntry": [
    ...READ_ALL,
    `${SCOPE}.calendarlist`,
    `${SCOPE}.calendarlist.readonly`,
  ],
  "google.calendar": [...READ_ALL, `${SCOPE}.calendars`, `${SCOPE}.calendars.readonly`],
  "google.events": [...READ_ALL, `${SCOPE}.events`, `${SCOPE}.events.readonly`],
};

/**
 * The person whose token it is, if the call may be made.
 * @param {Context} context
 * @returns {Person | { refused: Reply }}
 */
export function caller(context) {
  const { emulator, request, route } = context;
  const [, value] = /^Bearer (.+)$/.exec(request.headers.authorization ?? "") ?? [];
  if (value === undefined) return { refused: googleError("required") };
  const token = emulator.grants.tokens.get(value);
  const live = token && token.kind === "access" && token.consent.provider === "google" &&
    emulator.grants.deadBecause(token) === undefined;
  const person = token && emulator.world.people.get(token.person.toLowerCase());
  const shut = ["deleted", "disabled", "blocked_by_admin"];
  if (!live || !person || shut.includes(person.state)) {
    return { refused: googleError("authError") };
  }
  const client = emulator.world.client("google", token.client);
  if (client && !client.calendar_api) return { refused: googleError("accessNotConfigured") };
  if (!token.scopes.some((scope) => OPENS[route]?.includes(scope))) {
    return { refused: googleError("insufficientPermissions") };
  }
  const spent = overQuota(context, token.consent.app, person);
  if (spent !== undefined) return { refused: googleError(spent) };
  if (person.state === "no_calendar") return { refused: googleError("notACalendarUser") };
  return person;
}

/**
 * https://developers.google.com/workspace/calendar/api/guides/quota
 * @param {Context} context
 * @param {string} project
 * @param {Person} person
 */
function overQuota({ emulator }, project, person) {
  const { google_project_per_minute, google_user_per_minute } = emulator.world.quotas;
  const { quota } = emulator;
  if (!quota.take(`google ${project}`, google_project_per_minute, MINUTE)) {
    return "rateLimitExceeded";
  }
  const user = `google ${project} ${person.email}`;
  return quota.take(user, google_user_per_minute, MINUTE) ? undefined : "userRateLimitExceeded";
}

/**
 * The answer, or the part of it that `fields` asks for.
 * @param {Context} context
 * @param {unknown} body
 */
export function answer({ request }, body) {
  const fields = request.url.searchParams.get("fields");
  if (fields === null || fields === "*") return json(200, body);
  const tree = parseFields(fields);
  if (!tree) return badParameter("fields", `Invalid field selection ${fields}`);
  return json(200, select(body, tree));
}

/**
 * A calendar that the person has or that is shared with them, and what they may do with it.
 * @param {Context} context
 * @param {Person} person
 * @param {string} id
 */
export function reachable({ emulator }, person, id) {
  return reachableCalendars(emulator.world, person)
    .find(({ calendar }) =>
      calendar.id === id ||
      (id === "primary" && calendar.primary && calendar.owner === person.email)
    );
}

/**
 * @param {import("../world.js").World} world
 * @param {Person} person
 */
export function reachableCalendars(world, person) {
  const own = person.calendars.map((calendar) => ({ calendar, role: "owner" }));
  const shared = world.peopleOf("google").flatMap(({ calendars }) =>
    calendars.flatMap((calendar) => {
      const role = calendar.shared_with[person.email];
      return role === undefined ? [] : [{ calendar, role: String(role) }];
    })
  );
  return [...own, ...shared];
}
