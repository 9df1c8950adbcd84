/** The defences of the migrations, how to take each one out, and the test that then fails. */
import type { Mutation } from "./worlds.ts";

export interface Defence extends Mutation {
  name: string;
  /** A file of this folder, or pgTAP. */
  test: string;
}

const own = "using (user_id = (select auth.uid()))";

function policy(table: string, verb: string): Pick<Defence, "file" | "find" | "replace"> {
  const head =
    `create policy ${table}_${verb}_own on public.${table}\n  for ${verb} to authenticated\n  `;
  return { file: table, find: head + own, replace: `${head}using (true)` };
}

function usersOnly(table: string, file = table): Defence {
  const indent = table === "users" ? "      " : "  ";
  const name = table === "users" ? "calendar_users" : table;
  const head =
    `create policy ${name}_users_only on public.${table}\n${indent}as restrictive for all to authenticated\n${indent}using (`;
  return {
    name: `rls: other kinds of tokens reach no row of ${table}`,
    test: "rls.test.ts",
    file,
    find: head,
    replace: `${head}true or `,
  };
}

export const defences: readonly Defence[] = [
  {
    name: "rls: connections are read by their owner",
    test: "rls.test.ts",
    ...policy("calendar_connections", "select"),
  },
  {
    name: "rls: connections are deleted by their owner",
    test: "rls.test.ts",
    ...policy("calendar_connections", "delete"),
  },
  {
    name: "rls: connections are changed by their owner",
    test: "rls.test.ts",
    ...policy("calendar_connections", "update"),
  },
  {
    name: "rls: states are read by their owner",
    test: "rls.test.ts",
    ...policy("calendar_oauth_states", "select"),
  },
  {
    name: "rls: the users rows made here are read by their owner",
    test: "rls.test.ts",
    file: "calendar_users",
    find: "using (id = (select auth.uid()))",
    replace: "using (true)",
  },
  {
    name: "rls: it is on for connections",
    test: "rls.test.ts",
    file: "calendar_connections",
    find: "alter table public.calendar_connections enable row level security;",
    replace: "",
  },
  {
    name: "rls: it is on for states",
    test: "rls.test.ts",
    file: "calendar_oauth_states",
    find: "alter table public.calendar_oauth_states enable row level security;",
    replace: "",
  },
  {
    name: "rls: default grants on connections are revoked",
    test: "rls.test.ts",
    file: "calendar_privileges",
    find:
      "revoke all on table public.calendar_connections from public, anon, authenticated, service_role;",
    replace: "",
  },
  {
    name: "rls: default grants on states are revoked",
    test: "rls.test.ts",
    file: "calendar_privileges",
    find:
      "revoke all on table public.calendar_oauth_states from public, anon, authenticated, service_role;",
    replace: "",
  },
  {
    name: "rls: sealed columns cannot be selected",
    test: "rls.test.ts",
    file: "calendar_privileges",
    find: "grant delete on table public.calendar_connections to authenticated;",
    replace: "grant select, delete on table public.calendar_connections to authenticated;",
  },
  {
    name: "rls: states cannot be prolonged",
    test: "rls.test.ts",
    file: "calendar_privileges",
    find: "grant select, delete on table public.calendar_oauth_states to authenticated;",
    replace: `grant select, delete, update on table public.calendar_oauth_states to authenticated;
      create policy anything on public.calendar_oauth_states for update to authenticated
        using (user_id = auth.uid());`,
  },
  {
    name: "rls: expires_at cannot be sent",
    test: "rls.test.ts",
    file: "calendar_privileges",
    find: "grant insert (provider, state_hash, sealed_verifier)",
    replace: "grant insert (provider, state_hash, sealed_verifier, expires_at)",
  },
  {
    name: "rls: the view asks as its caller",
    test: "rls.test.ts",
    file: "calendar_connections",
    find: "with (security_invoker = true) ",
    replace: "",
  },
  {
    name: "pgTAP: the functions are authenticated's alone",
    test: "pgTAP",
    file: "calendar_privileges",
    find:
      "public.calendar_disconnect(uuid, text)\n  from public, anon, authenticated, service_role;",
    replace: "public.calendar_disconnect(uuid, text)\n  from service_role;",
  },
  {
    name: "rls: functions run as their caller",
    test: "rls.test.ts",
    file: "calendar_functions",
    find:
      "function public.calendar_disconnect(p_user_id uuid, p_provider text default null)\nreturns jsonb",
    replace:
      "function public.calendar_disconnect(p_user_id uuid, p_provider text default null)\nreturns jsonb security definer",
  },
  {
    name: "rls: the functions compare the user with the caller",
    test: "rls.test.ts",
    file: "calendar_connections",
    find: "if p_user_id is distinct from calendar_private.caller() then",
    replace: "if false then",
  },
  {
    name: "rls: anonymous users are not callers",
    test: "rls.test.ts",
    file: "calendar_connections",
    find: "when auth.jwt() ->> 'is_anonymous' = 'true' or ",
    replace: "when ",
  },
  {
    name: "rls: OAuth clients are not callers",
    test: "rls.test.ts",
    file: "calendar_connections",
    find: " or auth.jwt() ->> 'client_id' is not null",
    replace: "",
  },
  usersOnly("calendar_connections"),
  usersOnly("calendar_oauth_states"),
  usersOnly("users", "calendar_users"),
  {
    name: "locks: disconnecting compares the user with the caller before it locks",
    test: "locks.test.ts",
    file: "calendar_functions",
    find: "  disconnected jsonb;\nbegin\n  perform calendar_private.require_caller(p_user_id);\n",
    replace: "  disconnected jsonb;\nbegin\n",
  },
  {
    name: "locks: saving compares the user with the caller before it locks",
    test: "locks.test.ts",
    file: "calendar_functions",
    find:
      "returns jsonb\nlanguage plpgsql\nset search_path = ''\nas $$\nbegin\n  perform calendar_private.require_caller(p_user_id);\n",
    replace: "returns jsonb\nlanguage plpgsql\nset search_path = ''\nas $$\nbegin\n",
  },
  {
    name: "pgTAP: no definer function is exposed",
    test: "pgTAP",
    file: "calendar_functions",
    find: "returns table (provider text, sealed_verifier text, live boolean)",
    replace: "returns table (provider text, sealed_verifier text, live boolean) security definer",
  },
  {
    name: "pgTAP: functions pin their search_path",
    test: "pgTAP",
    file: "calendar_flag",
    find: "set search_path = ''\nas $$\nbegin\n  new.calendar_connected",
    replace: "as $$\nbegin\n  new.calendar_connected",
  },
  {
    name: "pgTAP: tokens in the clear are refused",
    test: "pgTAP",
    file: "calendar_connections",
    find: "and sealed_refresh_token ~ '^v[0-9]+[.][0-9a-f]{8}[.][A-Za-z0-9_-]+$'",
    replace: "",
  },
  {
    name: "pgTAP: an expired state is not live",
    test: "pgTAP",
    file: "calendar_functions",
    find: "state.expires_at > now();",
    replace: "true;",
  },
  {
    name: "pgTAP: the sealed columns of an older connection cannot be read by an upsert",
    test: "pgTAP",
    file: "calendar_privileges",
    find:
      "  access_token_expires_at, last_sync_at, last_error_code, connected_at, updated_at\n) on",
    replace:
      "  access_token_expires_at, last_sync_at, last_error_code, connected_at, updated_at, sealed_access_token\n) on",
  },
  {
    name: "pgTAP: the deleted account leaves no states",
    test: "pgTAP",
    file: "calendar_oauth_states",
    find: "references auth.users (id) on delete cascade",
    replace: "",
  },
  {
    name: "states: inserts of one user wait for each other",
    test: "states.test.ts",
    file: "calendar_oauth_states",
    find:
      "    perform pg_advisory_xact_lock(hashtextextended('calendar_oauth_states ' || owner, 0));\n",
    replace: "    null;\n",
  },
  {
    name: "states: many rows of one statement are counted once",
    test: "states.test.ts",
    file: "calendar_oauth_states",
    find: "  for each statement execute function calendar_private.make_room_for_states();",
    replace: "  for each row execute function calendar_private.make_room_for_states();",
  },
  {
    name: "states: the cap holds for inserts past the function",
    test: "states.test.ts",
    file: "calendar_oauth_states",
    find: "after insert on public.calendar_oauth_states",
    replace: "after update on public.calendar_oauth_states",
  },
  {
    name: "states: a state is taken in one statement",
    test: "states.test.ts",
    file: "calendar_functions",
    find: `  delete from public.calendar_oauth_states as state
  where state.user_id = p_user_id and state.state_hash = p_state_hash
  returning state.provider, state.sealed_verifier, state.expires_at > now();`,
    replace: `  with gone as (
    delete from public.calendar_oauth_states as state
    where state.user_id = p_user_id and state.state_hash = p_state_hash
  )
  select state.provider, state.sealed_verifier, state.expires_at > now()
  from public.calendar_oauth_states as state
  where state.user_id = p_user_id and state.state_hash = p_state_hash;`,
  },
  {
    name: "race: a change of connections locks the users row before it looks",
    test: "race.test.ts",
    file: "calendar_flag",
    find: "begin\n  perform from public.users where id = p_user_id for no key update;",
    replace: "begin\n  perform from public.users where id = p_user_id;",
  },
  {
    name: "race: a users row inserted late meets the change of connections",
    test: "race.test.ts",
    file: "calendar_flag",
    find: "  perform pg_advisory_xact_lock_shared(calendar_private.late_user_lock(new.id));\n",
    replace: "",
  },
  {
    name: "race: a change of connections without a users row meets its insert",
    test: "race.test.ts",
    file: "calendar_flag",
    find: "    perform pg_advisory_xact_lock(calendar_private.late_user_lock(p_user_id));\n",
    replace: "",
  },
  {
    name: "race: filling a large table takes few locks",
    test: "race.test.ts",
    file: "calendar_flag",
    find: "(hashtext(p_user_id::text) & 63)",
    replace: "hashtext(p_user_id::text)",
  },
  {
    name: "race: a deletion of the account goes to the connections first",
    test: "race.test.ts",
    file: "calendar_flag",
    find: '"Calendar_forget_user"',
    replace: "calendar_forget_user",
  },
  {
    name: "flag: what is written to it is replaced by the fact",
    test: "flag.test.ts",
    file: "calendar_flag",
    find: "  new.calendar_connected := calendar_private.has_active_connection(new.id);\n",
    replace: "",
  },
  {
    name: "race: disconnecting takes its turn",
    test: "race.test.ts",
    file: "calendar_functions",
    find:
      "  perform pg_advisory_xact_lock(hashtextextended('calendar_connections ' || p_user_id, 0));\n  -- The order",
    replace: "  -- The order",
  },
  {
    name: "app: the grants of the app's own table stay",
    test: "app_users.test.ts",
    file: "calendar_privileges",
    find: "where tgrelid = 'auth.users'::regclass and tgname = 'calendar_create_user'",
    replace: "",
  },
  {
    name: "app: a users table that does not fit is refused",
    test: "app_users.test.ts",
    file: "calendar_users",
    find: "and attname = 'id' and atttypid = 'uuid'::regtype",
    replace: "and attname = 'id'",
  },
  {
    name: "app: a users table whose ids are not the auth users' is refused",
    test: "app_users.test.ts",
    file: "calendar_users",
    find: "return exists (select from public.users join auth.users using (id));",
    replace: "return true;",
  },
  {
    name: "app: a users table that makes its ids is refused",
    test: "app_users.test.ts",
    file: "calendar_users",
    find: "select from pg_catalog.pg_attrdef where adrelid = users and adnum = id_column",
    replace: "select where false",
  },
  {
    name: "app: a foreign key of users.id settles it",
    test: "app_users.test.ts",
    file: "calendar_users",
    find: "      and conkey = array[id_column]\n",
    replace: "      and false\n",
  },
  {
    name: "app: signing up survives a column that the app added",
    test: "app_users.test.ts",
    file: "calendar_users",
    find: "when integrity_constraint_violation then",
    replace: "when division_by_zero then",
  },
  {
    name: "app: other updates of users cost nothing",
    test: "app_users.test.ts",
    file: "calendar_flag",
    find:
      "  when (new.calendar_connected is distinct from old.calendar_connected or new.id <> old.id)\n",
    replace: "",
  },
];
