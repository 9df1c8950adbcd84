/** What the emulator's world is made of, and what its configuration files may say. */

export type ProviderName = "google" | "microsoft";

/** How a provider tells the time of an event to others. */
export type ShowAs = "busy" | "free" | "tentative" | "oof" | "workingElsewhere" | "unknown";
export type Response = "organizer" | "accepted" | "tentative" | "declined" | "none";
export type AccessRole = "owner" | "writer" | "reader" | "freeBusyReader";

// --- what configuration files, scenarios and the admin API say -----------------------------------

export interface EventInput {
  id?: string;
  /**
   * `2026-03-30T09:00:00+02:00`, `2026-03-30T09:00` (local to `time_zone`), `2026-03-30` (all day),
   * or relative to the emulator's clock: `today`, `today+3`, `today+3 09:00`.
   */
  start: string;
  /** Exclusive; in the form of `start`. Without it `minutes` counts, else one hour or one day. */
  end?: string;
  minutes?: number;
  /** IANA name; the calendar's zone unless given. */
  time_zone?: string;
  show_as?: ShowAs;
  response?: Response;
  cancelled?: boolean;
  summary?: string;
  /** Expanded when the event is added: answers never contain rules. */
  repeat?: { every: "day" | "week"; count: number; weekdays?: string[] };
}

export interface CalendarInput {
  id?: string;
  name?: string;
  time_zone?: string;
  primary?: boolean;
  /** Other people's access to it, by their address. */
  shared_with?: Record<string, AccessRole>;
  /** `freeBusy` answers this reason for it (Google), Graph the status of it (Microsoft). */
  error?: string;
  /** `freeBusy` leaves it out of its answer. */
  absent?: boolean;
  events?: EventInput[];
}

export type PersonState =
  | "active"
  | "disabled"
  | "deleted"
  /** The organisation's administrator does not allow the app. */
  | "blocked_by_admin"
  /** A Google account without Calendar, a Microsoft account without a mailbox. */
  | "no_calendar";

export interface PersonInput {
  email: string;
  name?: string;
  provider: ProviderName;
  /** Google: the Workspace domain (`hd`). */
  hosted_domain?: string;
  /** Microsoft: a tenant's id or domain; without it the account is a personal one. */
  tenant?: string;
  time_zone?: string;
  state?: PersonState;
  /** Google `sub`, Microsoft `oid`; chosen unless given. */
  id?: string;
  calendars?: CalendarInput[];
  /** Events of the primary calendar. */
  events?: EventInput[];
}

export type ClientState = "active" | "secret_expired" | "deleted" | "disabled";

export interface ClientInput {
  provider: ProviderName;
  client_id: string;
  client_secret: string;
  /** Compared character by character. */
  redirect_uris: string[];
  name?: string;
  state?: ClientState;
  /** A request without PKCE is refused, although both providers let web apps go without. */
  require_pkce?: boolean;
  /** Google: clients of one project share consent and revocation. */
  project?: string;
  /** Google: in `testing` a refresh token lives seven days. */
  publishing?: "production" | "testing";
  /** Google: false is a project in which nobody has enabled the Calendar API. */
  calendar_api?: boolean;
  /** Microsoft: who may sign in. */
  audience?: "all" | "organizations" | "personal" | string;
}

export interface TenantInput {
  id?: string;
  domain: string;
  name?: string;
  /** false: only an administrator can consent. */
  user_consent?: boolean;
  /** Delegated permissions that the app holds in this tenant anyway: every token response names them. */
  extra_scopes?: string[];
}

export interface Quotas {
  /** Google: requests per minute and project. */
  google_project_per_minute: number;
  /** Google: requests per minute, project and user. */
  google_user_per_minute: number;
  /** Microsoft: requests per ten minutes, app and mailbox. */
  microsoft_mailbox_per_ten_minutes: number;
  /** Microsoft: requests at one time, per app and mailbox. */
  microsoft_mailbox_at_once: number;
}

export interface FaultMatch {
  /** Route names, `google.token`; `*` stands for any rest: `microsoft.*`. */
  route?: string | string[];
  method?: string;
  /** Addresses of the people concerned. */
  account?: string | string[];
  client?: string;
  grant_type?: string;
  /** Fields of the query or form that must have these values; `*` is any value. */
  fields?: Record<string, string>;
  /** Between 0 and 1, drawn from the seed. */
  chance?: number;
}

