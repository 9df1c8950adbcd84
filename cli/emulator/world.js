// @ts-check
/** People, their calendars and events, tenants and OAuth clients: what there is, and how to change it. */
import { checkedZone, expand } from "./events.js";
import { Refusal } from "./refusal.js";

/** @typedef {import("./types.d.ts").Calendar} Calendar */
/** @typedef {import("./types.d.ts").CalendarInput} CalendarInput */
/** @typedef {import("./types.d.ts").Client} Client */
/** @typedef {import("./types.d.ts").ClientInput} ClientInput */
/** @typedef {import("./types.d.ts").EventInput} EventInput */
/** @typedef {import("./types.d.ts").Person} Person */
/** @typedef {import("./types.d.ts").PersonInput} PersonInput */
/** @typedef {import("./types.d.ts").ProviderName} ProviderName */
/** @typedef {import("./types.d.ts").Quotas} Quotas */
/** @typedef {import("./types.d.ts").Tenant} Tenant */
/** @typedef {import("./types.d.ts").TenantInput} TenantInput */
/** @typedef {import("./types.d.ts").WorldInput} WorldInput */

/** The tenant of all personal Microsoft accounts. */
export const PERSONAL_TENANT = "9188040d-6c67-4c5b-b112-36a304b66dad";

const PERSON_STATES = ["active", "disabled", "deleted", "blocked_by_admin", "no_calendar"];
const CLIENT_STATES = ["active", "secret_expired", "deleted", "disabled"];

/** Google: https://developers.google.com/workspace/calendar/api/guides/quota; Microsoft: https://learn.microsoft.com/graph/throttling-limits */
const QUOTAS = {
  google_project_per_minute: 10_000,
  google_user_per_minute: 600,
  microsoft_mailbox_per_ten_minutes: 10_000,
  microsoft_mailbox_at_once: 4,
};

export class World {
  /** @type {Map<string, Person>} by address, in lower case */
  people = new Map();
  /** @type {Map<string, Client>} by provider and id */
  clients = new Map();
  /** @type {Map<string, Tenant>} by id */
  tenants = new Map();
  /** @type {Quotas} */
  quotas = { ...QUOTAS };
  /** Counts changes of events, so that a sync token can say what came since. */
  revision = 1;
  /** @type {{ calendar: string, event: import("./types.d.ts").CalendarEvent }[]} */
  removed = [];

  /**
   * @param {import("./clock.js").Clock} clock
   * @param {import("./random.js").Random} random
   */
  constructor(clock, random) {
    this.clock = clock;
    this.random = random;
  }

  clear() {
    for (const map of [this.people, this.clients, this.tenants]) map.clear();
    this.quotas = { ...QUOTAS };
    this.removed = [];
  }

  /** @param {WorldInput} input */
  add(input) {
    Object.assign(this.quotas, known("quotas", input.quotas ?? {}, Object.keys(QUOTAS)));
    for (const tenant of input.tenants ?? []) this.addTenant(tenant);
    for (const client of input.clients ?? []) this.addClient(client);
    for (const person of input.people ?? []) this.addPerson(person);
  }

  // --- people ------------------------------------------------------------------------------------

