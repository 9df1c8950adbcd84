/**
 * Who may do what with which column: users manage their own rows, and nobody reads tokens. It is written
 * from these two sentences, not from the migrations. Data only: the SQL suite and the suite through
 * supabase-js both read it.
 */
import type { ActorName } from "./actors.ts";

export type Verb = "select" | "insert" | "update" | "delete";

/**
 * What a statement reaches that names the owner's row or no row at all.
 * - `owner's row`: it reads or changes the owner's row.
 * - `own row`: it makes a row, and that row belongs to the caller.
 * - `no row`: it is carried out and finds nothing.
 * - `denied`: Postgres refuses it, with 42501 (insufficient privilege) or 428C9 (it makes the value).
 */
export type Outcome = "owner's row" | "own row" | "no row" | "denied";

export interface Expectation {
  relation: string;
  verb: Verb;
  /** The column read, or written besides those that a row cannot be without; `*` for delete. */
  column: string;
  actor: ActorName;
  outcome: Outcome;
}

interface Relation {
  /**
   * Per column what its owner may do: s(elect), i(nsert), u(pdate), or t for an update together with
   * the tokens and not by itself; "" is nothing.
   */
  columns: Record<string, string>;
  /** Nothing can be written to a view that joins tables, by anybody: nothing else is tried. */
  ownerDeletes: boolean | "view";
}

/** Columns that their owner may only select. */
function selectable(...names: string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, "s"]));
}

/** Columns that no client role may do anything with. */
function hidden(...names: string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, ""]));
}

export const relations: Record<string, Relation> = {
  calendar_connections: {
    columns: {
      ...selectable("id", "user_id", "status", "calendar_id", "connected_at", "updated_at"),
      ...hidden("kid", "token_version"),
      provider: "si",
      account_id: "sit",
      account_label: "sit",
      account_class: "sit",
      scopes: "sit",
      sealed_access_token: "it",
      sealed_refresh_token: "it",
      access_token_expires_at: "sit",
      grant_expires_at: "sit",
    },
    ownerDeletes: true,
  },
  calendar_connection_details: {
    columns: selectable(
      "id",
      "user_id",
      "provider",
      "status",
      "calendar_id",
      "account_id",
      "account_label",
      "account_class",
      "scopes",
      "access_token_expires_at",
      "grant_expires_at",
      "last_sync_at",
      "last_error_code",
      "reason",
      "needs_reconnect",
      "failing_since",
      "next_sync_at",
      "connected_at",
      "updated_at",
    ),
    ownerDeletes: "view",
  },
  calendar_oauth_states: {
    columns: {
      ...selectable("user_id", "expires_at"),
      state_hash: "si",
      provider: "si",
      sealed_verifier: "si",
      connection_id: "si",
    },
    ownerDeletes: true,
  },
  calendar_sync_states: {
    columns: {
      ...selectable("connection_id", "user_id", "provider", "due_at", "last_ok_at"),
      ...selectable("failing_since", "reason"),
      ...hidden("fence", "leased_until", "unsettled", "failures", "strikes", "struck_at"),
      ...hidden("last_seen_at", "tried_at", "verified_account"),
    },
    ownerDeletes: false,
  },
  calendar_calendars: {
    columns: selectable(
      "connection_id",
      "calendar_id",
      "user_id",
      "name",
      "time_zone",
      "is_primary",
      "access",
      "selected",
      "busy",
      "busy_days",
      "covers",
      "covers_until",
      "read_at",
      "reason",
    ),
    ownerDeletes: false,
  },
  calendar_busy_times: {
    columns: selectable(
      "user_id",
      "connection_id",
      "calendar_id",
      "starts_at",
      "ends_at",
      "all_day",
    ),
    ownerDeletes: "view",
  },
  calendar_sync_logs: {
    columns: selectable(
      "id",
      "user_id",
      "connection_id",
      "provider",
      "at",
      "event",
      "reason",
      "http_status",
      "provider_request_id",
    ),
    ownerDeletes: false,
  },
  calendar_settings: {
    columns: {
      user_id: "s",
      time_zone: "siu",
      working_hours: "siu",
      minutes_per_action: "siu",
      reserve_percent: "siu",
      min_block_minutes: "siu",
      max_actions: "siu",
      tentative_counts: "siu",
    },
    ownerDeletes: true,
  },
  /** Only where the project made this table; an app's own keeps what the app decided. */
  users: {
    columns: { id: "s", created_at: "s", calendar_connected: "s" },
    ownerDeletes: false,
  },
};

const uuid = { value: "00000000-0000-4000-8000-00000000000a" };
const time = { value: "2030-01-01T00:00:00Z" };
const number = { value: "7" };
const text = { value: "text" };

