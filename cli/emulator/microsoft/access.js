// @ts-check
/** The checks before every Graph call: the token, its scope, the mailbox and its limits. */
import { json } from "../reply.js";
import { MINUTE } from "../time.js";
import { graphError, graphErrorOf } from "./errors.js";

/** @typedef {import("../types.d.ts").Calendar} Calendar */
/** @typedef {import("../types.d.ts").Person} Person */
/** @typedef {import("../types.d.ts").Reply} Reply */
/** @typedef {import("../emulator.js").Context} Context */

const GRAPH = "https://graph.microsoft.com/";
/** `Calendars.ReadBasic` opens these routes as well: https://learn.microsoft.com/graph/permissions-reference */
const OPENS = ["calendars.readbasic", "calendars.read", "calendars.readwrite"];

/**
 * The person whose token it is, if the call may be made.
 * @param {Context} context
 * @returns {Person | { refused: Reply }}
 */
export function caller(context) {
  const { emulator, request } = context;
  const [, value] = /^Bearer (.+)$/.exec(request.headers.authorization ?? "") ?? [];
  if (value === undefined) return { refused: refuse(context, "emptyToken") };
  const token = emulator.grants.tokens.get(value);
  if (!token || token.kind !== "access" || token.consent.provider !== "microsoft") {
    return { refused: refuse(context, "InvalidAuthenticationToken") };
  }
  const person = emulator.world.people.get(token.person.toLowerCase());
  if (!person || person.state === "deleted" || person.state === "disabled") {
    return { refused: refuse(context, "InvalidAuthenticationToken") };
  }
  // An access token works until it expires, even if the consent has ended: Graph does not look at it.
  if (token.ended !== undefined || emulator.clock.now() >= token.expires) {
    return { refused: refuse(context, "expiredToken") };
  }
  const opens = token.scopes.some((scope) =>
    OPENS.includes(scope.slice(GRAPH.length).toLowerCase())
  );
  if (!opens) return { refused: refuse(context, "ErrorAccessDenied") };
  const most = emulator.world.quotas.microsoft_mailbox_per_ten_minutes;
  if (!emulator.quota.take(`graph ${token.client} ${person.email}`, most, 10 * MINUTE)) {
    return { refused: refuse(context, "TooManyRequests", { "retry-after": "600" }) };
  }
  if (person.state === "no_calendar") {
    return { refused: refuse(context, "MailboxNotEnabledForRESTAPI") };
  }
  return person;
}

/**
 * @param {Context} context
 * @param {string} name
 * @param {Record<string, string>} [headers]
 */
export function refuse({ emulator }, name, headers) {
  return graphError(name, { random: emulator.random, now: emulator.clock.now() }, headers);
}

/**
 * The calendar that the path names; without an id the default one.
 * @param {Context} context
 * @param {Person} person
 * @param {string | undefined} id
 * @returns {Calendar | { refused: Reply }}
 */
export function calendarOf(context, person, id) {
  if (id !== undefined && !/^[A-Za-z0-9_=-]+$/.test(id)) {
    return { refused: refuse(context, "ErrorInvalidIdMalformed") };
  }
  const found = person.calendars.find((each) => id === undefined ? each.primary : each.id === id);
  if (!found) return { refused: refuse(context, "ErrorItemNotFound") };
  const failing = failure(context, found);
  return failing ? { refused: failing } : found;
}

/**
 * @param {Context} context
 * @param {Calendar} calendar
 */
function failure({ emulator }, { error }) {
  if (error === undefined) return undefined;
  const world = { random: emulator.random, now: emulator.clock.now() };
  if (/^\d{3}$/.test(error)) {
    return graphErrorOf(Number(error), "ErrorInternalServerError", "The calendar failed.", world);
  }
  return graphError(error, world);
}

/**
 * A page of a collection, with the link to the next one.
 * @template T
 * @param {Context} context
 * @param {string} kind
 * @param {T[]} all
 * @param {number} usual
 * @param {(item: T) => Record<string, unknown>} shown
 */
export function collection(context, kind, all, usual, shown) {
  const { emulator, request } = context;
  const query = parameters(request.url);
  const top = whole(query.get("$top"), usual);
  const skip = whole(query.get("$skip"), 0);
  if (top === undefined || top < 1 || top > 1000 || skip === undefined) {
    return badQuery(context, "Invalid value specified for $top or $skip.");
  }
  const next = new URL(request.url);
  next.searchParams.delete("$skip");
  next.searchParams.set("$skip", String(skip + top));
  const link = `${emulator.url}${next.pathname}${next.search}`;
  return json(200, {
    "@odata.context": `${emulator.url}/graph/v1.0/$metadata#users('me')/${kind}`,
    value: all.slice(skip, skip + top).map((item) => only(query, shown(item))),
    ...(skip + top < all.length ? { "@odata.nextLink": link } : {}),
  }, { "request-id": emulator.random.uuid() });
}

/**
 * @param {Context} context
 * @param {string} kind
 * @param {Record<string, unknown>} entity
 */
export function single(context, kind, entity) {
  const { emulator, request } = context;
  return json(200, {
    "@odata.context": `${emulator.url}/graph/v1.0/$metadata#users('me')/${kind}`,
    ...only(parameters(request.url), entity),
  }, { "request-id": emulator.random.uuid() });
}

/**
 * The query parameters by lower-case name: OData's names are compared without case.
 * @param {URL} url
 */
export function parameters(url) {
  return new Map([...url.searchParams].map(([name, value]) => [name.toLowerCase(), value]));
}

/**
 * @param {Context} context
 * @param {string} message
 */
export function badQuery({ emulator }, message) {
  const world = { random: emulator.random, now: emulator.clock.now() };
  return graphErrorOf(400, "BadRequest", message, world);
}

/**
 * @param {string | undefined} text
 * @param {number} without
 */
function whole(text, without) {
  const number = text === undefined ? without : Number(text);
  return Number.isInteger(number) && number >= 0 ? number : undefined;
}

/**
 * The members that `$select` asks for, and always the id.
 * @param {Map<string, string>} query
 * @param {Record<string, unknown>} entity
 */
function only(query, entity) {
  const names = query.get("$select")?.split(",").map((name) => name.trim().toLowerCase());
  if (names === undefined) return entity;
  return Object.fromEntries(
    Object.entries(entity).filter(([name]) =>
      name === "id" || name.startsWith("@odata") || names.includes(name.toLowerCase())
    ),
  );
}
