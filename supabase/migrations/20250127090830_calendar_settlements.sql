-- Purpose: what became of claimed connections: new tokens, busy times that were read, failures and when
--          the next try is.
-- Tables:  none changed.
-- Risks:   none to existing data. Nothing here can be called by a client.
--
-- Every function locks in the common order: connection, state, calendars, log, the app's users row.

create function calendar_private.settle_tokens(p_item jsonb, p_now timestamptz)
returns text
language plpgsql
set search_path = ''
as $$
declare
  version integer;
begin
  select token_version into version from public.calendar_connections
  where id = (p_item ->> 'connection')::uuid
  for no key update;
  if not found then
    return 'gone';
  elsif version <> (p_item ->> 'token_version')::integer then
    return 'stale';
  end if;
  update public.calendar_connections set
    sealed_access_token = p_item ->> 'sealed_access_token',
    sealed_refresh_token = coalesce(p_item ->> 'sealed_refresh_token', sealed_refresh_token),
    access_token_expires_at = p_now + (p_item ->> 'expires_in')::integer * interval '1 second',
    grant_expires_at = coalesce(
      p_now + (p_item ->> 'grant_expires_in')::integer * interval '1 second', grant_expires_at
    ),
    token_version = token_version + 1
  where id = (p_item ->> 'connection')::uuid;
  return 'ok';
end;
$$;

comment on function calendar_private.settle_tokens(jsonb, timestamptz) is
  'Keeps new tokens, unless others were saved since the claim.';

-- Locks in the common order: the connection, then its state.
create function calendar_private.settled_state(
  p_item jsonb,
  out answer text,
  out connection_status text
)
language plpgsql
set search_path = ''
as $$
declare
  held integer;
begin
  select status into connection_status from public.calendar_connections
  where id = (p_item ->> 'connection')::uuid
  for no key update;
  if not found then
    answer := 'gone';
    return;
  end if;
  select fence into held from public.calendar_sync_states
  where connection_id = (p_item ->> 'connection')::uuid
  for update;
  answer := case when held = (p_item ->> 'fence')::integer then 'ok' else 'fenced' end;
end;
$$;

comment on function calendar_private.settled_state(jsonb) is
  'Locks what a settlement is about, and says whether the lease is still the one it was made under.';

create function calendar_private.keep_list(p_state public.calendar_sync_states, p_listed jsonb)
returns void
language plpgsql
set search_path = ''
as $$
begin
  delete from public.calendar_calendars
  where connection_id = p_state.connection_id
    and calendar_id not in (select listed ->> 'id' from jsonb_array_elements(p_listed) as listed);
  insert into public.calendar_calendars as calendar (
    connection_id, calendar_id, user_id, name, time_zone, is_primary, selected
  )
  select distinct on (listed ->> 'id')
    p_state.connection_id,
    listed ->> 'id',
    p_state.user_id,
    listed ->> 'name',
    left(listed ->> 'time_zone', 64),
    (listed ->> 'primary')::boolean,
    (listed ->> 'primary')::boolean
  from jsonb_array_elements(p_listed) with ordinality as each (listed, position)
  where position <= 250
  order by listed ->> 'id', position
  on conflict (connection_id, calendar_id) do update set
    name = excluded.name,
    time_zone = excluded.time_zone,
    is_primary = excluded.is_primary;
  -- Something is always read, also after the only selected calendar has gone.
  if not exists (
    select from public.calendar_calendars
    where connection_id = p_state.connection_id and selected
  ) then
    update public.calendar_calendars set selected = true
    where connection_id = p_state.connection_id and is_primary;
  end if;
end;
$$;

comment on function calendar_private.keep_list(public.calendar_sync_states, jsonb) is
  'Replaces the list of an account''s calendars; what a user has selected stays selected.';

create function calendar_private.keep_busy(
  p_state public.calendar_sync_states,
  p_calendars jsonb,
  p_now timestamptz
)
returns void
language plpgsql
set search_path = ''
as $$
declare
  calendar jsonb;
  covered int4range;
  from_minute integer := extract(epoch from date_trunc('day', p_now, 'UTC') - interval '1 day') / 60;
  until_minute integer := extract(epoch from date_trunc('day', p_now, 'UTC') + interval '45 days') / 60;