  /** @param {PersonInput} input */
  addPerson(input) {
    const members = ["email", "name", "provider", "hosted_domain", "tenant", "time_zone", "state"];
    known("person", input, [...members, "id", "calendars", "events"]);
    const { email, provider } = input;
    if (!/^[^@\s]+@[^@\s]+$/.test(email ?? "")) {
      throw new Refusal("a person needs an email address");
    }
    if (provider !== "google" && provider !== "microsoft") {
      throw new Refusal(`the provider of ${email} is "google" or "microsoft"`);
    }
    /** @type {Person} */
    const person = {
      email,
      provider,
      name: input.name ?? nameIn(email),
      id: input.id ?? this.#newPersonId(input),
      ...(input.hosted_domain === undefined ? {} : { hosted_domain: input.hosted_domain }),
      ...(provider === "microsoft" ? { tenant: this.#tenantId(input.tenant) } : {}),
      time_zone: checkedZone(input.time_zone ?? "Europe/Berlin"),
      state: personState(input.state),
      calendars: [],
    };
    this.people.set(email.toLowerCase(), person);
    const calendars = input.calendars ?? [];
    if (!calendars.some(({ primary }) => primary)) this.addCalendar(email, { primary: true });
    for (const calendar of calendars) this.addCalendar(email, calendar);
    for (const event of input.events ?? []) this.addEvent(email, "primary", event);
    return person;
  }

  /**
   * @param {string} email
   * @param {Partial<PersonInput>} changes
   */
  changePerson(email, changes) {
    const person = this.person(email);
    known("person", changes, ["name", "hosted_domain", "time_zone", "state", "events"]);
    if (changes.name !== undefined) person.name = changes.name;
    if (changes.hosted_domain !== undefined) person.hosted_domain = changes.hosted_domain;
    if (changes.time_zone !== undefined) person.time_zone = checkedZone(changes.time_zone);
    if (changes.state !== undefined) person.state = personState(changes.state);
    for (const event of changes.events ?? []) this.addEvent(email, "primary", event);
    return person;
  }

  /** @param {string} email */
  removePerson(email) {
    this.people.delete(this.person(email).email.toLowerCase());
  }

  /**
   * @param {string} email
   * @returns {Person}
   */
  person(email) {
    const person = this.people.get(String(email).toLowerCase());
    if (!person) throw new Refusal(`there is no person ${email}`, 404);
    return person;
  }

  /** @param {ProviderName} provider */
  peopleOf(provider) {
    return [...this.people.values()].filter((person) => person.provider === provider);
  }

  // --- calendars and events ----------------------------------------------------------------------

  /**
   * @param {string} email
   * @param {CalendarInput} input
   */
  addCalendar(email, input) {
    const person = this.person(email);
    const members = ["id", "name", "time_zone", "primary", "shared_with", "error", "absent"];
    known("calendar", input, [...members, "events"]);
    const primary = input.primary === true;
    const id = input.id ?? this.#newCalendarId(person, primary);
    if (person.calendars.some((each) => each.id === id || (primary && each.primary))) {
      throw new Refusal(`${email} has the calendar ${id} already`, 409);
    }
    /** @type {Calendar} */
    const calendar = {
      id,
      owner: person.email,
      name: input.name ?? (person.provider === "google" ? person.email : "Calendar"),
      time_zone: checkedZone(input.time_zone ?? person.time_zone),
      primary,
      shared_with: { ...input.shared_with },
      ...(input.error === undefined ? {} : { error: input.error }),
      absent: input.absent === true,
      events: [],
    };
    person.calendars.push(calendar);
    for (const event of input.events ?? []) this.addEvent(email, id, event);
    return calendar;
  }

  /**
   * @param {string} email
   * @param {string} id
   * @param {Partial<CalendarInput> & { error?: string | null }} changes an error of null goes away
   */
  changeCalendar(email, id, changes) {
    const calendar = this.calendar(email, id);
    known("calendar", changes, ["name", "time_zone", "shared_with", "error", "absent"]);
    if (changes.name !== undefined) calendar.name = changes.name;
    if (changes.time_zone !== undefined) calendar.time_zone = checkedZone(changes.time_zone);
    if (changes.shared_with !== undefined) calendar.shared_with = { ...changes.shared_with };
    if (changes.absent !== undefined) calendar.absent = changes.absent;
    if (changes.error === null) delete calendar.error;
    else if (changes.error !== undefined) calendar.error = changes.error;
    return calendar;
  }

  /**
   * @param {string} email
   * @param {string} id
   */
  removeCalendar(email, id) {
    const calendar = this.calendar(email, id);
    if (calendar.primary) throw new Refusal("a person's primary calendar stays", 409);
    const { calendars } = this.person(email);
    calendars.splice(calendars.indexOf(calendar), 1);
  }

  /**
   * A person's own calendar; `primary` is one of its names.
   * @param {string} email
   * @param {string} id
   * @returns {Calendar}
   */
  calendar(email, id) {
    const found = this.person(email).calendars
      .find((calendar) => calendar.id === id || (id === "primary" && calendar.primary));
    if (!found) throw new Refusal(`${email} has no calendar ${id}`, 404);
    return found;
  }

  /**
   * @param {string} email
   * @param {string} id
   * @param {EventInput} input
   */
  addEvent(email, id, input) {
    const calendar = this.calendar(email, id);
    const members = ["id", "start", "end", "minutes", "time_zone", "show_as", "response"];
    known("event", input, [...members, "cancelled", "summary", "repeat"]);
    if (typeof input.start !== "string") throw new Refusal("an event needs a start");
    const place = {
      time_zone: calendar.time_zone,
      now: this.clock.now(),
      revision: ++this.revision,
      newId: () => this.random.text(26).toLowerCase().replaceAll(/[-_]/g, "0"),
    };
    const events = expand(input, place);
    const ids = new Set(events.map((event) => event.id));
    calendar.events = [...calendar.events.filter((event) => !ids.has(event.id)), ...events];
    return events;
  }

  /**
   * Removes an event, or all instances of a series.
   * @param {string} id
   */
  removeEvent(id) {
    let count = 0;
    for (const { calendars } of this.people.values()) {
      for (const calendar of calendars) {
        const gone = calendar.events.filter((event) => event.id === id || event.series === id);
        calendar.events = calendar.events.filter((event) => !gone.includes(event));
        for (const event of gone) {
          const revision = ++this.revision;
          this.removed.push({
            calendar: calendar.id,
            event: { ...event, cancelled: true, revision },
          });
        }
        count += gone.length;
      }
    }
    if (count === 0) throw new Refusal(`there is no event ${id}`, 404);
    return count;
  }

  // --- tenants and clients -----------------------------------------------------------------------

  /** @param {TenantInput} input */
  addTenant(input) {
    known("tenant", input, ["id", "domain", "name", "user_consent", "extra_scopes"]);
    if (typeof input.domain !== "string") throw new Refusal("a tenant needs a domain");
    const before = this.tenant(input.id ?? input.domain);
    /** @type {Tenant} */
    const tenant = {
      id: input.id ?? before?.id ?? this.random.uuid(),
      domain: input.domain,
      name: input.name ?? before?.name ?? input.domain,
      user_consent: input.user_consent ?? before?.user_consent ?? true,
      extra_scopes: [...input.extra_scopes ?? before?.extra_scopes ?? []],
    };
    this.tenants.set(tenant.id, tenant);
    return tenant;
  }

  /** @param {string} idOrDomain */
  tenant(idOrDomain) {
    return [...this.tenants.values()]
      .find(({ id, domain }) => id === idOrDomain.toLowerCase() || domain === idOrDomain);
  }

  /** @param {ClientInput} input */
  addClient(input) {
    const { provider, client_id, client_secret, redirect_uris } = input;
    if (provider !== "google" && provider !== "microsoft") {
      throw new Refusal(`the provider of client ${client_id} is "google" or "microsoft"`);
    }
    if (!client_id || !client_secret || !Array.isArray(redirect_uris)) {
      throw new Refusal("a client needs client_id, client_secret and redirect_uris");
    }
    /** @type {Client} */
    const client = {
      provider,
      client_id,
      client_secret,
      redirect_uris: [...redirect_uris],
      name: "Your app",
      state: "active",
      require_pkce: true,
      project: "project",
      publishing: "production",
      calendar_api: true,
      audience: "all",
    };
    this.clients.set(`${provider} ${client_id}`, client);
    return this.changeClient(provider, client_id, input);
  }

  /**
   * @param {ProviderName} provider
   * @param {string} client_id
   * @param {Partial<ClientInput>} changes
   */
  changeClient(provider, client_id, changes) {
    const client = this.client(provider, client_id);
    if (!client) throw new Refusal(`there is no ${provider} client ${client_id}`, 404);
    Object.assign(client, known("client", changes, Object.keys(client)));
    if (!CLIENT_STATES.includes(client.state)) {
      throw new Refusal(`a client's state is one of ${CLIENT_STATES.join(", ")}`);
    }
    return client;
  }

  /**
   * @param {ProviderName} provider
   * @param {string} client_id
   */
  client(provider, client_id) {
    return this.clients.get(`${provider} ${client_id}`);
  }

  /** @param {string | undefined} tenant */
  #tenantId(tenant) {
    if (tenant === undefined) return PERSONAL_TENANT;
    return (this.tenant(tenant) ?? this.addTenant({ domain: tenant })).id;
  }

  /** @param {PersonInput} input */
  #newPersonId({ provider, tenant }) {
    if (provider === "google") return this.random.digits(21);
    const id = this.random.uuid();
    return tenant === undefined ? `00000000-0000-0000-${id.slice(19)}` : id;
  }

