// @ts-check
/** What a test may do to the emulator; the admin API does the same over HTTP. */
import { Refusal } from "./refusal.js";
import { apply, endGrants, grantsOf, readScenario, scenarios } from "./scenarios.js";
import { milliseconds } from "./time.js";
import { known } from "./world.js";

/** @typedef {import("./emulator.js").Emulator} Emulator */
/** @typedef {import("./types.d.ts").CalendarInput} CalendarInput */
/** @typedef {import("./types.d.ts").ClientInput} ClientInput */
/** @typedef {import("./types.d.ts").EventInput} EventInput */
/** @typedef {import("./types.d.ts").FaultInput} FaultInput */
/** @typedef {import("./types.d.ts").PersonInput} PersonInput */
/** @typedef {import("./types.d.ts").ProviderName} ProviderName */
/** @typedef {import("./types.d.ts").Scenario} Scenario */
/** @typedef {import("./types.d.ts").TenantInput} TenantInput */
/** @typedef {import("./types.d.ts").WorldInput} WorldInput */

export class Control {
  #emulator;
  #base;

  /**
   * @param {Emulator} emulator
   * @param {WorldInput[]} base what the world is after a reset
   */
  constructor(emulator, base) {
    this.#emulator = emulator;
    this.#base = base;
  }

  /** Everything there is, without secrets and tokens. */
  state() {
    const { clock, random, world, faults } = this.#emulator;
    return {
      now: new Date(clock.now()).toISOString(),
      frozen: clock.frozen,
      seed: random.seed,
      people: [...world.people.values()].map(({ calendars, ...person }) => ({
        ...person,
        calendars: calendars.map(({ events, ...calendar }) => ({
          ...calendar,
          events: events.length,
        })),
      })),
      tenants: [...world.tenants.values()],
      clients: [...world.clients.values()].map(({ client_secret: _, ...client }) => client),
      quotas: world.quotas,
      grants: this.grants(),
      faults: faults.rules.length,
    };
  }

  /**
   * Back to how it started: every connection is gone, the clock shows the real time.
   * @param {{ seed?: string }} [options]
   */
  reset({ seed } = {}) {
    this.#emulator.clear();
    this.#emulator.random.start(seed ?? this.#emulator.random.seed);
    for (const world of this.#base) this.#emulator.add(world);
    return this.state();
  }

  /** @param {{ now?: string, advance?: string | number, frozen?: boolean }} [change] */
  clock(change = {}) {
    const { clock } = this.#emulator;
    known("clock", change, ["now", "advance", "frozen"]);
    if (change.now !== undefined) {
      const now = Date.parse(change.now);
      if (Number.isNaN(now)) throw new Refusal(`"${change.now}" is not a time`);
      clock.set(now);
    }
    if (change.advance !== undefined) clock.advance(milliseconds(change.advance));
    if (change.frozen !== undefined) clock.freeze(change.frozen);
    return { now: new Date(clock.now()).toISOString(), frozen: clock.frozen };
  }

  // --- people, calendars, events -----------------------------------------------------------------

  /** @param {PersonInput} input */
  addPerson(input) {
    const { email } = this.#emulator.world.addPerson(input);
    return this.person(email);
  }

  /** @param {string} email */
  person(email) {
    return this.#emulator.world.person(email);
  }

  /**
   * @param {string} email
   * @param {Partial<PersonInput>} changes
   */
  changePerson(email, changes) {
    return this.#emulator.world.changePerson(email, changes);
  }

  /** @param {string} email */
  removePerson(email) {
    this.#emulator.world.removePerson(email);
    return { removed: email };
  }

  /** @param {CalendarInput & { person: string }} input */
  addCalendar({ person, ...input }) {
    return this.#emulator.world.addCalendar(person, input);
  }

  /**
   * @param {string} id
   * @param {Partial<CalendarInput> & { person: string, error?: string | null }} changes
   */
  changeCalendar(id, { person, ...changes }) {
    return this.#emulator.world.changeCalendar(person, id, changes);
  }

  /**
   * @param {string} id
   * @param {{ person: string }} of
   */
  removeCalendar(id, { person }) {
    this.#emulator.world.removeCalendar(person, id);
    return { removed: id };
  }

  /** @param {EventInput & { person: string, calendar?: string }} input */
  addEvent({ person, calendar = "primary", ...input }) {
    return this.#emulator.world.addEvent(person, calendar, input);
  }

  /** @param {string} id of an event or a series */
  removeEvent(id) {
    return { removed: this.#emulator.world.removeEvent(id) };
  }

  // --- apps --------------------------------------------------------------------------------------

  /** @param {ClientInput} input */
  addClient(input) {
    return this.#emulator.world.addClient(input);
  }

  /** @param {Partial<ClientInput> & { provider: ProviderName, client_id: string }} changes */
  changeClient({ provider, client_id, ...changes }) {
    return this.#emulator.world.changeClient(provider, client_id, changes);
  }

  /** @param {TenantInput} input */
  addTenant(input) {
    return this.#emulator.world.addTenant(input);
  }

  // --- consent -----------------------------------------------------------------------------------

  /**
   * What a person at the consent page does: opens the app's authorization URL, chooses an account,
   * and answers. Returns the URL to which the provider sends them back, and where they stay if it
   * sends them nowhere.
   * @param {string} authorizationUrl
   * @param {{ account?: string, decision?: "allow" | "deny" | "cancel", untick?: string[] }} [answer]
   * @returns {Promise<{ location: string | null, status: number, page: string }>}
   */
  async consent(authorizationUrl, { account, decision = "allow", untick = [] } = {}) {
    const given = new URL(authorizationUrl);
    const url = new URL(given.pathname + given.search, "http://emulator");
    const provider = url.pathname.startsWith("/google") ? "google" : "microsoft";
    const email = account ?? this.#emulator.world.peopleOf(provider)[0]?.email ?? "";
    const asked = (url.searchParams.get("scope") ?? "").split(" ");
    const form = new URLSearchParams({ account: email, decision });
    for (const scope of asked) if (!untick.includes(scope)) form.append("scope", scope);
    const outcome = await this.#emulator.handle({
      method: "POST",
      url,
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: form.toString(),
      form,
    });
    const { status, headers, body } = outcome.reply;
    return { location: headers.location ?? null, status, page: body };
  }

