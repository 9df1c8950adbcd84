// @ts-check
/** The emulator itself: one world, and what becomes of a request to it. It opens no socket. */
import { Clock } from "./clock.js";
import { Faults, merged } from "./faults.js";
import { googleAnswer } from "./google/errors.js";
import { Grants } from "./grants.js";
import { microsoftAnswer } from "./microsoft/errors.js";
import { Quota } from "./quota.js";
import { Random } from "./random.js";
import { Refusal } from "./refusal.js";
import { html, json } from "./reply.js";
import { routes } from "./routes.js";
import { Signer } from "./tokens.js";
import { World } from "./world.js";

/** @typedef {import("./faults.js").Fault} Fault */
/** @typedef {import("./routes.js").Route} Route */
/** @typedef {import("./types.d.ts").FaultAction} FaultAction */
/** @typedef {import("./types.d.ts").JournalEntry} JournalEntry */
/** @typedef {import("./types.d.ts").Person} Person */
/** @typedef {import("./types.d.ts").Reply} Reply */
/** @typedef {import("./types.d.ts").Request} Request */
/** @typedef {import("./types.d.ts").WorldInput} WorldInput */

/**
 * @typedef {object} Context one request on its way
 * @property {Emulator} emulator
 * @property {Request} request
 * @property {string} route
 * @property {string} parameter the variable part of the path, decoded; empty without one
 * @property {{ scopes?: string[] }} effect what a fault changes while the route acts
 * @property {Person} [account]
 */

/**
 * @typedef {object} Outcome what is to be sent
 * @property {Reply} reply
 * @property {"whole" | "reset" | "dropped" | "cut"} sent
 * @property {number} [bytes] of the body, where it is cut
 */

const MOST_REMEMBERED = 10_000;

export class Emulator {
  clock = new Clock();
  quota = new Quota(this.clock);
  signer = new Signer();
  /** @type {JournalEntry[]} */
  journal = [];
  /** Where it can be reached; known once it listens. */
  url = "";

  /** @param {string} seed */
  constructor(seed) {
    this.random = new Random(seed);
    this.world = new World(this.clock, this.random);
    this.grants = new Grants(this.clock, this.random);
    const names = routes.map(({ name }) => name);
    this.faults = new Faults(this.clock, this.random, names, (name) => this.#isAnswer(name));
  }

  /** @param {string} name */
  #isAnswer(name) {
    const world = { random: new Random(""), now: 0 };
    return Boolean(googleAnswer(name) ?? microsoftAnswer(name, world, {}));
  }

  /** Empties the world; the key that signs stays. */
  clear() {
    this.clock.freeze(false);
    this.clock.set(Date.now());
    this.world.clear();
    this.grants.clear();
    this.faults.clear();
    this.quota.clear();
    this.journal = [];
  }

  /** What tokens and answers call their issuers; `{tenant}` is the tenant's id. */
  get issuers() {
    return {
      google: `${this.url}/google`,
      microsoft: `${this.url}/microsoft/{tenant}/v2.0`,
    };
  }

  /** @param {WorldInput} input */
  add(input) {
    if (input.now !== undefined) {
      const now = Date.parse(input.now);
      if (Number.isNaN(now)) throw new Refusal(`"${input.now}" is not a time`);
      this.clock.set(now);
    }
    if (input.frozen !== undefined) this.clock.freeze(input.frozen);
    this.world.add(input);
    for (const fault of input.faults ?? []) this.faults.add(fault);
  }

  /**
   * @param {Request} request
   * @returns {Promise<Outcome>}
   */
  async handle(request) {
    const fitting = routes.filter(({ path }) => path.test(request.url.pathname));
    const route = fitting.find(({ methods }) => methods.includes(request.method));
    if (!route) return whole(this.#nowhere(request, fitting));
    const parameter = decoded(route.path.exec(request.url.pathname)?.[1] ?? "");
    if (parameter === undefined) return whole(json(400, { error: "malformed path" }));
    /** @type {Context} */
    const context = { emulator: this, request, route: route.name, parameter, effect: {} };
    const mailbox = route.mailbox ? this.#mailbox(request) : undefined;
    const most = this.world.quotas.microsoft_mailbox_at_once;
    if (mailbox !== undefined && !this.quota.enter(mailbox, most)) {
      const reply = this.#answer("microsoft", "ApplicationThrottled", request);
      return this.#noted(context, undefined, whole(withRetryAfter(reply, 10)));
    }
    try {
      const fault = this.faults.strike({ ...this.#subject(request), route: route.name });
      const outcome = await this.#act(context, route, fault?.do ?? {});
      return this.#noted(context, fault, outcome);
    } finally {
      if (mailbox !== undefined) this.quota.leave(mailbox);
    }
  }

  /**
   * @param {Context} context
   * @param {Route} route
   * @param {FaultAction} action
   * @returns {Promise<Outcome>}
   */
  async #act(context, route, action) {
    const { delay_ms = 0 } = action;
    if (delay_ms > 0) await new Promise((passed) => setTimeout(passed, delay_ms));
    if (action.reset) return { reply: json(500, {}), sent: "reset" };
    const instead = this.#instead(context, action);
    if (instead) return whole(instead);
    context.effect = action.scopes === undefined ? {} : { scopes: action.scopes };
    const acted = await route.handle(context);
    if (action.end_used_token) this.#endToken(context.request.form.get("refresh_token"));
    if (action.drop_reply) return { reply: acted, sent: "dropped" };
    const reply = changed(acted, action);
    return action.cut_body === undefined
      ? whole(reply)
      : { reply, sent: "cut", bytes: action.cut_body };
  }

  /** @param {string | null} value */
  #endToken(value) {
    const token = this.grants.tokens.get(value ?? "");
    if (token) token.ended = "revoked";
  }

  /**
   * What is answered without acting.
   * @param {Context} context
   * @param {FaultAction} action
   * @returns {Reply | undefined}
   */
  #instead({ route, request }, action) {
    const { answer, status, body, headers = {}, retry_after } = action;
    /** @type {Reply | undefined} */
    let reply;
    if (answer !== undefined) {
      reply = this.#answer(route.startsWith("google") ? "google" : "microsoft", answer, request);
    } else if (action.html) {
      reply = html(
        status ?? 502,
        `<!doctype html><html><title>${status ?? 502}</title>
<h1>Something went wrong</h1><p>Please try again later.</p></html>`,
      );
    } else if (status !== undefined || body !== undefined) {
      reply = typeof body === "string"
        ? { status: status ?? 200, headers: { "content-type": "text/plain" }, body }
        : json(status ?? 200, body ?? {});
    }
    if (!reply) return undefined;
    const sent = { ...reply, headers: { ...reply.headers, ...lowerCased(headers) } };
    return retry_after === undefined ? sent : withRetryAfter(sent, retry_after);
  }