/** Values that every check accepts; what a row cannot be without is marked. */
export const samples: Record<string, Record<string, { value: string; required?: true }>> = {
  calendar_connections: {
    id: uuid,
    user_id: uuid,
    provider: { value: "outlook", required: true },
    status: { value: "expired" },
    calendar_id: { value: "default" },
    account_id: { value: "account" },
    account_label: { value: "label" },
    account_class: { value: "work" },
    scopes: { value: "{calendar.read}", required: true },
    sealed_access_token: { value: "v1.00000000.AAAA", required: true },
    sealed_refresh_token: { value: "v1.00000000.BBBB", required: true },
    kid: { value: "00000000" },
    token_version: number,
    access_token_expires_at: time,
    grant_expires_at: time,
    connected_at: time,
    updated_at: time,
  },
  calendar_oauth_states: {
    user_id: uuid,
    state_hash: { value: "S".repeat(43), required: true },
    provider: { value: "google", required: true },
    sealed_verifier: { value: "v1.00000000.CCCC", required: true },
    connection_id: uuid,
    expires_at: time,
  },
  calendar_sync_states: {
    connection_id: { ...uuid, required: true },
    user_id: { ...uuid, required: true },
    provider: { value: "google", required: true },
    due_at: time,
    leased_until: time,
    fence: number,
    unsettled: number,
    failures: number,
    strikes: number,
    struck_at: time,
    last_seen_at: time,
    tried_at: time,
    last_ok_at: time,
    failing_since: time,
    reason: { value: "throttled" },
    verified_account: text,
  },
  calendar_calendars: {
    connection_id: { ...uuid, required: true },
    calendar_id: { ...text, required: true },
    user_id: { ...uuid, required: true },
    name: text,
    time_zone: { value: "UTC" },
    is_primary: { value: "true" },
    access: { value: "reader" },
    selected: { value: "true" },
    busy: { value: "{}" },
    busy_days: { value: "{}" },
    covers: { value: "[1,2)" },
    covers_until: time,
    read_at: time,
    reason: { value: "throttled" },
  },
  calendar_sync_logs: {
    id: number,
    user_id: { ...uuid, required: true },
    connection_id: uuid,
    provider: { value: "google" },
    at: time,
    event: { value: "connected", required: true },
    reason: { value: "throttled" },
    http_status: number,
    provider_request_id: text,
  },
  calendar_settings: {
    user_id: uuid,
    time_zone: { value: "Europe/Berlin" },
    working_hours: { value: "{[540,1020)}" },
    minutes_per_action: { value: "30" },
    reserve_percent: number,
    min_block_minutes: number,
    max_actions: number,
    tentative_counts: { value: "false" },
  },
  users: {
    id: { value: "00000000-0000-4000-8000-00000000000c" },
    created_at: time,
    calendar_connected: { value: "true" },
  },
};

/** The functions, called with the owner's id by each actor. */
export interface FunctionExpectation {
  call: string;
  actor: ActorName;
  outcome: "done" | "denied";
}

const columnVerbs: readonly [string, Verb][] = [["s", "select"], ["i", "insert"], ["u", "update"]];

export const actors = ["owner", "stranger", "guest", "app", "anon"] as const;

export const expectations: readonly Expectation[] = Object.entries(relations).flatMap(
  ([relation, { columns, ownerDeletes }]) => {
    const verbs = ownerDeletes === "view" ? columnVerbs.slice(0, 1) : columnVerbs;
    return [
      ...Object.entries(columns).flatMap(([column, allowed]) =>
        verbs.flatMap(([letter, verb]) => forActors(relation, verb, column, reach(allowed, letter)))
      ),
      ...ownerDeletes === "view"
        ? []
        : forActors(relation, "delete", "*", ownerDeletes ? "all" : "none"),
    ];
  },
);

type Reach = "all" | "not the owner" | "none";

function reach(allowed: string, letter: string): Reach {
  if (letter === "u" && allowed.includes("t")) return "not the owner";
  return allowed.includes(letter) ? "all" : "none";
}

function forActors(relation: string, verb: Verb, column: string, reach: Reach): Expectation[] {
  const reached: Record<ActorName, Outcome> = {
    owner: reach === "not the owner" ? "denied" : verb === "insert" ? "own row" : "owner's row",
    stranger: verb === "insert" ? "own row" : "no row",
    guest: verb === "insert" ? "denied" : "no row",
    app: verb === "insert" ? "denied" : "no row",
    anon: "denied",
  };
  return actors.map((actor) => ({
    relation,
    verb,
    column,
    actor,
    outcome: reach === "none" ? "denied" : reached[actor],
  }));
}

const saved = "'outlook', null, null, null, null, '{calendar.read}', " +
  "'v1.00000000.AAAA', 'v1.00000000.BBBB', null, null, null";

/** `$owner` stands for the owner's id; `$state` for the hash of the owner's open state. */
export const calls: readonly string[] = [
  `calendar_open_state('$owner', 'google', '${"S".repeat(43)}', 'v1.00000000.CCCC')`,
  "calendar_take_state('$owner', '$state')",
  `calendar_save_connection('$owner', ${saved})`,
  "calendar_disconnect('$owner')",
  "calendar_status('$owner')",
];

export const functionExpectations: readonly FunctionExpectation[] = calls.flatMap((call) =>
  actors.map((actor) => ({ call, actor, outcome: actor === "owner" ? "done" : "denied" }))
);
