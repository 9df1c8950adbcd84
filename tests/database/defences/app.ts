/** An app's own users table, and taking everything out again. */
import { type Defence, inFile } from "./defence.ts";

export const app: readonly Defence[] = [
  ...inFile("calendar_privileges", "app_users.test.ts", [
    [
      "app: the grants of the app's own table stay",
      "where tgrelid = 'auth.users'::regclass and tgname = 'calendar_create_user'",
      "",
    ],
  ]),
  ...inFile("calendar_users", "app_users.test.ts", [
    [
      "app: a users table that does not fit is refused",
      "and attname = 'id' and atttypid = 'uuid'::regtype",
      "and attname = 'id'",
    ],
    [
      "app: a users table whose ids are not the auth users' is refused",
      "return exists (select from public.users join auth.users using (id));",
      "return true;",
    ],
    [
      "app: a users table that makes its ids is refused",
      "select from pg_catalog.pg_attrdef where adrelid = users and adnum = id_column",
      "select where false",
    ],
    [
      "app: a users table with another column for the auth user is refused",
      ") and not exists (\n    select from pg_catalog.pg_constraint",
      ") or not exists (\n    select from pg_catalog.pg_constraint",
    ],
    [
      "app: a foreign key of users.id settles it",
      "and id_column.attname = 'id'",
      "and id_column.attname = 'no such column'",
    ],
    [
      "app: signing up survives a column that the app added",
      "when integrity_constraint_violation then",
      "when division_by_zero then",
    ],
  ]),
  ...inFile("calendar_flag", "app_users.test.ts", [
    [
      "app: other updates of users cost nothing",
      "  when (new.calendar_connected is distinct from old.calendar_connected or new.id <> old.id)\n",
      "",
    ],
  ]),
  ...inFile("uninstall", "uninstall.test.ts", [
    [
      "uninstall: it stops while grants are to be withdrawn",
      "  if waiting > 0 then",
      "  if false then",
    ],
    [
      "uninstall: a users table with columns of the app stays",
      "if is_ours and not is_used then",
      "if is_ours then",
    ],
    [
      "uninstall: an app's own users table stays",
      "if is_ours and not is_used then",
      "if not is_used or not is_ours then",
    ],
    ["uninstall: the settings go", "drop table if exists public.calendar_settings;\n", ""],
    ["uninstall: the functions go", "drop function if exists public.calendar_status;\n", ""],
    [
      "uninstall: it can be run twice",
      "drop view if exists public.calendar_busy_times;",
      "drop view public.calendar_busy_times;",
    ],
  ]),
];