  /**
   * @param {Person} person
   * @param {boolean} primary
   */
  #newCalendarId(person, primary) {
    if (person.provider === "microsoft") return `AAMkA${this.random.text(115)}=`;
    return primary
      ? person.email
      : `c_${this.random.text(26).toLowerCase()}@group.calendar.google.com`;
  }
}

/** @param {string} email */
function nameIn(email) {
  const [local = ""] = email.split("@");
  return local.split(/[._-]/).map((word) => word.slice(0, 1).toUpperCase() + word.slice(1)).join(
    " ",
  );
}

/** @param {string | undefined} state */
function personState(state = "active") {
  if (!PERSON_STATES.includes(state)) {
    throw new Refusal(`a person's state is one of ${PERSON_STATES.join(", ")}`);
  }
  return /** @type {Person["state"]} */ (state);
}

/**
 * Returns the object if it has only these members: a misspelt one would silently do nothing.
 * @template {object} T
 * @param {string} what
 * @param {T} input
 * @param {string[]} members
 * @returns {T}
 */
export function known(what, input, members) {
  if (typeof input !== "object" || input === null) throw new Refusal(`a ${what} is an object`);
  const odd = Object.keys(input).find((member) => !members.includes(member));
  if (odd !== undefined) {
    throw new Refusal(`a ${what} has no "${odd}"; it can have ${members.join(", ")}`);
  }
  return input;
}
