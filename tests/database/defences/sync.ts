/** What users may read of the worker's tables, and what they may write for it. */
import { type Defence, inFile } from "./defence.ts";

export const sync: readonly Defence[] = [
  ...inFile("calendar_sync", "pgTAP", [
    [
      "pgTAP: a run that a user asked for is no sign of life",
      " where purpose = 'tick'\n  ) as run",
      "\n  ) as run",
    ],
    [
      "pgTAP: only users hear whether calendars are read",
      "  where calendar_private.caller() is not null;",
      ";",
    ],
    [
      "pgTAP: what waits for long is not healthy",
      "      or not calendar_private.anything_due(now() - interval '5 minutes')",
      "      or true",
    ],
    [
      "pgTAP: every provider's connections may be due",
      "    exit when not found;",
      "    exit when not found or current > 'm';",
    ],
    ["pgTAP: a log has 200 lines of a user", "      offset 200\n", "      offset 250\n"],
    ["pgTAP: a log's other lines stay", "      where old.user_id = p_user_id\n", ""],
    [
      "pgTAP: reasons are known",
      "      reason in (\n",
      "      reason is not null or reason in (\n",
    ],
  ]),
  ...inFile("calendar_calendars", "pgTAP", [
    [
      "pgTAP: a calendar's id is no path",
      " and calendar_id not in ('.', '..')",
      "",
    ],
    [
      "pgTAP: a calendar's id is one line",
      String.raw`      and calendar_id !~ '[\x01-\x1f\x7f]' and`,
      "      and",
    ],
    [
      "pgTAP: a calendar's unknown time zone is none",
      "    new.time_zone := null;\n",
      "    null;\n",
    ],
    [
      "pgTAP: settings name a time zone that is one",
      "  if not calendar_private.knows_time_zone(new.time_zone) then\n    raise",
      "  if false then\n    raise",
    ],
    [
      "pgTAP: what only looks like a time zone is none",
      "'localtime', 'Factory')",
      "'localtime')",
    ],
    ["pgTAP: working hours are of a week", "working_hours <@ '[0,10080)'::int4range and ", ""],
    [
      "pgTAP: only selected calendars are busy",
      "cross join unnest(calendar.busy) as minutes\nwhere calendar.selected",
      "cross join unnest(calendar.busy) as minutes\nwhere true",
    ],
    [
      "pgTAP: whole days are the user's",
      "lower(days)::timestamp at time zone coalesce(settings.time_zone, calendar.time_zone, 'UTC')",
      "lower(days)::timestamp at time zone coalesce(calendar.time_zone, 'UTC')",
    ],
    ["pgTAP: never is no time", "nullif(state.due_at, 'infinity')", "state.due_at"],
    [
      "pgTAP: only three reasons ask for a reconnect",
      "state.reason in ('grant_ended', 'sign_in_again', 'scope_missing')",
      "state.reason in ('grant_ended', 'sign_in_again', 'scope_missing', 'quarantined')",
    ],
  ]),
  ...inFile("calendar_functions", "pgTAP", [
    [
      "pgTAP: without a worker no next read is promised",
      "case when sync ->> 'last_run_at' is not null then detail.next_sync_at end",
      "detail.next_sync_at",
    ],
    [
      "pgTAP: times are in UTC",
      "set timezone = 'UTC'\nas $$\ndeclare\n  sync",
      "as $$\ndeclare\n  sync",
    ],
  ]),
];
