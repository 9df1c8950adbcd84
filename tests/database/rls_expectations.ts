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
 * - `denied`: Postgres refuses it with 42501, insufficient privilege.
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
  /** Per column what its owner may do: s(elect), i(nsert), u(pdate); "" is nothing. */
  columns: Record<string, string>;
  ownerDeletes: boolean;
}

export const relations: Record<string, Relation> = {
  calendar_connections: {
    columns: {
      user_id: "s",
      provider: "si",
      status: "su",
      calendar_id: "siu",
      account_id: "siu",
      account_label: "siu",
      scopes: "siu",
      sealed_access_token: "iu",
      sealed_refresh_token: "iu",
      access_token_expires_at: "siu",
      last_sync_at: "su",
      last_error_code: "su",
      connected_at: "su",
      updated_at: "su",
    },
    ownerDeletes: true,
  },
  calendar_connection_details: {
    columns: {
      user_id: "s",
      provider: "s",
      status: "s",
      calendar_id: "s",
      account_id: "s",
      account_label: "s",
      scopes: "s",
      access_token_expires_at: "s",
      last_sync_at: "s",
      last_error_code: "s",
      connected_at: "s",
      updated_at: "s",
    },
    ownerDeletes: false,
  },
  calendar_oauth_states: {
    columns: {
      user_id: "s",
      state_hash: "si",
      provider: "si",
      sealed_verifier: "si",
      expires_at: "s",
    },
    ownerDeletes: true,
  },
  /** Only where the project made this table; an app's own keeps what the app decided. */
  users: {
    columns: { id: "s", created_at: "s", calendar_connected: "s" },
    ownerDeletes: false,
  },
};

/** Values that every check accepts; what a row cannot be without is marked. */
export const samples: Record<string, Record<string, { value: string; required?: true }>> = {
  calendar_connections: {
    user_id: { value: "00000000-0000-4000-8000-00000000000a" },
    provider: { value: "outlook", required: true },
    status: { value: "expired" },
    calendar_id: { value: "default", required: true },
    account_id: { value: "account" },
    account_label: { value: "label" },
    scopes: { value: "{calendar.read}", required: true },
    sealed_access_token: { value: "v1.00000000.AAAA", required: true },
    sealed_refresh_token: { value: "v1.00000000.BBBB", required: true },
    access_token_expires_at: { value: "2030-01-01T00:00:00Z" },
    last_sync_at: { value: "2030-01-01T00:00:00Z" },
    last_error_code: { value: "reconnect" },
    connected_at: { value: "2030-01-01T00:00:00Z" },
    updated_at: { value: "2030-01-01T00:00:00Z" },
  },
  calendar_connection_details: {
    user_id: { value: "00000000-0000-4000-8000-00000000000a" },
    provider: { value: "outlook" },
    status: { value: "expired" },
    calendar_id: { value: "default" },
    account_id: { value: "account" },
    account_label: { value: "label" },
    scopes: { value: "{calendar.read}" },
    access_token_expires_at: { value: "2030-01-01T00:00:00Z" },
    last_sync_at: { value: "2030-01-01T00:00:00Z" },
    last_error_code: { value: "reconnect" },
    connected_at: { value: "2030-01-01T00:00:00Z" },
    updated_at: { value: "2030-01-01T00:00:00Z" },
  },
  calendar_oauth_states: {
    user_id: { value: "00000000-0000-4000-8000-00000000000a" },
    state_hash: { value: "S".repeat(43), required: true },
    provider: { value: "google", required: true },
    sealed_verifier: { value: "v1.00000000.CCCC", required: true },
    expires_at: { value: "2030-01-01T00:00:00Z" },
  },
  users: {
    id: { value: "00000000-0000-4000-8000-00000000000c" },
    created_at: { value: "2030-01-01T00:00:00Z" },
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
  ([relation, { columns, ownerDeletes }]) => [
    ...Object.entries(columns).flatMap(([column, allowed]) =>
      columnVerbs.flatMap(([letter, verb]) =>
        forActors(relation, verb, column, allowed.includes(letter))
      )
    ),
    ...forActors(relation, "delete", "*", ownerDeletes),
  ],
);

function forActors(relation: string, verb: Verb, column: string, allowed: boolean): Expectation[] {
  const reached: Record<ActorName, Outcome> = {
    owner: verb === "insert" ? "own row" : "owner's row",
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
    outcome: allowed ? reached[actor] : "denied",
  }));
}

const saved =
  "'outlook', 'default', null, null, '{calendar.read}', 'v1.00000000.AAAA', 'v1.00000000.BBBB', null";

/** `$owner` stands for the owner's id; `$state` for the hash of the owner's open state. */
export const calls: readonly string[] = [
  `calendar_open_state('$owner', 'google', '${"S".repeat(43)}', 'v1.00000000.CCCC')`,
  "calendar_take_state('$owner', '$state')",
  `calendar_save_connection('$owner', ${saved})`,
  "calendar_disconnect('$owner')",
  "calendar_list_connections('$owner')",
];

export const functionExpectations: readonly FunctionExpectation[] = calls.flatMap((call) =>
  actors.map((actor) => ({ call, actor, outcome: actor === "owner" ? "done" : "denied" }))
);
