-- Purpose: what follows from a connection that is made, replaced or gone, in one order of locks.
-- Tables:  calendar_private.revocations (new); triggers on public.calendar_connections and auth.users.
-- Risks:   deleting an auth user deletes the user's connections first.
--
-- Deleting a connection ends nothing at the provider, and afterwards nobody has its tokens. So a
-- deletion, by whatever statement, leaves the sealed refresh token in an outbox, from which the worker
-- withdraws the grant. While no worker runs nothing is kept.

create table calendar_private.revocations (
  id bigint generated always as identity primary key,
  connection_id uuid not null,
  user_id uuid not null,
  provider text not null,
  account_id text,
  verified_account text,
  sealed_refresh_token text not null,
  kid text not null generated always as (split_part(sealed_refresh_token, '.', 2)) stored,
  cause text not null,
  created_at timestamptz not null default now(),
  due_at timestamptz not null default now(),
  leased_until timestamptz,
  fence integer not null default 0,
  unsettled integer not null default 0,
  failures integer not null default 0,
  delayed boolean not null default false,
  expires_at timestamptz not null default now() + interval '7 days'
);

create index revocations_user on calendar_private.revocations (user_id);
create index revocations_due on calendar_private.revocations (due_at);
create index revocations_expiry on calendar_private.revocations (expires_at);
create index revocations_kid on calendar_private.revocations (kid);

comment on table calendar_private.revocations is
  'Grants to be withdrawn at their provider, within seven days. No foreign key: the user may be gone.';
comment on column calendar_private.revocations.account_id is
  'The account that the token is sealed for, as the connection named it.';
comment on column calendar_private.revocations.verified_account is
  'The account for which the worker has opened this token; null where it never tried.';
comment on column calendar_private.revocations.cause is
  'disconnected, account_deleted, replaced or truncated.';
comment on column calendar_private.revocations.delayed is
  'Whether it has waited once for a connection that may share the grant and was not yet read.';

create function calendar_private.revocation_state(p_provider text)
returns text
language sql
stable
set search_path = ''
as $$
  select case
    when p_provider <> 'google' then 'not_supported'
    when config.revoke and (
      config.function_url is not null
      or exists (
        select from calendar_private.sync_runs where beat_at > now() - interval '7 days'
      )
    ) then 'queued'
    else 'off'
  end
  from calendar_private.config;
$$;

comment on function calendar_private.revocation_state(text) is
  'What becomes of a provider''s grant now: queued, not_supported, or off while nothing runs.';

-- Tokens that the worker tried and could not open are junk that their user made: not kept. At most
-- twenty rows of one user are, those never opened and the oldest going first.
create function calendar_private.queue_revocation(
  p_connection public.calendar_connections,
  p_state public.calendar_sync_states,
  p_cause text
)
returns void
language plpgsql
set search_path = ''
as $$
begin
  if calendar_private.revocation_state(p_connection.provider) <> 'queued'
    or (p_state.verified_account is null and p_state.tried_at >= p_connection.connected_at)
  then
    return;
  end if;
  insert into calendar_private.revocations (
    connection_id, user_id, provider, account_id, verified_account, sealed_refresh_token, cause
  )
  values (
    p_connection.id, p_connection.user_id, p_connection.provider, p_connection.account_id,
    p_state.verified_account, p_connection.sealed_refresh_token, p_cause
  );
  -- Both skip rows that another transaction holds, because that one may wait for this one.
  delete from calendar_private.revocations where id in (
    select kept.id from calendar_private.revocations as kept
    where kept.id in (
      select each.id from calendar_private.revocations as each
      where each.user_id = p_connection.user_id
      order by each.verified_account is not null desc, each.id desc
      offset 20
    )
    for update skip locked
  );
  delete from calendar_private.revocations where id in (
    select expired.id from calendar_private.revocations as expired
    where expired.expires_at <= now()
    limit 100
    for update skip locked
  );
end;
$$;

comment on function calendar_private.queue_revocation(
  public.calendar_connections, public.calendar_sync_states, text
) is
  'Keeps the refresh token of a connection that goes, for as long as withdrawing the grant may take.';

create function calendar_private.revocation_of(p_connection_id uuid, p_provider text)
returns text
language sql
stable
security definer
set search_path = ''
as $$
  select case
    when exists (
      select from calendar_private.revocations
      where user_id = calendar_private.caller() and connection_id = p_connection_id
    ) then 'queued'
    when calendar_private.revocation_state(p_provider) = 'not_supported' then 'not_supported'
    else 'off'
  end;
$$;

comment on function calendar_private.revocation_of(uuid, text) is
  'What became of the grant of a connection that the caller has just disconnected.';

create function calendar_private.connection_made()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  insert into public.calendar_sync_states (connection_id, user_id, provider)
  values (new.id, new.user_id, new.provider);
  perform calendar_private.log(new.user_id, new.id, new.provider, 'connected');
  perform calendar_private.set_flag(new.user_id);
  return null;
end;
$$;

comment on function calendar_private.connection_made() is
  'After a connection was made: it is due at once, it is logged, and its user is connected.';

create trigger calendar_connection_made
  after insert on public.calendar_connections
  for each row execute function calendar_private.connection_made();

