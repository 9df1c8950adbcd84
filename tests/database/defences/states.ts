/** Connections under way: how many, how often, once, and whose. */
import { type Defence, inFile } from "./defence.ts";

export const states: readonly Defence[] = [
  ...inFile("calendar_oauth_states", "states.test.ts", [
    [
      "states: inserts of one user wait for each other",
      "    perform pg_advisory_xact_lock(hashtextextended('calendar_oauth_states ' || owner, 0));\n",
      "    null;\n",
    ],
    [
      "states: many rows of one statement are counted once",
      "  for each statement execute function calendar_private.make_room_for_states();",
      "  for each row execute function calendar_private.make_room_for_states();",
    ],
    [
      "states: the cap holds for inserts past the function",
      "after insert on public.calendar_oauth_states",
      "after update on public.calendar_oauth_states",
    ],
    [
      "states: takes of one user wait for each other",
      `  insert into calendar_private.take_counts as count (user_id) values (caller)
  on conflict (user_id) do update set
    since = case when count.since > now() - interval '1 minute' then count.since else now() end,
    takes = case when count.since > now() - interval '1 minute' then count.takes else 0 end
  returning count.since, count.takes into counted;`,
      `  insert into calendar_private.take_counts as count (user_id) values (caller) on conflict do nothing;
  select count.since, count.takes into counted from calendar_private.take_counts as count
  where count.user_id = caller;`,
    ],
  ]),
  ...inFile("calendar_oauth_states", "pgTAP", [
    [
      "pgTAP: twenty takes in a minute",
      "if counted.takes < 20 then",
      "if counted.takes < 200 then",
    ],
    [
      "pgTAP: a new minute begins anew",
      "then count.takes else 0 end",
      "then count.takes else count.takes end",
    ],
    [
      "pgTAP: the deleted account leaves no states",
      "references auth.users (id) on delete cascade",
      "",
    ],
    [
      "pgTAP: other kinds of tokens count no takes",
      "  if caller is null then\n",
      "  if false then\n",
    ],
    [
      "pgTAP: the newest states stay",
      "opened.state_hash is not null desc,\n          kept.expires_at desc",
      "opened.state_hash is null desc,\n          kept.expires_at desc",
    ],
    [
      "pgTAP: expired states go",
      " or state.expires_at <= now());",
      ");",
    ],
  ]),
  ...inFile("calendar_functions", "pgTAP", [
    ["pgTAP: an expired state is not live", "'live', taken.expires_at > now(),", "'live', true,"],
    [
      "pgTAP: a take is counted",
      "  perform calendar_private.count_take();\n",
      "",
    ],
    [
      "pgTAP: only a state that was there is counted",
      "  if taken.state_hash is null then\n    return null;\n  end if;\n  perform calendar_private.count_take();\n",
      "  perform calendar_private.count_take();\n  if taken.state_hash is null then\n    return null;\n  end if;\n",
    ],
    [
      "pgTAP: a state for a connection of somebody else is not kept",
      "    if connection is null then\n      return null;\n    end if;\n",
      "",
    ],
    [
      "pgTAP: a connection of another provider is not connected again",
      "    and (p_provider is null or connection.provider = p_provider);\n",
      ";\n",
    ],
  ]),
];
