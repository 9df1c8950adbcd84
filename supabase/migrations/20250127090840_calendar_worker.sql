-- Purpose: the worker's three functions, and the one by which a user asks to be read now.
-- Tables:  none changed.
-- Risks:   none to existing data. Three are for the service role; calendar_refresh_mine is for signed-in
--          users and concerns their own rows.

create function calendar_private.settle(p jsonb)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  t timestamptz := coalesce((p ->> 'now')::timestamptz, now());
  answers text[] := array_fill('error'::text, array[jsonb_array_length(p -> 'items')]);
  item jsonb;
  place integer;
  drawn double precision;
begin
  for item, place in
    select each.item, each.place
    from jsonb_array_elements(p -> 'items') with ordinality as each (item, place)
    order by each.item ->> 'connection', each.place
  loop
    drawn := coalesce((p ->> 'random')::double precision, random());
    begin
      answers[place] := case item ->> 'kind'
        when 'tokens' then calendar_private.settle_tokens(item, t)
        when 'read' then calendar_private.settle_read(item, t, drawn)
        when 'failed' then calendar_private.settle_failed(item, t, drawn)
        when 'release' then calendar_private.settle_release(item, t)
        else 'error'
      end;
    exception when others then
      -- The other items count; this one's lease runs out.
      raise warning 'calendar_sync_settle: %', sqlstate;
    end;
  end loop;
  return jsonb_build_object('answers', to_jsonb(answers));
end;
$$;

comment on function calendar_private.settle(jsonb) is
  'Takes what became of claimed connections, each by itself, and answers for each whether it counted.';

create function calendar_private.report(p jsonb)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  t timestamptz := coalesce((p ->> 'now')::timestamptz, now());
begin
  update calendar_private.sync_runs set
    beat_at = t,
    ended_at = case when (p ->> 'end')::boolean then t else ended_at end,
    counts = coalesce(p -> 'counts', counts) || jsonb_build_object('alarms', coalesce(p -> 'alarms', '[]'))
  where id = (p ->> 'run')::uuid;
  delete from calendar_private.sync_runs where id in (
    select old.id from calendar_private.sync_runs as old
    where old.beat_at < t - interval '14 days'
    limit 100
    for update skip locked
  );
  delete from public.calendar_sync_logs where id in (
    select old.id from public.calendar_sync_logs as old
    where old.at < t - interval '30 days'
    limit 100
    for update skip locked
  );
  return '{}'::jsonb;
end;
$$;

comment on function calendar_private.report(jsonb) is
  'Notes that a run is alive or has ended, and removes a little of what is older than it is kept.';

create function calendar_private.mark_mine()
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  caller uuid := calendar_private.caller();
  mine record;
  why text;
  until timestamptz;
  marked integer := 0;
  waiting jsonb := '[]'::jsonb;
begin
  if caller is null then
    raise exception 'there is no caller' using errcode = '42501';
  end if;
  delete from calendar_private.read_marks
  where user_id = caller and marked_at < now() - interval '1 hour';
  for mine in
    select state.*, coalesce(connection.account_id, '') as account_id
    from public.calendar_sync_states as state
    join public.calendar_connections as connection on connection.id = state.connection_id
    where state.user_id = caller
    order by state.connection_id
    for update of state skip locked
  loop
    why := null;
    until := mine.due_at;
    if mine.leased_until > now() then
      why := 'refreshing';
      until := mine.leased_until;
    elsif mine.unsettled >= 3 then
      why := 'quarantined';
    elsif mine.due_at > now()
      and (mine.failures > 0 or mine.strikes > 0 or mine.reason is not null)
    then
      why := coalesce(mine.reason, 'provider_unavailable');
    else
      insert into calendar_private.read_marks as mark (user_id, provider, account_id, marked_at)
      values (caller, mine.provider, mine.account_id, now())
      on conflict (user_id, provider, account_id) do update set marked_at = now()
      where mark.marked_at <= now() - interval '60 seconds';
      if not found then
        why := 'recently_read';
        until := now() + interval '60 seconds';
      end if;
    end if;
    if why is null then
      update public.calendar_sync_states set marked = true, last_seen_at = now()
      where connection_id = mine.connection_id;
      marked := marked + 1;
    else
      waiting := waiting || jsonb_build_object(
        'connection', mine.connection_id,
        'reason', why,
        'retry_after', case when isfinite(until) then
          greatest(1, ceil(extract(epoch from until - now())))::integer
        end
      );
    end if;
  end loop;
  return jsonb_build_object('marked', marked, 'waiting', waiting);
end;
$$;

comment on function calendar_private.mark_mine() is
  'Marks the caller''s connections to be read now: each account at most once a minute, and never '
  'before a pause that a provider or a failure has set.';

create function public.calendar_refresh_mine(p_user_id uuid)
returns jsonb
language plpgsql
set search_path = ''
as $$
begin
  perform calendar_private.require_caller(p_user_id);
  return calendar_private.mark_mine();
end;
$$;

comment on function public.calendar_refresh_mine(uuid) is
  'Marks the caller''s connections to be read now; answers which have to wait, why and how long.';

create function public.calendar_sync_claim(p jsonb)
returns jsonb
language sql
set search_path = ''
as $$ select calendar_private.claim(p - 'now' - 'random'); $$;

comment on function public.calendar_sync_claim(jsonb) is
  'For the worker: leases connections to be read.';

create function public.calendar_sync_settle(p jsonb)
returns jsonb
language sql
set search_path = ''
as $$ select calendar_private.settle(p - 'now' - 'random'); $$;

comment on function public.calendar_sync_settle(jsonb) is
  'For the worker: takes what became of leased connections.';

create function public.calendar_sync_report(p jsonb)
returns jsonb
language sql
set search_path = ''
as $$ select calendar_private.report(p - 'now' - 'random'); $$;

comment on function public.calendar_sync_report(jsonb) is
  'For the worker: says that a run is alive or has ended.';