-- Fires for what users write, as calendar_connecting does: the worker's own writes keep the state.
-- A grant that is replaced by that of another account is withdrawn. Where one of the two is unknown
-- it may be the same account, and withdrawing would end the new grant with the old one.
create function calendar_private.connection_replaced()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  state public.calendar_sync_states;
begin
  select * into state from public.calendar_sync_states as before
  where before.connection_id = new.id
  for update;
  update public.calendar_sync_states set
    due_at = now(),
    leased_until = null,
    fence = fence + 1,
    unsettled = 0,
    failures = 0,
    strikes = 0,
    struck_at = null,
    flipped_at = null,
    last_ok_at = null,
    listed_at = null,
    failing_since = null,
    reason = null,
    verified_account = null
  where connection_id = new.id;
  perform calendar_private.log(new.user_id, new.id, new.provider, 'connected');
  if coalesce(nullif(state.verified_account, ''), old.account_id) <> new.account_id then
    perform calendar_private.queue_revocation(old, state, 'replaced');
  end if;
  return null;
end;
$$;

comment on function calendar_private.connection_replaced() is
  'After a user connected again: what the worker knew is forgotten, and a read under way does not count.';

create trigger calendar_connection_replaced
  after update on public.calendar_connections
  for each row
  when (row_security_active('public.calendar_connections'))
  execute function calendar_private.connection_replaced();

create function calendar_private.connection_status_changed()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  if new.user_id <> old.user_id then
    update public.calendar_sync_states set user_id = new.user_id where connection_id = new.id;
    update public.calendar_calendars set user_id = new.user_id where connection_id = new.id;
    perform calendar_private.set_flag(old.user_id);
  end if;
  perform calendar_private.set_flag(new.user_id);
  return null;
end;
$$;

comment on function calendar_private.connection_status_changed() is
  'After a change of a connection''s status or user: the flags of the users concerned.';

-- Only for these changes: the worker writes tokens often, and a lock of the app's users row each time
-- made its batches wait for each other in a circle.
create trigger calendar_connection_status_changed
  after update on public.calendar_connections
  for each row
  when (old.status is distinct from new.status or old.user_id <> new.user_id)
  execute function calendar_private.connection_status_changed();

create function calendar_private.connection_gone()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  state public.calendar_sync_states;
begin
  delete from public.calendar_sync_states where connection_id = old.id returning * into state;
  delete from public.calendar_calendars where connection_id = old.id;
  if not exists (select from auth.users where id = old.user_id) then
    perform calendar_private.queue_revocation(old, state, 'account_deleted');
    -- A users row that goes with the account is left alone: to change it could make the deletion fail.
    if not calendar_private.users_refer_to_auth_users() then
      perform calendar_private.set_flag(old.user_id);
    end if;
    return null;
  end if;
  perform calendar_private.log(old.user_id, old.id, old.provider, 'disconnected');
  perform calendar_private.queue_revocation(old, state, 'disconnected');
  perform calendar_private.set_flag(old.user_id);
  return null;
end;
$$;

comment on function calendar_private.connection_gone() is
  'After a connection was deleted: what belongs to it goes, and its grant is to be withdrawn.';

-- Triggers run in the order of their names, in bytes: a capital C comes before the RI_… of foreign
-- keys, so that the state is still there and everything is deleted in the order of the locks.
create trigger "Calendar_connection_gone"
  after delete on public.calendar_connections
  for each row execute function calendar_private.connection_gone();

create function calendar_private.connections_truncating()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  connection public.calendar_connections;
  state public.calendar_sync_states;
begin
  for connection in select * from public.calendar_connections order by id loop
    select * into state from public.calendar_sync_states where connection_id = connection.id;
    perform calendar_private.queue_revocation(connection, state, 'truncated');
  end loop;
  return null;
end;
$$;

comment on function calendar_private.connections_truncating() is
  'Before a truncate of connections: their grants are to be withdrawn.';

create trigger calendar_connections_truncating
  before truncate on public.calendar_connections
  for each statement execute function calendar_private.connections_truncating();

create function calendar_private.connections_truncated()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  update public.users set calendar_connected = false
  where calendar_connected is distinct from false;
  return null;
end;
$$;

comment on function calendar_private.connections_truncated() is
  'After a truncate of connections nobody is connected.';

create trigger calendar_connections_truncated
  after truncate on public.calendar_connections
  for each statement execute function calendar_private.connections_truncated();

create function calendar_private.forget_user()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform from public.calendar_connections where user_id = old.id order by id for update;
  delete from public.calendar_connections where user_id = old.id;
  delete from public.calendar_sync_logs where user_id = old.id;
  delete from calendar_private.take_counts where user_id = old.id;
  delete from calendar_private.read_marks where user_id = old.id;
  return null;
end;
$$;

comment on function calendar_private.forget_user() is
  'When an auth user is deleted: the connections go before everything else that refers to it.';

-- A capital C for the same reason as above. Not a before trigger: the row is to be deleted by then, so
-- that a trigger of the app that writes to it finds nothing instead of making the deletion fail.
create trigger "Calendar_forget_user"
  after delete on auth.users
  for each row execute function calendar_private.forget_user();
