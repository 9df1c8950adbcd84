-- Purpose: the background worker's claims: which connections are due, and for whom they are leased.
-- Tables:  calendar_private.read_marks (new).
-- Risks:   none to existing data.
--
-- A claim leases rows: due_at moves to the end of the lease, so that the rows of a worker that died
-- become due again by themselves. A settlement counts where the fence is still the one of the claim
-- (schedule, calendars) or the token_version is (tokens). All times are the database's.
--
-- The public functions take the worker's argument without the members now and random, which only
-- tests use: they call the functions of calendar_private as their owner.

create table calendar_private.read_marks (
  user_id uuid not null,
  provider text not null,
  account_id text not null,
  marked_at timestamptz not null,
  primary key (user_id, provider, account_id)
);

comment on table calendar_private.read_marks is
  'When a user last asked for an account to be read. Not a column of the connection, because that '
  'would begin anew with each reconnect.';

create function calendar_private.jitter(p_random double precision)
returns double precision
language sql
immutable
set search_path = ''
as $$ select 0.8 + 0.4 * p_random; $$;

comment on function calendar_private.jitter(double precision) is
  'A factor from 0.8 to 1.2, so that what was due together is not due together again.';

-- Two steps, ids first: in one statement, a LIMIT that is a parameter gets a plan for a tenth of the
-- table, which takes seconds where there are a million rows.
create function calendar_private.claimable(
  p_provider text,
  p_limit integer,
  p_now timestamptz,
  out ids uuid[],
  out quarantined boolean
)
language plpgsql
set search_path = ''
set plan_cache_mode = force_custom_plan
as $$
begin
  quarantined := false;
  select array_agg(due.connection_id) into ids
  from (
    select state.connection_id
    from public.calendar_sync_states as state
    where state.provider = p_provider and state.due_at <= p_now and state.unsettled < 3
    order by state.due_at
    limit p_limit
    for update skip locked
  ) as due;
  if ids is not null then
    return;
  end if;
  -- A connection that ended its worker three times is read alone, so that it takes nobody along.
  select array_agg(due.connection_id), true into ids, quarantined
  from (
    select state.connection_id
    from public.calendar_sync_states as state
    where state.provider = p_provider and state.due_at <= p_now and state.unsettled >= 3
    order by state.due_at
    limit 1
    for update skip locked
  ) as due;
end;
$$;

comment on function calendar_private.claimable(text, integer, timestamptz) is
  'Locks and names the connections of a provider that are due, the longest due first.';

create function calendar_private.begin_run(p jsonb, p_now timestamptz)
returns uuid
language plpgsql
set search_path = ''
as $$
declare
  run uuid := (p ->> 'run')::uuid;
  began timestamptz;
begin
  if run is not null then
    update calendar_private.sync_runs
    set beat_at = p_now, function_clock = to_timestamp((p ->> 'clock')::double precision)
    where id = run and ended_at is null
    returning began_at into began;
    return case when began > p_now - interval '60 seconds' then run end;
  end if;
  -- Anybody may cause a tick: it must cost one look-up where there is nothing to do.
  if not exists (
    select from public.calendar_sync_states
    where provider = p ->> 'provider' and due_at <= p_now
  ) then
    return null;
  end if;
  perform pg_advisory_xact_lock(hashtextextended('calendar_sync_runs', 0));
  if (
    select count(*) from calendar_private.sync_runs
    where beat_at > p_now - interval '30 seconds' and purpose = 'tick' and ended_at is null
  ) >= 4 then
    return null;
  end if;
  insert into calendar_private.sync_runs (id, purpose, began_at, beat_at, function_clock)
  values (
    gen_random_uuid(), 'tick', p_now, p_now, to_timestamp((p ->> 'clock')::double precision)
  )
  returning id into run;
  return run;
end;
$$;

comment on function calendar_private.begin_run(jsonb, timestamptz) is
  'The run that may claim: a new one where fewer than four are alive, or this one in its first minute.';

create function calendar_private.claimed_items(p_ids uuid[], p_now timestamptz)
returns jsonb
language sql
stable
set search_path = ''
set timezone = 'UTC'
as $$
  select coalesce(
    jsonb_agg(
      jsonb_build_object(
        'connection', connection.id,
        'user', connection.user_id,
        'provider', connection.provider,
        'account', connection.account_id,
        'status', connection.status,
        'strikes', state.strikes,
        'fence', state.fence,
        'token_version', connection.token_version,
        'sealed_access_token', connection.sealed_access_token,
        'sealed_refresh_token', connection.sealed_refresh_token,
        'access_expires_in', extract(epoch from connection.access_token_expires_at - p_now),
        'list_due',
        state.listed_at is null or state.listed_at < p_now - interval '7 days' or exists (
          select from public.calendar_calendars as gone
          where gone.connection_id = connection.id and gone.selected and gone.reason = 'gone'
        ),
        'tentative_counts', coalesce(settings.tentative_counts, true),
        'window', jsonb_build_object(
          'from', to_char(date_trunc('day', p_now) - interval '1 day', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
          'until', to_char(date_trunc('day', p_now) + interval '45 days', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
        ),
        'calendars', coalesce(
          (
            select jsonb_agg(chosen.calendar_id)
            from (
              select calendar.calendar_id
              from public.calendar_calendars as calendar
              where calendar.connection_id = connection.id and calendar.selected
              order by calendar.read_at nulls first, calendar.calendar_id
              limit 20
            ) as chosen
          ),
          '[]'
        )
      )
      order by array_position(p_ids, connection.id)
    ),
    '[]'
  )
  from public.calendar_connections as connection
  join public.calendar_sync_states as state on state.connection_id = connection.id
  left join public.calendar_settings as settings on settings.user_id = connection.user_id
  where connection.id = any (p_ids);
$$;

comment on function calendar_private.claimed_items(uuid[], timestamptz) is
  'What the worker must know of the connections it has leased.';

create function calendar_private.claim(p jsonb)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  t timestamptz := coalesce((p ->> 'now')::timestamptz, now());
  run uuid;
  ids uuid[];
  quarantined boolean := false;
begin
  if p ->> 'user' is null then
    run := calendar_private.begin_run(p, t);
    if run is null then
      return jsonb_build_object('run', null, 'items', '[]'::jsonb);
    end if;
    select found.ids, found.quarantined into ids, quarantined
    from calendar_private.claimable(
      p ->> 'provider', least((p ->> 'limit')::integer, 64), t
    ) as found;
  else
    select array_agg(marked.connection_id order by marked.connection_id) into ids
    from (
      select state.connection_id
      from public.calendar_sync_states as state
      where state.user_id = (p ->> 'user')::uuid and state.marked
        and (state.leased_until is null or state.leased_until <= t) and state.unsettled < 3
      order by state.connection_id
      limit 20
      for update skip locked
    ) as marked;
  end if;
  update public.calendar_sync_states set
    leased_until = t + interval '90 seconds',
    due_at = case
      when quarantined then t + least(interval '1 day', interval '1 hour' * power(2, unsettled - 3))
      else t + interval '90 seconds'
    end,
    reason = case when quarantined then 'quarantined' else reason end,
    tried_at = t,
    fence = fence + 1,
    unsettled = least(unsettled + 1, 100),
    marked = false
  where connection_id = any (ids);
  return jsonb_build_object('run', run, 'items', calendar_private.claimed_items(ids, t));
end;
$$;

comment on function calendar_private.claim(jsonb) is
  'Leases connections for 90 seconds: those that are due, or those that a user asks to be read now.';
