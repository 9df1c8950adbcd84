/** Which rows a connect makes or replaces, how many there may be, and what they may hold. */
import { type Defence, inFile } from "./defence.ts";

const envelope = "~ '^v[0-9]+[.][0-9a-f]{8}[.][A-Za-z0-9_-]+$'";

export const connections: readonly Defence[] = [
  ...inFile("calendar_connections", "pgTAP", [
    [
      "pgTAP: refresh tokens in the clear are refused",
      `and sealed_refresh_token ${envelope}`,
      "",
    ],
    ["pgTAP: access tokens in the clear are refused", `and sealed_access_token ${envelope}`, ""],
    [
      "pgTAP: an account_id is printable",
      "check (account_id ~ '^[!-~]{1,255}$')",
      "check (account_id is null or true)",
    ],
    [
      "pgTAP: an account_label is one line",
      String.raw` and account_label !~ '[\x01-\x1f\x7f]'`,
      "",
    ],
    [
      "pgTAP: account classes are known",
      "check (account_class in ('google_workspace', 'google', 'work', 'personal'))",
      "check (account_class is not null or account_class is null)",
    ],
    [
      "pgTAP: access tokens end",
      "check (isfinite(access_token_expires_at))",
      "check (access_token_expires_at is null or true)",
    ],
    [
      "pgTAP: grants end",
      "check (isfinite(grant_expires_at))",
      "check (grant_expires_at is null or true)",
    ],
    [
      "pgTAP: an account is connected once",
      "unique (user_id, provider, account_id)",
      "unique (user_id, provider, account_id, id)",
    ],
    [
      "pgTAP: a write of a user is a connect",
      "when (row_security_active('public.calendar_connections'))\n  execute function calendar_private.connecting();",
      "when (false)\n  execute function calendar_private.connecting();",
    ],
    [
      "pgTAP: a write of the worker is none",
      "  when (row_security_active('public.calendar_connections'))\n  execute function calendar_private.connecting();",
      "  when (current_user <> 'anon')\n  execute function calendar_private.connecting();",
    ],
    ["pgTAP: a connect makes a connection active", "  new.status := 'active';\n", ""],
    ["pgTAP: a connect is dated by the database", "  new.connected_at := now();\n", ""],
    [
      "pgTAP: a connect raises the version of the tokens",
      "new.token_version := old.token_version + 1;",
      "null;",
    ],
    [
      "pgTAP: a connection changes by both tokens",
      "elsif new.sealed_access_token = old.sealed_access_token\n    or new.sealed_refresh_token",
      "elsif new.sealed_access_token = old.sealed_access_token\n    and new.sealed_refresh_token",
    ],
    ["pgTAP: at most ten connections", ") >= 10 then", ") >= 100 then"],
  ]),
  ...inFile("calendar_connections", "connections.test.ts", [
    [
      "connections: inserts of one user wait for each other",
      "    perform calendar_private.take_turn();\n",
      "",
    ],
    [
      "connections: many in one insert stop at the eleventh",
      "  before insert on public.calendar_connections\n  for each row execute function calendar_private.limit",
      "  after insert on public.calendar_connections\n  for each row execute function calendar_private.limit",
    ],
  ]),
  ...inFile("calendar_functions", "connections.test.ts", [
    [
      "connections: connects of one user wait for each other",
      "  perform calendar_private.take_turn();\n  saved",
      "  saved",
    ],
  ]),
  ...inFile("calendar_functions", "pgTAP", [
    [
      "pgTAP: a repeated call is recognised",
      "  saved := calendar_private.connection_with(p_provider, p_sealed_refresh_token);\n",
      "",
    ],
    [
      "pgTAP: another account does not replace the connection that is named",
      "p_account_id <> asked_for ->> 'account_id' or ",
      "",
    ],
    [
      "pgTAP: an account has one row, also where another row is named",
      " or of_account <> p_connection_id then",
      " then",
    ],
    [
      "pgTAP: an unknown account replaces no other",
      "      and connection.account_id = p_account_id\n",
      "      and connection.account_id is not distinct from p_account_id limit 1\n",
    ],
    [
      "pgTAP: the function's limit holds",
      ">= least(p_account_limit, 10) then",
      ">= 10 then",
    ],
    [
      "pgTAP: ten is the limit whatever the function's",
      ">= least(p_account_limit, 10) then",
      ">= p_account_limit then",
    ],
    [
      "pgTAP: a known account is not one more",
      "if of_account is null and (\n",
      "if (\n",
    ],
    [
      "pgTAP: a connection is disconnected by its id",
      "and (p_connection_id is null or connection.id = p_connection_id)",
      "",
    ],
    [
      "pgTAP: a connection is disconnected by its provider",
      "and (p_provider is null or connection.provider = p_provider)\n      and (p_conn",
      "and (p_conn",
    ],
  ]),
];