  /** What people have allowed so far. */
  grants() {
    return this.#emulator.grants.consents.map(({ provider, app, person, scopes, ended }) => ({
      provider,
      app,
      person,
      scopes,
      ended: ended ?? null,
    }));
  }

  /**
   * Makes grants die: the next refresh is refused.
   * @param {{ person?: string, provider?: ProviderName, reason?: string }} [which] all without it
   */
  endGrants(which = {}) {
    return { ended: endGrants(this.#emulator, which) };
  }

  /**
   * Makes ended grants valid again.
   * @param {{ person?: string, provider?: ProviderName }} [which]
   */
  restoreGrants({ person, provider } = {}) {
    return { restored: this.#emulator.grants.restore(grantsOf(person, provider)) };
  }

  // --- faults, requests, scenarios ---------------------------------------------------------------

  /** @param {FaultInput} input */
  addFault(input) {
    return shown(this.#emulator.faults.add(input));
  }

  faults() {
    return this.#emulator.faults.rules.map(shown);
  }

  /** @param {string} [idOrName] all without it */
  removeFaults(idOrName) {
    if (idOrName === undefined) this.#emulator.faults.clear();
    else this.#emulator.faults.remove(idOrName);
    return this.faults();
  }

  /**
   * What reached the providers, oldest first.
   * @param {{ route?: string, account?: string }} [which]
   */
  requests({ route, account } = {}) {
    return this.#emulator.journal.filter((entry) =>
      (route === undefined || entry.route === route) &&
      (account === undefined || entry.account === account)
    );
  }

  clearRequests() {
    this.#emulator.journal = [];
    return [];
  }

  scenarios() {
    return scenarios();
  }

  /**
   * @param {string | Scenario} scenario a name, a file, or the scenario itself
   * @param {{ reset?: boolean }} [options]
   */
  useScenario(scenario, { reset = false } = {}) {
    const chosen = typeof scenario === "string" ? readScenario(scenario) : scenario;
    if (reset) this.reset();
    apply(this.#emulator, chosen);
    return chosen;
  }
}

/**
 * A rule without infinities, which JSON does not have.
 * @param {import("./faults.js").Fault} rule
 */
function shown(rule) {
  /** @param {number} instant */
  const time = (instant) => Number.isFinite(instant) ? new Date(instant).toISOString() : null;
  return {
    ...rule,
    times: Number.isFinite(rule.times) ? rule.times : null,
    from: time(rule.from),
    until: time(rule.until),
  };
}