begin
  for calendar in
    select value from jsonb_array_elements(p_calendars) as value order by value ->> 'id'
  loop
    if calendar ? 'fault' then
      -- What was known stays, and grows old: unknown is never free.
      update public.calendar_calendars set reason = calendar ->> 'fault'
      where connection_id = p_state.connection_id and calendar_id = calendar ->> 'id';
      continue;
    end if;
    covered := int4range(from_minute, greatest(
      from_minute, least(until_minute, coalesce((calendar ->> 'until')::integer, until_minute))
    ));
    -- Where the list could not be read, the account's own calendar goes by its other name.
    insert into public.calendar_calendars as kept (
      connection_id, calendar_id, user_id, is_primary, selected
    )
    select p_state.connection_id, calendar ->> 'id', p_state.user_id, true, true
    where calendar ->> 'id' in ('primary', 'default')
    on conflict do nothing;
    update public.calendar_calendars set
      busy = (calendar ->> 'busy')::int4multirange,
      busy_days = (
        select coalesce(range_agg(daterange((days ->> 0)::date, (days ->> 1)::date)), '{}')
        from jsonb_array_elements(calendar -> 'days') as days
      ),
      covers = nullif(covered, 'empty'),
      read_at = p_now,
      reason = null
    where connection_id = p_state.connection_id and calendar_id = calendar ->> 'id';
  end loop;
end;
$$;

comment on function calendar_private.keep_busy(public.calendar_sync_states, jsonb, timestamptz) is
  'Replaces the busy times of calendars that were read; the others keep theirs.';

create function calendar_private.settle_read(p_item jsonb, p_now timestamptz, p_random double precision)
returns text
language plpgsql
set search_path = ''
as $$
declare
  settled record;
  state public.calendar_sync_states;
  pause interval;
begin
  select * into settled from calendar_private.settled_state(p_item);
  if settled.answer <> 'ok' then
    return settled.answer;
  end if;
  select * into state from public.calendar_sync_states
  where connection_id = (p_item ->> 'connection')::uuid;
  pause := case
    when p_now - state.last_seen_at <= interval '24 hours' then interval '4 hours'
    when p_now - state.last_seen_at <= interval '14 days' then interval '1 day'
    else interval '7 days'
  end;
  update public.calendar_sync_states set
    due_at = p_now + pause * calendar_private.jitter(p_random),
    leased_until = null,
    unsettled = 0,
    failures = 0,
    strikes = 0,
    struck_at = null,
    flipped_at = null,
    last_ok_at = p_now,
    listed_at = case when p_item ->> 'listed' is null then listed_at else p_now end,
    failing_since = null,
    reason = null,
    verified_account = coalesce(p_item ->> 'account', '')
  where connection_id = state.connection_id;
  if p_item ->> 'listed' is not null then
    perform calendar_private.keep_list(state, p_item -> 'listed');
  end if;
  perform calendar_private.keep_busy(state, p_item -> 'calendars', p_now);
  if state.flipped_at is not null or state.failing_since <= p_now - interval '1 hour' then
    perform calendar_private.log(state.user_id, state.connection_id, state.provider, 'recovered');
  end if;
  -- The last, because it locks the app's users row.
  update public.calendar_connections set
    status = 'active',
    account_label = coalesce(account_label, nullif(left(p_item ->> 'label', 320), ''))
  where id = state.connection_id
    and (status <> 'active' or (account_label is null and p_item ->> 'label' is not null));
  return 'ok';
end;
$$;

comment on function calendar_private.settle_read(jsonb, timestamptz, double precision) is
  'Keeps what was read, ends every failure, and sets when the connection is read next.';

create function calendar_private.settle_failed(p_item jsonb, p_now timestamptz, p_random double precision)
returns text
language plpgsql
set search_path = ''
as $$
declare
  settled record;
  before public.calendar_sync_states;
  after public.calendar_sync_states;
  class text := p_item ->> 'class';
  wanted_status text;
  pause interval;
  asked interval := (p_item ->> 'retry_after')::integer * interval '1 second';
  daily interval := interval '1 day' * calendar_private.jitter(p_random);
