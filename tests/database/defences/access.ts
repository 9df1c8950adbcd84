/** Who may do what: row-level security, grants, and the kinds of tokens. */
import { type Defence, inFile } from "./defence.ts";

/** The table, the migration that makes it, and what its owner may do. */
const tables: readonly [table: string, file: string, verbs: string[]][] = [
  ["calendar_connections", "calendar_connections", ["select", "update", "delete"]],
  ["calendar_oauth_states", "calendar_oauth_states", ["select", "delete"]],
  ["calendar_sync_states", "calendar_sync", ["select"]],
  ["calendar_sync_logs", "calendar_sync", ["select"]],
  ["calendar_calendars", "calendar_calendars", ["select"]],
  ["calendar_settings", "calendar_calendars", ["select", "update", "delete"]],
];

const own = "using (user_id = (select auth.uid()))";
const revoked = "from public, anon, authenticated, service_role;";

function ofTable([table, file, verbs]: (typeof tables)[number]): Defence[] {
  const policies = verbs.map((verb): [string, string, string] => {
    const head =
      `create policy ${table}_${verb}_own on public.${table}\n  for ${verb} to authenticated\n  `;
    return [`rls: ${verb} of ${table} is of one's own rows`, head + own, `${head}using (true)`];
  });
  const usersOnly = `create policy ${table}_users_only on public.${table}
  as restrictive for all to authenticated
  using (`;
  return [
    ...inFile(file, "rls.test.ts", [
      ...policies,
      [
        `rls: it is on for ${table}`,
        `alter table public.${table} enable row level security;`,
        "",
      ],
      [`rls: other kinds of tokens reach no row of ${table}`, usersOnly, `${usersOnly}true or `],
    ]),
    ...inFile("calendar_privileges", "rls.test.ts", [
      [
        `rls: default grants on ${table} are revoked`,
        `revoke all on table public.${table} ${revoked}`,
        "",
      ],
    ]),
  ];
}