  /**
   * @param {"google" | "microsoft"} provider
   * @param {string} name
   * @param {Request} request
   */
  #answer(provider, name, request) {
    const world = { random: this.random, now: this.clock.now() };
    const [, tenant = "common"] = /^\/microsoft\/([^/]+)/.exec(request.url.pathname) ?? [];
    const words = { client: request.form.get("client_id") ?? "", tenant };
    const reply = provider === "google" ? googleAnswer(name) : microsoftAnswer(name, world, words);
    if (!reply) throw new Refusal(`${provider} has no answer named ${name}`);
    return reply;
  }

  /**
   * Whom and what a request is about, as far as it says so.
   * @param {Request} request
   */
  #subject({ url, form, headers, method }) {
    const [, bearer = ""] = /^Bearer (.+)$/.exec(headers.authorization ?? "") ?? [];
    const held = [bearer, form.get("refresh_token"), form.get("token")]
      .map((value) => this.grants.tokens.get(value ?? ""))
      .find((token) => token !== undefined);
    const code = this.grants.codes.get(form.get("code") ?? "");
    return {
      method,
      account: held?.person ?? code?.person ?? form.get("account") ?? undefined,
      client: held?.client ?? form.get("client_id") ?? url.searchParams.get("client_id") ??
        undefined,
      query: url.searchParams,
      form,
    };
  }

  /** @param {Request} request */
  #mailbox(request) {
    const { account, client } = this.#subject(request);
    return account === undefined ? undefined : `graph ${client} ${account}`;
  }

  /**
   * @param {Request} request
   * @param {Route[]} fitting
   */
  #nowhere({ url }, fitting) {
    if (fitting.length > 0) {
      const allow = fitting.flatMap(({ methods }) => methods).join(", ");
      return json(405, { error: { code: 405, message: "Method Not Allowed" } }, { allow });
    }
    const message = `The emulator has nothing at ${url.pathname}.`;
    return json(404, { error: { code: 404, message } });
  }

  /**
   * Writes the request into the journal. Nothing secret is kept of it.
   * @param {Context} context
   * @param {Fault | undefined} fault
   * @param {Outcome} outcome
   */
  #noted(context, fault, outcome) {
    const { request, route } = context;
    const { account, client, form } = this.#subject(request);
    const person = context.account?.email ?? account;
    const grant_type = form.get("grant_type") ?? undefined;
    this.journal.push({
      at: new Date(this.clock.now()).toISOString(),
      method: request.method,
      path: request.url.pathname,
      route,
      ...(person === undefined ? {} : { account: person }),
      ...(client === undefined ? {} : { client }),
      ...(grant_type === undefined ? {} : { grant_type }),
      status: outcome.sent === "whole" ? outcome.reply.status : outcome.sent,
      ...(fault === undefined ? {} : { fault: fault.name }),
    });
    if (this.journal.length > MOST_REMEMBERED) this.journal.shift();
    return outcome;
  }
}

/**
 * @param {Reply} reply
 * @returns {Outcome}
 */
function whole(reply) {
  return { reply, sent: "whole" };
}

/**
 * @param {Reply} reply
 * @param {number} seconds
 */
function withRetryAfter(reply, seconds) {
  return { ...reply, headers: { ...reply.headers, "retry-after": String(seconds) } };
}

/**
 * An answer of the route itself, changed on its way out.
 * @param {Reply} reply
 * @param {FaultAction} action
 */
function changed(reply, { merge, content_type, headers }) {
  const body = merge === undefined
    ? reply.body
    : JSON.stringify(merged(JSON.parse(reply.body || "{}"), merge));
  /** @type {Record<string, string>} */
  const type = content_type === undefined ? {} : { "content-type": content_type };
  return { ...reply, body, headers: { ...reply.headers, ...lowerCased(headers ?? {}), ...type } };
}

/** @param {Record<string, string>} headers */
function lowerCased(headers) {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]),
  );
}

/** @param {string} segment */
function decoded(segment) {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}