export interface FaultAction {
  /** A known answer of the provider by name: `rateLimitExceeded`, `AADSTS7000222`, `expired_secret`. */
  answer?: string;
  status?: number;
  headers?: Record<string, string>;
  body?: unknown;
  /** Seconds for `Retry-After`, with `status` or `answer`. */
  retry_after?: number;
  /** An HTML error page instead of what the route answers. */
  html?: boolean;
  /** Milliseconds of real time before anything happens. */
  delay_ms?: number;
  /** The connection is reset before the emulator acts. */
  reset?: boolean;
  /** The emulator acts, and the connection closes without an answer. */
  drop_reply?: boolean;
  /** The emulator acts, and only so many bytes of the body are sent. */
  cut_body?: number;
  /** The emulator acts and labels its answer so. */
  content_type?: string;
  /** The emulator acts; this JSON is merged into its answer (RFC 7396: null removes a member). */
  merge?: unknown;
  /** The emulator acts, and grants only these of the scopes asked for. */
  scopes?: string[];
  /** The emulator acts, and the refresh token that was used is dead from then on. */
  end_used_token?: boolean;
}

export interface FaultInput {
  name?: string;
  match?: FaultMatch;
  /** So many matching requests go through first. */
  after?: number;
  /** So many are hit then; all unless given. */
  times?: number;
  /** By the emulator's clock, counted from when the rule was added: `1d`, `90s`. */
  from?: string | number;
  until?: string | number;
  do: FaultAction;
}

export interface WorldInput {
  /** Where the clock starts; it follows real time unless `frozen`. */
  now?: string;
  frozen?: boolean;
  tenants?: TenantInput[];
  people?: PersonInput[];
  clients?: ClientInput[];
  quotas?: Partial<Quotas>;
  faults?: FaultInput[];
}

export interface Scenario extends WorldInput {
  name?: string;
  /** Its number in the list of failures seen in the wild. */
  mode?: number;
  title: string;
  description: string;
  /** What a tester does to meet it. */
  try: string;
  /** What a well-behaved app does. */
  expect: string;
  /** Changes to every client of a provider. */
  every_client?: Partial<Record<ProviderName, Partial<ClientInput>>>;
  /** Changes to people who are already there, by address; `*` for all. */
  every_person?: Record<string, Partial<PersonInput>>;
  /** Ends what people have allowed so far; they can consent again. */
  end_grants?: { person?: string; provider?: ProviderName; reason?: string };
  /** Moves the clock on. */
  advance?: string | number;
}

// --- what the world holds ------------------------------------------------------------------------

export interface CalendarEvent {
  id: string;
  series?: string;
  all_day: boolean;
  /** Milliseconds since the epoch; of all-day events, midnight in the calendar's zone. */
  start: number;
  end: number;
  /** Of all-day events: dates, the last one exclusive. */
  start_date?: string;
  end_date?: string;
  time_zone: string;
  show_as: ShowAs;
  response: Response;
  cancelled: boolean;
  summary: string;
  revision: number;
}

export interface Calendar {
  id: string;
  owner: string;
  name: string;
  time_zone: string;
  primary: boolean;
  shared_with: Record<string, AccessRole>;
  error?: string;
  absent: boolean;
  events: CalendarEvent[];
}

export interface Person {
  email: string;
  name: string;
  provider: ProviderName;
  id: string;
  hosted_domain?: string;
  /** Microsoft: the tenant's id. */
  tenant?: string;
  time_zone: string;
  state: PersonState;
  calendars: Calendar[];
}

export interface Client {
  provider: ProviderName;
  client_id: string;
  client_secret: string;
  redirect_uris: string[];
  name: string;
  state: ClientState;
  require_pkce: boolean;
  project: string;
  publishing: "production" | "testing";
  calendar_api: boolean;
  audience: string;
}

export interface Tenant {
  id: string;
  domain: string;
  name: string;
  user_consent: boolean;
  extra_scopes: string[];
}

/** What a person has allowed an app: a Google project, or a Microsoft application. */
export interface Consent {
  provider: ProviderName;
  app: string;
  person: string;
  scopes: string[];
  /** Why it no longer holds; tokens given out under it are dead. */
  ended?: string;
}

export interface Code {
  client: string;
  person: string;
  redirect_uri: string;
  challenge: string | null;
  challenge_method: string | null;
  scopes: string[];
  consent: Consent;
  expires: number;
  used: boolean;
  refresh: boolean;
  nonce: string | null;
  /** Microsoft: the tenant of the path. */
  path_tenant?: string;
}

export interface Token {
  value: string;
  kind: "access" | "refresh";
  client: string;
  person: string;
  scopes: string[];
  consent: Consent;
  issued: number;
  expires: number;
  /** Of refresh tokens: when it was last of use; idle ones expire. */
  used: number;
  ended?: string;
}

// --- requests and replies ------------------------------------------------------------------------

export interface Request {
  method: string;
  url: URL;
  headers: Record<string, string | undefined>;
  body: string;
  /** The body's fields if it is a form, else empty. */
  form: URLSearchParams;
}

export interface Reply {
  status: number;
  headers: Record<string, string>;
  body: string;
}

export interface JournalEntry {
  at: string;
  method: string;
  path: string;
  route: string;
  account?: string;
  client?: string;
  grant_type?: string;
  status: number | "reset" | "dropped" | "cut";
  fault?: string;
}