export const access: readonly Defence[] = [
  ...tables.flatMap(ofTable),
  ...inFile("calendar_users", "rls.test.ts", [
    [
      "rls: the users rows made here are read by their owner",
      "using (id = (select auth.uid()))",
      "using (true)",
    ],
    [
      "rls: other kinds of tokens reach no row of users",
      "      using ((select calendar_private.caller()) is not null);",
      "      using (true);",
    ],
  ]),
  ...inFile("calendar_private", "rls.test.ts", [
    [
      "rls: the functions compare the user with the caller",
      "if p_user_id is distinct from calendar_private.caller() or p_user_id is null then",
      "if false then",
    ],
    [
      "rls: anonymous users are not callers",
      "when auth.jwt() ->> 'is_anonymous' = 'true' or ",
      "when ",
    ],
    ["rls: OAuth clients are not callers", " or auth.jwt() ->> 'client_id' is not null", ""],
  ]),
  ...inFile("calendar_private", "pgTAP", [
    ["pgTAP: nobody is not a caller", " or p_user_id is null then", " then"],
  ]),
  ...inFile("calendar_privileges", "rls.test.ts", [
    [
      "rls: sealed columns cannot be selected",
      "grant delete on table public.calendar_connections to authenticated;",
      "grant select, delete on table public.calendar_connections to authenticated;",
    ],
    [
      "rls: states cannot be prolonged",
      "grant select, delete on table public.calendar_oauth_states to authenticated;",
      `grant select, delete, update on table public.calendar_oauth_states to authenticated;
      create policy anything on public.calendar_oauth_states for update to authenticated
        using (user_id = auth.uid());`,
    ],
    [
      "rls: expires_at cannot be sent",
      "grant insert (provider, state_hash, sealed_verifier, connection_id)",
      "grant insert (provider, state_hash, sealed_verifier, connection_id, expires_at)",
    ],
    [
      "rls: the status cannot be sent",
      "grant insert (\n  provider, account_id,",
      "grant insert (\n  status, provider, account_id,",
    ],
    [
      "rls: the calendar's id cannot be changed",
      "grant update (\n  account_id,",
      "grant update (\n  calendar_id, account_id,",
    ],
    [
      "rls: what the worker knows of a token is hidden",
      "grant select (connection_id, user_id, provider, due_at, last_ok_at, failing_since, reason)",
      "grant select (connection_id, user_id, provider, due_at, last_ok_at, failing_since, reason, verified_account)",
    ],
  ]),
  ...inFile("calendar_privileges", "pgTAP", [
    [
      "pgTAP: the functions are not the visitors'",
      "  public.calendar_disconnect(uuid, text, uuid)\n  from public, anon, authenticated, service_role;",
      "  public.calendar_disconnect(uuid, text, uuid)\n  from service_role;",
    ],
    [
      "pgTAP: service_role writes no connection",
      "grant delete on table public.calendar_connections to authenticated;",
      "grant delete on table public.calendar_connections to authenticated, service_role;",
    ],
    [
      "pgTAP: service_role selects no sealed column",
      "grant delete on table public.calendar_connections to authenticated;",
      `grant delete on table public.calendar_connections to authenticated;
      grant select (sealed_refresh_token) on table public.calendar_connections to service_role;`,
    ],
    [
      "pgTAP: private functions are nobody's but for those named",
      "revoke all on all functions in schema calendar_private from public, anon, authenticated, service_role;",
      "",
    ],
    [
      "pgTAP: the sealed columns of an older connection cannot be read by an upsert",
      "  access_token_expires_at, grant_expires_at, connected_at, updated_at\n)",
      "  access_token_expires_at, grant_expires_at, connected_at, updated_at, sealed_access_token\n)",
    ],
  ]),
  ...inFile("calendar_calendars", "rls.test.ts", [
    [
      "rls: the connections' view asks as its caller",
      "view public.calendar_connection_details with (security_invoker = true) ",
      "view public.calendar_connection_details ",
    ],
    [
      "rls: the busy times' view asks as its caller",
      "view public.calendar_busy_times with (security_invoker = true) ",
      "view public.calendar_busy_times ",
    ],
  ]),
  ...inFile("calendar_functions", "pgTAP", [
    [
      "pgTAP: no definer function is exposed",
      "function public.calendar_take_state(p_user_id uuid, p_state_hash text)\nreturns jsonb",
      "function public.calendar_take_state(p_user_id uuid, p_state_hash text)\nreturns jsonb security definer",
    ],
    [
      "pgTAP: a definer function acts for the caller only",
      "where connection.user_id = calendar_private.caller() and connection.provider = p_provider\n    and connection.sealed",
      "where connection.user_id = auth.uid() and connection.provider = p_provider\n    and connection.sealed",
    ],
  ]),
  ...inFile("calendar_flag", "pgTAP", [
    [
      "pgTAP: functions pin their search_path",
      "set search_path = ''\nas $$\nbegin\n  new.calendar_connected",
      "as $$\nbegin\n  new.calendar_connected",
    ],
  ]),
  ...inFile("calendar_functions", "locks.test.ts", [
    [
      "locks: disconnecting compares the user with the caller before it locks",
      "  gone jsonb;\nbegin\n  perform calendar_private.require_caller(p_user_id);\n",
      "  gone jsonb;\nbegin\n",
    ],
    [
      "locks: saving compares the user with the caller before it locks",
      "begin\n  perform calendar_private.require_caller(p_user_id);\n  perform calendar_private.take_turn();\n  saved",
      "begin\n  perform calendar_private.take_turn();\n  saved",
    ],
    [
      "locks: taking a state compares the user with the caller before it locks",
      "begin\n  perform calendar_private.require_caller(p_user_id);\n  seconds",
      "begin\n  seconds",
    ],
  ]),
];
