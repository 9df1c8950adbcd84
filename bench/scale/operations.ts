/** What the function asks of the database for one user, in the order of a user's life; and each statement's name. */

export interface Operation {
  name: string;
  statement: string;
}

/** Two of them together are a callback. */
export function operations(userId: string, stateHash: string): Operation[] {
  const envelope = (length: number) => `v1.0a1b2c3d.${"A".repeat(length)}`;
  return [
    {
      name: "status",
      statement: `select public.calendar_status('${userId}')`,
    },
    {
      name: "connect: open state",
      statement: `select public.calendar_open_state(
          '${userId}', 'google', '${stateHash}', '${envelope(116)}'
        )`,
    },
    {
      name: "callback: take state",
      statement: `select public.calendar_take_state('${userId}', '${stateHash}')`,
    },
    {
      name: "callback: save connection",
      statement: `select public.calendar_save_connection(
          '${userId}', 'google', null, 'account', 'ann@example.com', 'google',
          array['https://www.googleapis.com/auth/calendar.readonly'],
          '${envelope(352)}', '${envelope(196)}', 3600, null, 10
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
