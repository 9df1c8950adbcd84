-- Purpose: wake the worker when something is due, by pg_cron and pg_net where the project has them.
-- Tables:  none. Writes calendar_private.config and, by pg_cron, one job named calendar-sync.
-- Risks:   none until somebody schedules: select calendar_private.schedule('https://<ref>.supabase.co/functions/v1/calendar-sync').
--
-- The call carries no secret: anybody may send it, and it causes what is due and nothing else. So there
-- is nothing in cron.job, net.http_request_queue or Vault to steal, to copy wrongly or to rotate.
-- cron and net are looked up by name, because neither has to exist.

create function calendar_private.schema_named(p_name text)
returns name
language sql
stable
set search_path = ''
as $$ select nspname from pg_catalog.pg_namespace where nspname = p_name; $$;

comment on function calendar_private.schema_named(text) is
  'The schema of this name, if there is one.';

create function calendar_private.tick()
returns integer
language plpgsql
security definer
set search_path = ''
as $$
declare
  url text := (select function_url from calendar_private.config);
  due integer;
  calls integer;
begin
  if url is null then
    return 0;
  end if;
  -- Provider by provider, each by the index that the claims use.
  with recursive provider (name) as (
    select min(state.provider) from public.calendar_sync_states as state
    union all
    select (
      select min(state.provider) from public.calendar_sync_states as state
      where state.provider > provider.name
    )
    from provider
    where provider.name is not null
  )
  select coalesce(sum(waiting.rows), 0) into due
  from provider
  cross join lateral (
    select count(*) as rows
    from (
      select from public.calendar_sync_states as state
      where state.provider = provider.name and state.due_at <= now()
      limit 601
    ) as found
  ) as waiting;
  if due = 0 then
    return 0;
  end if;
  -- One run reads some 200 connections a minute or more; at most four are alive at a time.
  calls := least(4, 1 + due / 200);
  for n in 1..calls loop
    execute format(
      'select %I.http_post(url := $1, body := $2, timeout_milliseconds := 5000)',
      calendar_private.schema_named('net')
    )
    using url || '/tick', '{}'::jsonb;
  end loop;
  return calls;
end;
$$;

comment on function calendar_private.tick() is
  'Calls the worker where something is due, and answers how often; nothing due costs no call.';

create function calendar_private.schedule(p_url text, p_on boolean default true)
returns text
language plpgsql
set search_path = ''
as $$
declare
  missing text;
  cron name := calendar_private.schema_named('cron');
begin
  if not p_on then
    update calendar_private.config set function_url = null where function_url is not null;
    if to_regclass('cron.job') is not null then
      execute format(
        $cron$ select %1$I.unschedule(jobid) from %1$I.job where jobname = 'calendar-sync' $cron$, cron
      );
    end if;
    return 'Calendars are no longer read by schedule.';
  end if;
  if p_url is null
    or p_url !~ '^(https://[A-Za-z0-9.-]+|http://(localhost|127[.]0[.]0[.]1|host[.]docker[.]internal))(:[0-9]{1,5})?(/[A-Za-z0-9._-]+)*/calendar-sync$'
  then
    raise exception 'p_url must be the https address of the function, ending in /calendar-sync'
      using
        errcode = '22023',
        hint = 'For example https://<ref>.supabase.co/functions/v1/calendar-sync';
  end if;
  missing := concat_ws(
    ' and ',
    case when to_regclass('cron.job') is null then 'pg_cron' end,
    case when to_regproc('net.http_post') is null then 'pg_net' end
  );
  if missing <> '' then
    raise exception 'the database lacks %', missing
      using hint = 'Enable it in the dashboard under Database, Extensions, and run this again; or let '
        'another scheduler send POST /tick to the function once a minute.';
  end if;
  update calendar_private.config set function_url = p_url where function_url is distinct from p_url;
  -- One job by this name, whoever made an older one; some versions of pg_cron refuse shorter intervals.
  execute format(
    $cron$
      select %1$I.unschedule(jobid) from %1$I.job
      where jobname = 'calendar-sync'
        and (schedule, command, active)
          is distinct from ('* * * * *', 'select calendar_private.tick()', true)
    $cron$,
    cron
  );
  execute format(
    $cron$
      select %1$I.schedule('calendar-sync', '* * * * *', 'select calendar_private.tick()')
      where not exists (select from %1$I.job where jobname = 'calendar-sync')
    $cron$,
    cron
  );
  return 'Calendars are read by schedule, through ' || p_url || '.';
end;
$$;

comment on function calendar_private.schedule(text, boolean) is
  'Turns reading by schedule on, or with false off. For the operator; running it again changes nothing.';
