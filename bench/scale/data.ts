/** Users, connections with their states, and started flows by generate_series. A user's id is the MD5 of their number, so that ids are scattered. */
import type postgres from "postgres";

export function userId(number: number): string {
  return `md5('user ${number}')::uuid`;
}

/** Fills the tables up to `users` users; every second one has both providers, every fourth a started connection. */
export async function grow(sql: postgres.Sql, users: number): Promise<void> {
  // Rows as the triggers would leave them, without running a million of them: what is measured comes afterwards.
  await sql.unsafe(`
    begin;
    set local session_replication_role = replica;
    create temporary table number on commit drop as
      select n, md5('user ' || n)::uuid as id
      from generate_series((select count(*) + 1 from auth.users), ${users}) as n;
    insert into auth.users (id, email) select id, n || '@example.com' from number;
    insert into public.users (id, calendar_connected) select id, true from number;
    insert into public.calendar_connections (
      user_id, provider, calendar_id, account_id, scopes, sealed_access_token, sealed_refresh_token,
      access_token_expires_at, connected_at
    )
    select
      id, provider, 'primary', 'account-' || n, array['https://www.googleapis.com/auth/calendar.readonly'],
      'v1.0a1b2c3d.' || repeat(md5(n || provider), 11), 'v1.0a1b2c3d.' || repeat(md5(provider || n), 6),
      now() + interval '1 hour', now() - n * interval '1 second'
    from number, unnest(array['google', 'outlook']) as provider
    where provider = 'google' or n % 2 = 0;
    insert into public.calendar_sync_states (connection_id, user_id, provider, due_at, verified_account)
    select connection.id, connection.user_id, provider, now() + random() * interval '1 day', account_id
    from public.calendar_connections as connection join number on number.id = connection.user_id;
    insert into public.calendar_sync_logs (user_id, connection_id, provider, event)
    select connection.user_id, connection.id, provider, 'connected'
    from public.calendar_connections as connection join number on number.id = connection.user_id;
    insert into public.calendar_oauth_states (
      user_id, state_hash, provider, sealed_verifier, expires_at
    )
    select
      id, left(translate(encode(sha256((n || ' ' || attempt)::bytea), 'base64'), '+/', '-_'), 43),
      'google', 'v1.0a1b2c3d.' || repeat(md5(n::text), 4), now() - interval '1 day'
    from number, generate_series(1, 3) as attempt
    where n % 4 = 0;
    commit;
  `);
  for (
    const table of [
      "auth.users",
      "public.users",
      "public.calendar_connections",
      "public.calendar_sync_states",
      "public.calendar_sync_logs",
      "public.calendar_oauth_states",
    ]
  ) {
    await sql.unsafe(`vacuum analyze ${table}`);
  }
  // A worker that has run: whether it keeps up is part of the status.
  await sql.unsafe(`insert into calendar_private.sync_runs (id, purpose, ended_at)
    values (gen_random_uuid(), 'tick', now() - interval '10 minutes')`);
  await sql.unsafe("checkpoint");
}
