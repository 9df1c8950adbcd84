/** What the function asks of the database for one user, in the order of a user's life; and each statement's name. */

export interface Operation {
  name: string;
  statement: string;
}

const columns = "provider, status, calendar_id, account_label, scopes, connected_at, last_sync_at";

/** Two of them together are a callback. The statement of `status` is in PostgREST's form. */
export function operations(userId: string, stateHash: string): Operation[] {
  const envelope = (length: number) => `v1.0a1b2c3d.${"A".repeat(length)}`;
  return [
    {
      name: "status",
      statement: `with pgrst_source as (
          select ${columns} from public.calendar_connections
          where user_id = '${userId}' order by connected_at desc, provider
        ) select coalesce(json_agg(_), '[]') from pgrst_source as _`,
    },
    {
      name: "connect: open state",
      statement: `select public.calendar_open_state(
          '${userId}', 'google', '${stateHash}', '${envelope(116)}'
        )`,
    },
    {
      name: "callback: take state",
      statement: `select * from public.calendar_take_state('${userId}', '${stateHash}')`,
    },
    {
      name: "callback: save connection",
      statement: `select public.calendar_save_connection(
          '${userId}', 'google', 'primary', null, null,
          array['https://www.googleapis.com/auth/calendar.readonly'],
          '${envelope(352)}', '${envelope(196)}', now() + interval '1 hour'
        )`,
    },
    {
      name: "disconnect",
      statement: `select public.calendar_disconnect('${userId}')`,
    },
  ];
}

/** Statements that begin a transaction as PostgREST begins one. */
export function asUser(userId: string): string {
  const claims = JSON.stringify({ sub: userId, role: "authenticated" });
  return `begin; set local role authenticated; set local request.jwt.claims = '${claims}'`;
}
