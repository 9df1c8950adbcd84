-- Purpose: connections under way: what must be remembered between connect and callback.
-- Tables:  public.calendar_oauth_states (new), calendar_private.take_counts (new).
-- Risks:   none to existing data. A table of this name makes the migration fail.
--
-- A row lives ten minutes and is taken once. Nobody may update a row, because that would prolong it.
-- A user's expired rows go when that user starts again. Those of users who never come back can go
-- by pg_cron, where the project has it:
--   select cron.schedule('calendar-expired-states', '17 * * * *',
--     $$delete from public.calendar_oauth_states where expires_at <= now()$$);

create table public.calendar_oauth_states (
  user_id uuid not null default auth.uid() references auth.users (id) on delete cascade,
  state_hash text not null
    constraint calendar_oauth_states_state_hash_shape check (state_hash ~ '^[A-Za-z0-9_-]{43}$'),
  provider text not null
    constraint calendar_oauth_states_provider_known check (provider in ('google', 'outlook')),
  sealed_verifier text not null
    constraint calendar_oauth_states_sealed_verifier_is_an_envelope
    check (
      octet_length(sealed_verifier) <= 1024
      and sealed_verifier ~ '^v[0-9]+[.][0-9a-f]{8}[.][A-Za-z0-9_-]+$'
    ),
  connection_id uuid,
  expires_at timestamptz not null default now() + interval '10 minutes',
  primary key (user_id, state_hash)
);

comment on table public.calendar_oauth_states is
  'Started and not yet finished connections; at most five live ones per user.';
comment on column public.calendar_oauth_states.user_id is
  'Who started; a default, never sent by a client.';
comment on column public.calendar_oauth_states.state_hash is
  'base64url of the SHA-256 of the state parameter; the state itself is stored nowhere.';
comment on column public.calendar_oauth_states.provider is 'google or outlook.';
comment on column public.calendar_oauth_states.sealed_verifier is
  'The PKCE code verifier as an envelope v1.<key id>.<base64url>.';
comment on column public.calendar_oauth_states.connection_id is
  'The connection that is to be connected again; null for a new one. It may be gone by now.';
comment on column public.calendar_oauth_states.expires_at is
  'Ten minutes after the start, by the database''s clock; a default, never sent by a client.';

alter table public.calendar_oauth_states enable row level security;

create policy calendar_oauth_states_users_only on public.calendar_oauth_states
  as restrictive for all to authenticated
  using ((select calendar_private.caller()) is not null);

create policy calendar_oauth_states_select_own on public.calendar_oauth_states
  for select to authenticated
  using (user_id = (select auth.uid()));

create policy calendar_oauth_states_insert_own on public.calendar_oauth_states
  for insert to authenticated
  with check (user_id = (select auth.uid()));

create policy calendar_oauth_states_delete_own on public.calendar_oauth_states
  for delete to authenticated
  using (user_id = (select auth.uid()));

-- A trigger, not the function that opens states: clients may also insert by themselves.
-- The lock makes a user's inserts wait for each other; without it each of a burst counts before
-- any other is visible, and all of them stay.
-- After the insert and not before it: the foreign key has then locked the auth user, so that this
-- waits for a deletion of the account and the deletion does not wait for this.
-- Once per statement and not per row: a statement may insert thousands of rows.
create function calendar_private.make_room_for_states()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  owners uuid[] := array(select distinct user_id from opened order by user_id);
  owner uuid;
begin
  foreach owner in array owners loop
    perform pg_advisory_xact_lock(hashtextextended('calendar_oauth_states ' || owner, 0));
  end loop;
  delete from public.calendar_oauth_states as state
  using (
    select
      kept.user_id,
      kept.state_hash,
      row_number() over (
        partition by kept.user_id
        order by kept.expires_at > now() desc, opened.state_hash is not null desc,
          kept.expires_at desc, kept.state_hash
      ) as place
    from public.calendar_oauth_states as kept
    left join opened on opened.user_id = kept.user_id and opened.state_hash = kept.state_hash
    where kept.user_id = any (owners)
  ) as ranked
  where state.user_id = ranked.user_id and state.state_hash = ranked.state_hash
    and (ranked.place > 5 or state.expires_at <= now());
  return null;
end;
$$;

comment on function calendar_private.make_room_for_states() is
  'Keeps each user''s five newest live states, those just inserted first, and drops all others.';

create trigger calendar_make_room
  after insert on public.calendar_oauth_states
  referencing new table as opened
  for each statement execute function calendar_private.make_room_for_states();

-- Every state taken costs the app one call at the provider, in the operator's name.
create table calendar_private.take_counts (
  user_id uuid primary key references auth.users (id) on delete cascade,
  since timestamptz not null default now(),
  takes integer not null default 0
);

comment on table calendar_private.take_counts is
  'How many states a user has taken in the minute that began at since.';

-- Locks the user's count, so that of several takes at one time each sees those before it.
create function calendar_private.seconds_until_take()
returns integer
language plpgsql
security definer
set search_path = ''
as $$
declare
  caller uuid := calendar_private.caller();
  counted record;
begin
  if caller is null then
    raise exception 'only a signed-in user takes states' using errcode = '42501';
  end if;
  insert into calendar_private.take_counts as count (user_id) values (caller)
  on conflict (user_id) do update set
    since = case when count.since > now() - interval '1 minute' then count.since else now() end,
    takes = case when count.since > now() - interval '1 minute' then count.takes else 0 end
  returning count.since, count.takes into counted;
  if counted.takes < 20 then
    return 0;
  end if;
  return greatest(1, ceil(extract(epoch from counted.since + interval '1 minute' - now())));
end;
$$;

comment on function calendar_private.seconds_until_take() is
  'How long the caller has to wait after twenty takes in a minute; 0 where they need not.';

create function calendar_private.count_take()
returns void
language sql
security definer
set search_path = ''
as $$
  update calendar_private.take_counts set takes = takes + 1
  where user_id = calendar_private.caller();
$$;

comment on function calendar_private.count_take() is
  'Counts one take of the caller, after calendar_private.seconds_until_take.';
