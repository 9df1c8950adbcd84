// @ts-check
/**
 * The admin API: everything below `/_/`. Bodies need the content type of JSON, so that a page on
 * the web cannot send one from a browser without a CORS preflight, which fails.
 */
import { Refusal } from "./refusal.js";
import { json, redirect } from "./reply.js";

/** @typedef {import("./control.js").Control} Control */
/** @typedef {import("./types.d.ts").Reply} Reply */
/** @typedef {import("./types.d.ts").Request} Request */

/**
 * @typedef {object} Operation
 * @property {string} method
 * @property {string} path `{id}` stands for one segment
 * @property {string} about
 * @property {(control: Control, body: any, id: string, query: URLSearchParams) => unknown} run
 */

/** @type {Operation[]} */
export const operations = [
  {
    method: "GET",
    path: "/_/state",
    about: "everything there is",
    run: (control) => control.state(),
  },
  {
    method: "POST",
    path: "/_/reset",
    about: "back to how it started; {seed}",
    run: (control, body) => control.reset(body),
  },
  {
    method: "GET",
    path: "/_/clock",
    about: "what time it is",
    run: (control) => control.clock(),
  },
  {
    method: "POST",
    path: "/_/clock",
    about: "set and move the clock; {now, advance, frozen}",
    run: (control, body) => control.clock(body),
  },
  {
    method: "POST",
    path: "/_/people",
    about: "add a person, with calendars and events",
    run: (control, body) => control.addPerson(body),
  },
  {
    method: "GET",
    path: "/_/people/{id}",
    about: "a person, by address",
    run: (control, _body, id) => control.person(id),
  },
  {
    method: "PATCH",
    path: "/_/people/{id}",
    about: "change a person; {name, state, time_zone, hosted_domain, events}",
    run: (control, body, id) => control.changePerson(id, body),
  },
  {
    method: "DELETE",
    path: "/_/people/{id}",
    about: "remove a person",
    run: (control, _body, id) => control.removePerson(id),
  },
  {
    method: "POST",
    path: "/_/calendars",
    about: "add a calendar; {person, id, name, time_zone, shared_with, error, absent, events}",
    run: (control, body) => control.addCalendar(body),
  },
  {
    method: "PATCH",
    path: "/_/calendars/{id}",
    about: "change a calendar; {person, name, time_zone, shared_with, error, absent}",
    run: (control, body, id) => control.changeCalendar(id, body),
  },
  {
    method: "DELETE",
    path: "/_/calendars/{id}",
    about: "remove a calendar; ?person=",
    run: (control, _body, id, query) =>
      control.removeCalendar(id, { person: query.get("person") ?? "" }),
  },
  {
    method: "POST",
    path: "/_/events",
    about: "add an event, or all of a series; {person, calendar, start, end, minutes, repeat, …}",
    run: (control, body) => control.addEvent(body),
  },
  {
    method: "DELETE",
    path: "/_/events/{id}",
    about: "remove an event or a series",
    run: (control, _body, id) => control.removeEvent(id),
  },
  {
    method: "POST",
    path: "/_/clients",
    about: "register an OAuth client; {provider, client_id, client_secret, redirect_uris, …}",
    run: (control, body) => control.addClient(body),
  },
  {
    method: "PATCH",
    path: "/_/clients",
    about: "change a client; {provider, client_id, state, publishing, calendar_api, …}",
    run: (control, body) => control.changeClient(body),
  },
  {
    method: "POST",
    path: "/_/tenants",
    about: "add or change a Microsoft tenant; {domain, id, user_consent, extra_scopes}",
    run: (control, body) => control.addTenant(body),
  },
  {
    method: "POST",
    path: "/_/consent",
    about: "answer a consent page; {url, account, decision, untick}",
    run: (control, { url, ...answer }) => control.consent(url, answer),
  },
  {
    method: "GET",
    path: "/_/grants",
    about: "what people have allowed",
    run: (control) => control.grants(),
  },
  {
    method: "POST",
    path: "/_/grants/end",
    about: "make grants die; {person, provider, reason}",
    run: (control, body) => control.endGrants(body),
  },
  {
    method: "POST",
    path: "/_/grants/restore",
    about: "make ended grants valid again; {person, provider}",
    run: (control, body) => control.restoreGrants(body),
  },
  {
    method: "GET",
    path: "/_/faults",
    about: "the rules, and how often each has hit",
    run: (control) => control.faults(),
  },
  {
    method: "POST",
    path: "/_/faults",
    about: "add a rule; {name, match, after, times, from, until, do}",
    run: (control, body) => control.addFault(body),
  },
  {
    method: "DELETE",
    path: "/_/faults",
    about: "remove all rules",
    run: (control) => control.removeFaults(),
  },
  {
    method: "DELETE",
    path: "/_/faults/{id}",
    about: "remove a rule, by id or name",
    run: (control, _body, id) => control.removeFaults(id),
  },
  {
    method: "GET",
    path: "/_/requests",
    about: "what reached the providers; ?route=, ?account=",
    run: (control, _body, _id, query) =>
      control.requests({
        ...(query.has("route") ? { route: query.get("route") ?? "" } : {}),
        ...(query.has("account") ? { account: query.get("account") ?? "" } : {}),
      }),
  },
  {
    method: "DELETE",
    path: "/_/requests",
    about: "forget what reached the providers",
    run: (control) => control.clearRequests(),
  },
  {
    method: "GET",
    path: "/_/scenarios",
    about: "the scenarios that ship",
    run: (control) => control.scenarios(),
  },
  {
    method: "POST",
    path: "/_/scenario",
    about: "use a scenario; {name, reset}, or {scenario, reset} with one of your own",
    run: (control, { name, scenario, reset }) =>
      control.useScenario(scenario ?? shipped(name), { reset: reset === true }),
  },
];

