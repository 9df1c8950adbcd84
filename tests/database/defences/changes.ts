/** What follows from a connection that is made, replaced or gone; the outbox; the order of locks. */
import { type Defence, inFile } from "./defence.ts";

export const changes: readonly Defence[] = [
  ...inFile("calendar_changes", "pgTAP", [
    ["pgTAP: a connect ends a read under way", "    fence = fence + 1,\n", ""],
    ["pgTAP: a connect is due at once", "    due_at = now(),\n    leased", "    leased"],
    [
      "pgTAP: a connect forgets the older account",
      "    verified_account = null\n",
      "    strikes = 0\n",
    ],
    ["pgTAP: a connect forgets why reading failed", "    reason = null,\n", ""],
    [
      "pgTAP: a worker's write forgets nothing",
      "  when (row_security_active('public.calendar_connections'))\n  execute function calendar_private.connection_replaced();",
      "  when (current_user <> 'anon')\n  execute function calendar_private.connection_replaced();",
    ],
    [
      "pgTAP: without a worker no token is kept",
      "where beat_at > now() - interval '7 days'",
      "",
    ],
    [
      "pgTAP: a schedule is a worker",
      "      config.function_url is not null\n      or exists",
      "      exists",
    ],
    [
      "pgTAP: the operator can switch withdrawing off",
      "    when config.revoke and (",
      "    when (",
    ],
    [
      "pgTAP: only Google's tokens are kept",
      "    when p_provider <> 'google' then 'not_supported'\n",
      "",
    ],
    [
      "pgTAP: junk is not kept",
      "\n    or (p_state.verified_account is null and p_state.tried_at >= p_connection.connected_at)",
      "",
    ],
    ["pgTAP: twenty tokens of one user are kept", "      offset 20\n", "      offset 30\n"],
    [
      "pgTAP: tokens that were opened stay",
      "order by each.verified_account is not null desc, each.id desc",
      "order by each.id desc",
    ],
    [
      "pgTAP: what has expired goes",
      "    where expired.expires_at <= now()\n",
      "    where false\n",
    ],
    [
      "pgTAP: the grant of an account that is replaced is withdrawn",
      "  if coalesce(nullif(state.verified_account, ''), old.account_id) <> new.account_id then",
      "  if false then",
    ],
    [
      "pgTAP: the grant of an account that may be the same is not",
      "  if coalesce(nullif(state.verified_account, ''), old.account_id) <> new.account_id then",
      "  if coalesce(nullif(state.verified_account, ''), old.account_id) is distinct from new.account_id then",
    ],
    [
      "pgTAP: a truncate withdraws the grants",
      "  before truncate on public.calendar_connections",
      "  after truncate on public.calendar_connections",
    ],
    [
      "pgTAP: the logs of a deleted account go",
      "  delete from public.calendar_sync_logs where user_id = old.id;\n",
      "",
    ],
    [
      "pgTAP: the users row of a deleted account is left alone",
      "    if not calendar_private.users_refer_to_auth_users() then\n",
      "    if true then\n",
    ],
    [
      "pgTAP: after a truncate nobody is connected",
      "after truncate on public.calendar_connections",
      "before truncate on public.calendar_connections",
    ],
    [
      "pgTAP: a moved connection counts for its new user",
      "  perform calendar_private.set_flag(new.user_id);\n  return null;\nend;\n$$;\n\ncomment on function calendar_private.connection_status_changed",
      "  return null;\nend;\n$$;\n\ncomment on function calendar_private.connection_status_changed",
    ],
    [
      "pgTAP: another user's outbox is not told",
      "where user_id = calendar_private.caller() and connection_id = p_connection_id",
      "where connection_id = p_connection_id",
    ],
  ]),
  ...inFile("calendar_changes", "connections.test.ts", [
    [
      "connections: tokens are written without a lock of the users row",
      "  when (old.status is distinct from new.status or old.user_id <> new.user_id)\n",
      "",
    ],
  ]),
  ...inFile("calendar_sync", "connections.test.ts", [
    [
      "connections: logs refer to nothing",
      "  id bigint generated always as identity primary key,\n  user_id uuid not null,\n  connection_id uuid,",
      "  id bigint generated always as identity primary key,\n  user_id uuid not null references auth.users (id) on delete cascade,\n  connection_id uuid,",
    ],
  ]),
  ...inFile("calendar_changes", "race.test.ts", [
    [
      "race: a deletion of the account goes to the connections first",
      'create trigger "Calendar_forget_user"',
      "create trigger calendar_forget_user",
    ],
    [
      "race: a deletion of the account locks connections by id",
      "  perform from public.calendar_connections where user_id = old.id order by id for update;\n",
      "",
    ],
  ]),
  ...inFile("calendar_functions", "race.test.ts", [
    [
      "race: disconnecting locks connections by id",
      `  perform from public.calendar_connections as connection
  where connection.user_id = p_user_id
  order by connection.id
  for update;
`,
      "",
    ],
    [
      "race: disconnecting takes its turn",
      "  perform calendar_private.take_turn();\n  -- By id",
      "  -- By id",
    ],
  ]),
  ...inFile("calendar_flag", "race.test.ts", [
    [
      "race: a change of connections locks the users row before it looks",
      "begin\n  perform from public.users where id = p_user_id for no key update;",
      "begin\n  perform from public.users where id = p_user_id;",
    ],
    [
      "race: a users row inserted late meets the change of connections",
      "  perform pg_advisory_xact_lock_shared(calendar_private.late_user_lock(new.id));\n",
      "",
    ],
    [
      "race: a change of connections without a users row meets its insert",
      "    perform pg_advisory_xact_lock(calendar_private.late_user_lock(p_user_id));\n",
      "",
    ],
    [
      "race: filling a large table takes few locks",
      "(hashtext(p_user_id::text) & 63)",
      "hashtext(p_user_id::text)",
    ],
  ]),
  ...inFile("calendar_flag", "flag.test.ts", [
    [
      "flag: what is written to it is replaced by the fact",
      "  new.calendar_connected := calendar_private.has_active_connection(new.id);\n",
      "",
    ],
  ]),
];
