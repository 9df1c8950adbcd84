/** What must be true of the database whatever happened, in SQL, and everything that it holds, as text. */
import { deepEqual } from "node:assert/strict";
import type { Database } from "../../dev/database.ts";

/** Each finds rows that must not be. */
const WRONG: [what: string, sql: string][] = [
  [
    "the flag is not whether an active connection exists",
    `select u.id from public.users u where u.calendar_connected is distinct from exists
       (select from public.calendar_connections c where c.user_id = u.id and c.status = 'active')`,
  ],
  [
    "a connection came twice",
    `select user_id from public.calendar_connections
      group by user_id, provider, account_id having count(*) > 1`,
  ],
  [
    "a connection is half made",
    `select user_id from public.calendar_connections
      where sealed_access_token !~ '^v1[.][0-9a-f]{8}[.][A-Za-z0-9_-]{59,}$'
         or sealed_refresh_token !~ '^v1[.][0-9a-f]{8}[.][A-Za-z0-9_-]{59,}$'
         or scopes = '{}' or status <> 'active' or access_token_expires_at is null
         or account_id is null`,
  ],
  [
    "more than five connections of one user are under way",
    `select user_id from public.calendar_oauth_states group by user_id having count(*) > 5`,
  ],
  [
    "a state lives longer than ten minutes",
    `select user_id from public.calendar_oauth_states
      where expires_at > now() + interval '10 minutes'`,
  ],
  [
    "a row belongs to nobody",
    `select user_id from public.calendar_connections c
      where not exists (select from auth.users u where u.id = c.user_id)`,
  ],
];

/** Checks all of them; answers every row of every table as text, to be searched. */
export async function invariants(database: Database): Promise<string[]> {
  for (const [what, sql] of WRONG) deepEqual(await database.query(sql), [], what);
  return await dump(database);
}

export async function dump(database: Database): Promise<string[]> {
  const tables = await database.query<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_catalog.pg_tables
      where schemaname not in ('pg_catalog', 'information_schema')`,
  );
  const texts: string[] = [];
  for (const { name } of tables) {
    const rows = await database.query<{ row: string }>(`select t::text as row from ${name} t`);
    texts.push(rows.map(({ row }) => row).join("\n"));
  }
  return texts;
}