/**
 * Only scenarios that ship can be named over HTTP: a path would read files of this machine.
 * @param {unknown} name
 */
function shipped(name) {
  if (typeof name !== "string" || !/^[\w-]+$/.test(name)) {
    throw new Refusal("name one of the scenarios that ship, or send one as `scenario`");
  }
  return name;
}

/**
 * The answer to an admin request, or undefined where it is none.
 * @param {Control} control
 * @param {Request} request
 * @returns {Promise<Reply | undefined>}
 */
export async function administer(control, request) {
  const { pathname, searchParams } = request.url;
  if (pathname === "/") return redirect("/_/");
  if (pathname === "/_/") {
    const list = operations.map(({ method, path, about }) => `${method} ${path}: ${about}`);
    return json(200, { emulator: "calendar-connect", operations: list });
  }
  if (!pathname.startsWith("/_/")) return undefined;
  for (const { method, path, run } of operations) {
    const id = fit(path, pathname);
    if (method !== request.method || id === undefined) continue;
    try {
      const done = await run(control, parsed(request), id, searchParams);
      return json(method === "POST" ? 201 : 200, done ?? null);
    } catch (error) {
      if (error instanceof Refusal) return json(error.status, { error: error.message });
      throw error;
    }
  }
  return json(404, { error: `no such operation; GET /_/ lists them` });
}

/**
 * The segment that stands for `{id}`, an empty text where the path has none.
 * @param {string} pattern
 * @param {string} path
 */
function fit(pattern, path) {
  const [before = "", after] = pattern.split("{id}");
  if (after === undefined) return pattern === path ? "" : undefined;
  const rest = path.startsWith(before) ? path.slice(before.length) : "";
  return rest === "" || rest.includes("/") ? undefined : decodeURIComponent(rest);
}

/** @param {Request} request */
function parsed({ method, headers, body }) {
  if (method === "GET" || method === "DELETE") return {};
  // Browsers send sec-fetch-site. Other clients may omit the content type of an empty body.
  const untyped = body === "" && headers["sec-fetch-site"] === undefined;
  if (!untyped && !headers["content-type"]?.startsWith("application/json")) {
    throw new Refusal("an admin request's body is JSON: send content-type application/json", 415);
  }
  try {
    const value = JSON.parse(body === "" ? "{}" : body);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  } catch {
    // Said below.
  }
  throw new Refusal("the body is not a JSON object");
}
