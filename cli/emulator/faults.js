// @ts-check
/** Faults by rule: which requests are hit, how often, and what becomes of them. */
import { Refusal } from "./refusal.js";
import { milliseconds } from "./time.js";
import { known } from "./world.js";

/** @typedef {import("./types.d.ts").FaultAction} FaultAction */
/** @typedef {import("./types.d.ts").FaultInput} FaultInput */
/** @typedef {import("./types.d.ts").FaultMatch} FaultMatch */

/**
 * @typedef {object} Fault
 * @property {string} id
 * @property {string} name
 * @property {FaultMatch} match
 * @property {number} after
 * @property {number} times
 * @property {number} from
 * @property {number} until
 * @property {FaultAction} do
 * @property {number} seen matching requests
 * @property {number} hits
 */

/**
 * @typedef {object} Subject what rules look at
 * @property {string} route
 * @property {string} method
 * @property {string | undefined} account
 * @property {string | undefined} client
 * @property {URLSearchParams} query
 * @property {URLSearchParams} form
 */

export const ACTIONS = [
  "answer",
  "status",
  "headers",
  "body",
  "retry_after",
  "html",
  "delay_ms",
  "reset",
  "drop_reply",
  "cut_body",
  "content_type",
  "merge",
  "scopes",
  "end_used_token",
];
export const MATCHES = ["route", "method", "account", "client", "grant_type", "fields", "chance"];

export class Faults {
  /** @type {Fault[]} */
  rules = [];
  #count = 0;

  /**
   * @param {import("./clock.js").Clock} clock
   * @param {import("./random.js").Random} random
   * @param {string[]} routes every route's name
   * @param {(name: string) => boolean} isAnswer whether a provider has an answer of that name
   */
  constructor(clock, random, routes, isAnswer) {
    this.clock = clock;
    this.random = random;
    this.routes = routes;
    this.isAnswer = isAnswer;
  }

  /**
   * @param {FaultInput} input
   * @returns {Fault}
   */
  add(input) {
    known("fault", input, ["name", "match", "after", "times", "from", "until", "do"]);
    const match = known("match", input.match ?? {}, MATCHES);
    const action = known("fault's do", input.do ?? {}, ACTIONS);
    if (Object.keys(action).length === 0) throw new Refusal("a fault needs something to do");
    if (action.answer !== undefined && !this.isAnswer(action.answer)) {
      throw new Refusal(`neither provider has an answer named ${action.answer}`);
    }
    for (const pattern of list(match.route)) {
      if (!this.routes.some((route) => fits(pattern, route))) {
        throw new Refusal(`no route is named ${pattern}; there are ${this.routes.join(", ")}`);
      }
    }
    const now = this.clock.now();
    const id = String(++this.#count);
    const rule = {
      id,
      name: input.name ?? `fault ${id}`,
      match,
      after: whole("after", input.after ?? 0),
      times: input.times === undefined ? Infinity : whole("times", input.times),
      from: input.from === undefined ? -Infinity : now + milliseconds(input.from),
      until: input.until === undefined ? Infinity : now + milliseconds(input.until),
      do: action,
      seen: 0,
      hits: 0,
    };
    this.rules.push(rule);
    return rule;
  }

  /** @param {string} idOrName */
  remove(idOrName) {
    const kept = this.rules.filter(({ id, name }) => id !== idOrName && name !== idOrName);
    if (kept.length === this.rules.length) throw new Refusal(`there is no fault ${idOrName}`, 404);
    this.rules = kept;
  }

  clear() {
    this.rules = [];
  }

  /**
   * The first rule that hits this request. Every rule that matches counts it, hit or not.
   * @param {Subject} subject
   * @returns {Fault | undefined}
   */
  strike(subject) {
    const now = this.clock.now();
    /** @type {Fault | undefined} */
    let struck;
    for (const rule of this.rules) {
      if (now < rule.from || now >= rule.until || !matches(rule.match, subject)) continue;
      if (rule.match.chance !== undefined && this.random.next() >= rule.match.chance) continue;
      rule.seen++;
      if (struck || rule.seen <= rule.after || rule.hits >= rule.times) continue;
      rule.hits++;
      struck = rule;
    }
    return struck;
  }
}

/**
 * @param {FaultMatch} match
 * @param {Subject} subject
 */
function matches(match, { route, method, account, client, query, form }) {
  const routes = list(match.route);
  const accounts = list(match.account).map((each) => each.toLowerCase());
  if (routes.length > 0 && !routes.some((pattern) => fits(pattern, route))) return false;
  if (match.method !== undefined && match.method.toUpperCase() !== method) return false;
  if (accounts.length > 0 && !accounts.includes(account?.toLowerCase() ?? "")) return false;
  if (match.client !== undefined && match.client !== client) return false;
  if (match.grant_type !== undefined && form.get("grant_type") !== match.grant_type) return false;
  return Object.entries(match.fields ?? {}).every(([name, value]) => {
    const sent = form.get(name) ?? query.get(name);
    return value === "*" ? sent !== null : sent === value;
  });
}

/**
 * @param {string} pattern
 * @param {string} route
 */
function fits(pattern, route) {
  return pattern.endsWith("*") ? route.startsWith(pattern.slice(0, -1)) : route === pattern;
}

/**
 * @param {string | string[] | undefined} value
 * @returns {string[]}
 */
function list(value) {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

/**
 * @param {string} member
 * @param {number} value
 */
function whole(member, value) {
  if (!Number.isInteger(value) || value < 0) throw new Refusal(`${member} is a whole number`);
  return value;
}

/**
 * JSON merged into JSON (RFC 7396).
 * @param {unknown} target
 * @param {unknown} patch
 * @returns {unknown}
 */
export function merged(target, patch) {
  if (typeof patch !== "object" || patch === null || Array.isArray(patch)) return patch;
  const before = typeof target === "object" && target !== null && !Array.isArray(target)
    ? target
    : {};
  /** @type {Record<string, unknown>} */
  const result = { ...before };
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete result[name];
    else result[name] = merged(result[name], value);
  }
  return result;
}