begin
  select * into settled from calendar_private.settled_state(p_item);
  if settled.answer <> 'ok' then
    return settled.answer;
  end if;
  select * into before from public.calendar_sync_states
  where connection_id = (p_item ->> 'connection')::uuid;
  after := before;
  after.leased_until := null;
  after.unsettled := 0;
  after.failing_since := coalesce(before.failing_since, p_now);
  if class in ('transient', 'operator', 'admin', 'sealed') then
    after.failures := least(before.failures + 1, 1000);
  end if;

  if class = 'transient' then
    pause := greatest(
      interval '15 seconds',
      p_random * least(
        interval '6 hours', interval '1 minute' * power(2, least(after.failures - 1, 20))
      ),
      asked
    );
    if after.failing_since <= p_now - interval '24 hours' and before.flipped_at is null then
      after.reason := 'provider_unavailable';
    end if;
  elsif class = 'throttled' then
    pause := coalesce(asked, interval '30 seconds' + interval '60 seconds' * p_random);
    if before.flipped_at is null then
      after.reason := 'throttled';
    end if;
  elsif class = 'operator' then
    pause := (0.5 + 0.5 * p_random) * least(
      interval '6 hours', interval '15 minutes' * power(2, least(after.failures - 1, 20))
    );
    if before.flipped_at is null then
      after.reason := 'operator';
    end if;
  elsif class = 'admin' then
    pause := case when after.failures <= 7 then daily else 7 * daily end;
    after.reason := 'admin_blocked';
    wanted_status := 'error';
  elsif class = 'sealed' then
    pause := daily;
    after.reason := p_item ->> 'reason';
    wanted_status := case when after.reason = 'sealed_unreadable' then 'error' end;
  elsif class = 'user' then
    pause := interval '10 minutes' + interval '5 minutes' * p_random;
    if before.strikes = 0 then
      after.strikes := 1;
      after.struck_at := p_now;
    elsif p_now - before.struck_at < interval '10 minutes' then
      -- Too soon to count: two refusals within minutes can be one fault of the provider.
      pause := before.struck_at + pause - p_now;
    else
      after.strikes := least(before.strikes + 1, 1000);
      after.flipped_at := coalesce(before.flipped_at, p_now);
      after.reason := p_item ->> 'reason';
      wanted_status := case
        when after.reason in ('scope_missing', 'account_unusable', 'no_mailbox') then 'error'
        else 'expired'
      end;
      pause := daily;
    end if;
  else
    raise exception 'unknown class of failure' using errcode = '22023';
  end if;
  -- Nobody waits for an answer any more: only a new connect makes it due again.
  after.due_at := case
    when after.flipped_at <= p_now - interval '7 days' then 'infinity'
    else p_now + pause
  end;

  update public.calendar_sync_states set
    due_at = after.due_at,
    leased_until = null,
    unsettled = 0,
    failures = after.failures,
    strikes = after.strikes,
    struck_at = after.struck_at,
    flipped_at = after.flipped_at,
    failing_since = after.failing_since,
    reason = after.reason
  where connection_id = before.connection_id;
  perform calendar_private.log_failure(before, after, p_now);
  if wanted_status <> settled.connection_status then
    update public.calendar_connections set status = wanted_status where id = before.connection_id;
  end if;
  return 'ok';
end;
$$;

comment on function calendar_private.settle_failed(jsonb, timestamptz, double precision) is
  'Sets when a connection is tried again, by who has to act; a user''s second strike ends it.';

create function calendar_private.log_failure(
  p_before public.calendar_sync_states,
  p_after public.calendar_sync_states,
  p_now timestamptz
)
returns void
language plpgsql
set search_path = ''
as $$
declare
  event text := case
    when p_before.flipped_at is null and p_after.flipped_at is not null then 'reconnect_needed'
    when p_after.flipped_at is null
      and p_after.reason is distinct from p_before.reason
      and p_after.reason in ('admin_blocked', 'sealed_unreadable', 'key_missing') then 'failing'
    when p_after.flipped_at is null and p_before.tried_at is not null and exists (
      select from (values (interval '1 hour'), (interval '24 hours')) as mark (age)
      where p_after.failing_since + mark.age <= p_now
        and not exists (
          select from public.calendar_sync_logs as line
          where line.user_id = p_before.user_id and line.connection_id = p_before.connection_id
            and line.event = 'failing' and line.at >= p_after.failing_since + mark.age
        )
    ) then 'failing'
  end;
begin
  if event is not null then
    perform calendar_private.log(
      p_before.user_id, p_before.connection_id, p_before.provider, event, p_after.reason
    );
  end if;
end;
$$;

comment on function calendar_private.log_failure(
  public.calendar_sync_states, public.calendar_sync_states, timestamptz
) is
  'Tells the user that a connection has ended, or that it has been failing for an hour or a day.';

create function calendar_private.settle_release(p_item jsonb, p_now timestamptz)
returns text
language plpgsql
set search_path = ''
as $$
declare
  answer text;
begin
  select settled.answer into answer from calendar_private.settled_state(p_item) as settled;
  if answer = 'ok' then
    update public.calendar_sync_states set
      due_at = p_now, leased_until = null, unsettled = greatest(unsettled - 1, 0)
    where connection_id = (p_item ->> 'connection')::uuid;
  end if;
  return answer;
end;
$$;

comment on function calendar_private.settle_release(jsonb, timestamptz) is
  'Gives a lease back as if the connection had not been claimed.';
