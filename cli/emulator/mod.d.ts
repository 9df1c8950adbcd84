/** Google and Microsoft on one port of this machine, for tests. */
import type {
  Calendar,
  CalendarEvent,
  CalendarInput,
  Client,
  ClientInput,
  EventInput,
  FaultAction,
  FaultInput,
  FaultMatch,
  JournalEntry,
  Person,
  PersonInput,
  ProviderName,
  Quotas,
  Scenario,
  Tenant,
  TenantInput,
  WorldInput,
} from "./types.d.ts";

export type * from "./types.d.ts";

export interface EmulatorOptions {
  /** A free one unless given. */
  port?: number;
  /** The loopback interface unless given. */
  host?: string;
  /**
   * The name by which the app's server reaches this machine, for instance `host.docker.internal`;
   * the browser always goes to 127.0.0.1.
   */
  publicHost?: string;
  /** Its people replace the usual people, and its clients the usual clients. */
  world?: WorldInput;
  /** Where the app's callbacks are; `/google` and `/outlook` are appended. */
  redirectUrl?: string | string[];
  /** To begin with: a name, a file, or the scenario itself. */
  scenario?: string | Scenario;
  /** Repeats a run: the same seed gives the same tokens and the same chances. */
  seed?: string;
}

export interface RunningEmulator {
  /** The admin API is at `/_/` below it. */
  url: string;
  seed: string;
  /** What the Edge Function has to be told. */
  env: Record<string, string>;
  /** What the admin API can do, without HTTP. */
  control: Control;
  stop(): Promise<unknown>;
}

/** What a person has allowed an app: a Google project, or a Microsoft application. */
export interface Grant {
  provider: ProviderName;
  app: string;
  person: string;
  scopes: string[];
  /** Why it no longer holds. */
  ended: string | null;
}

export interface Rule {
  id: string;
  name: string;
  match: FaultMatch;
  after: number;
  times: number | null;
  from: string | null;
  until: string | null;
  do: FaultAction;
  /** Requests that matched. */
  seen: number;
  /** Requests that were hit. */
  hits: number;
}

export interface State {
  now: string;
  frozen: boolean;
  seed: string;
  people: (Omit<Person, "calendars"> & {
    calendars: (Omit<Calendar, "events"> & { events: number })[];
  })[];
  tenants: Tenant[];
  clients: Omit<Client, "client_secret">[];
  quotas: Quotas;
  grants: Grant[];
  faults: number;
}

export interface Control {
  /** Everything there is, without secrets and tokens. */
  state(): State;
  /** Back to how it started: every connection is gone, the clock shows the real time. */
  reset(options?: { seed?: string }): State;
  clock(change?: { now?: string; advance?: string | number; frozen?: boolean }): {
    now: string;
    frozen: boolean;
  };

  addPerson(input: PersonInput): Person;
  person(email: string): Person;
  changePerson(email: string, changes: Partial<PersonInput>): Person;
  removePerson(email: string): { removed: string };
  addCalendar(input: CalendarInput & { person: string }): Calendar;
  changeCalendar(
    id: string,
    changes: Omit<Partial<CalendarInput>, "error"> & { person: string; error?: string | null },
  ): Calendar;
  removeCalendar(id: string, of: { person: string }): { removed: string };
  /** Every instance, if it repeats. */
  addEvent(input: EventInput & { person: string; calendar?: string }): CalendarEvent[];
  /** An event, or all of a series. */
  removeEvent(id: string): { removed: number };

  addClient(input: ClientInput): Client;
  changeClient(
    changes: Partial<ClientInput> & { provider: ProviderName; client_id: string },
  ): Client;
  addTenant(input: TenantInput): Tenant;

  /**
   * What a person at the consent page does. `location` is where the provider sends them back, null
   * where it sends them nowhere and shows `page`.
   */
  consent(
    authorizationUrl: string,
    answer?: { account?: string; decision?: "allow" | "deny" | "cancel"; untick?: string[] },
  ): Promise<{ location: string | null; status: number; page: string }>;
  grants(): Grant[];
  /** Makes grants die: the next refresh is refused. */
  endGrants(which?: NonNullable<Scenario["end_grants"]>): { ended: number };
  restoreGrants(which?: { person?: string; provider?: ProviderName }): { restored: number };

  addFault(input: FaultInput): Rule;
  faults(): Rule[];
  /** All without a name. */
  removeFaults(idOrName?: string): Rule[];
  /** What reached the providers, oldest first. */
  requests(which?: { route?: string; account?: string }): JournalEntry[];
  clearRequests(): JournalEntry[];
  scenarios(): Scenario[];
  useScenario(scenario: string | Scenario, options?: { reset?: boolean }): Scenario;
}

export function startEmulator(options?: EmulatorOptions): Promise<RunningEmulator>;

/** Where `supabase start` serves the callbacks of the Edge Function. */
export const LOCAL_REDIRECT_URLS: string[];

/** An invalid configuration, scenario or admin request; the message says what is wrong. */
export class Refusal extends Error {
  status: number;
}

export function readJson(file: string): WorldInput;
export function readScenario(nameOrFile: string): Scenario;
/** Every scenario that ships. */
export function scenarios(): Scenario[];
