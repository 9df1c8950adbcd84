-- What the worker writes and users read: health, reasons, logs, busy times; and the users' settings.
begin;
select plan(53);

insert into auth.users (id, email) values
  ('00000000-0000-4000-8000-00000000000a', 'owner@example.com'),
  ('00000000-0000-4000-8000-00000000000b', 'stranger@example.com');
insert into public.calendar_connections (id, user_id, provider, calendar_id, scopes,
  sealed_access_token, sealed_refresh_token)
values ('00000000-0000-4000-8000-0000000000c1', '00000000-0000-4000-8000-00000000000a', 'google',
  'primary', '{}', 'v1.00000000.AAAA', 'v1.00000000.BBBB');

create function pg_temp.status() returns jsonb language sql as
$$select public.calendar_status('00000000-0000-4000-8000-00000000000a')$$;
create function pg_temp.be(who text) returns text language sql as $$
  select set_config('request.jwt.claims', jsonb_build_object('sub', case who
    when 'owner' then '00000000-0000-4000-8000-00000000000a'
    else '00000000-0000-4000-8000-00000000000b'
  end)::text, true)
$$;
select pg_temp.be('owner');

-- a state comes with its connection

select results_eq(
  $$
    select user_id, provider, due_at = now(), fence, unsettled, last_ok_at, reason, verified_account
    from public.calendar_sync_states
    where connection_id = '00000000-0000-4000-8000-0000000000c1'
  $$,
  $$
    values ('00000000-0000-4000-8000-00000000000a'::uuid, 'google', true, 0, 0, null::timestamptz,
      null::text, null::text)
  $$,
  'a new connection is due at once'
);

-- health

set local role authenticated;
select is(pg_temp.status() -> 'sync', '{"healthy": null, "last_run_at": null}',
  'where no run was ever seen nothing is known');
select is(pg_temp.status() #> '{connections,0,next_sync_at}', 'null', 'not even when it is read next');
reset role;
insert into calendar_private.sync_runs (id, purpose, began_at, beat_at, ended_at)
values (gen_random_uuid(), 'now', now(), now(), now());
set local role authenticated;
select is(pg_temp.status() #> '{sync,healthy}', 'null', 'a run that a user asked for is no sign of life');
reset role;
insert into calendar_private.sync_runs (id, purpose, began_at, beat_at, ended_at)
values (gen_random_uuid(), 'tick', now() - interval '7 minutes', now() - interval '6 minutes',
  now() - interval '6 minutes');
set local role authenticated;
select is(pg_temp.status() #> '{sync,healthy}', 'true', 'nothing has been waiting for long');
select is(pg_temp.status() #> '{sync,last_run_at}', to_jsonb(now() - interval '6 minutes'),
  'the last run is told');
select is(pg_temp.status() #> '{connections,0,next_sync_at}', to_jsonb(now()), 'and the next read');
reset role;
update public.calendar_sync_states set due_at = now() - interval '6 minutes';
set local role authenticated;
select is(pg_temp.status() #> '{sync,healthy}', 'false', 'something has been waiting for five minutes');
reset role;
insert into calendar_private.sync_runs (id, purpose, ended_at) values (gen_random_uuid(), 'tick', now());
set local role authenticated;
select is(pg_temp.status() #> '{sync,healthy}', 'true', 'a run has just ended');
select throws_ok('select * from calendar_private.sync_runs', '42501', null, 'runs are private');
reset role;
select is(calendar_private.anything_due(now() - interval '6 minutes'), true, 'due is due');
select is(calendar_private.anything_due(now() - interval '7 minutes'), false, 'and not before');
alter table public.calendar_connections drop constraint calendar_connections_provider_known;
insert into public.calendar_connections (user_id, provider, calendar_id, scopes, sealed_access_token,
  sealed_refresh_token)
values ('00000000-0000-4000-8000-00000000000b', 'zimbra', 'c', '{}', 'v1.00000000.AAAA',
  'v1.00000000.BBBB');
update public.calendar_sync_states set due_at = 'infinity' where provider = 'google';
select is(calendar_private.anything_due(now()), true, 'whichever provider it is');
delete from public.calendar_connections where provider = 'zimbra';

-- how reading goes

set local role authenticated;
select is(pg_temp.status() #> '{connections,0,next_sync_at}', 'null', 'never is no time');
reset role;
update public.calendar_sync_states set due_at = now(), failing_since = now() - interval '1 day',
  last_ok_at = now() - interval '2 days', reason = 'provider_unavailable';
set local role authenticated;
select results_eq(
  $$
    select entry - 'id' - 'connected_at' from jsonb_array_elements(pg_temp.status() -> 'connections')
      as entry
  $$,
  $$
    values (jsonb_build_object(
      'provider', 'google', 'status', 'active', 'calendar_id', 'primary', 'account_label', null,
      'account_class', null, 'scopes', '[]'::jsonb, 'last_sync_at', now() - interval '2 days',
      'reason', 'provider_unavailable', 'needs_reconnect', false,
      'failing_since', now() - interval '1 day', 'next_sync_at', now(), 'grant_expires_at', null
    ))
  $$,
  'a failure is told with its reason'
);
reset role;
create temporary table needs as
select reason, false as reconnect from unnest(array[
  'grant_ended', 'sign_in_again', 'scope_missing', 'account_unusable', 'admin_blocked',
  'client_changed', 'key_missing', 'sealed_unreadable', 'provider_unavailable', 'throttled',
  'operator', 'no_mailbox', 'quarantined'
]) as reason;
do $$
declare
  each text;
begin
  for each in select reason from needs loop
    update public.calendar_sync_states set reason = each;
    update needs set reconnect = (select needs_reconnect from public.calendar_connection_details)
    where needs.reason = each;
  end loop;
end;
$$;
select results_eq(
  'select reason from needs where reconnect order by 1',
  $$values ('grant_ended'), ('scope_missing'), ('sign_in_again')$$,
  'reconnecting helps against three reasons'
);
select throws_ok($$update public.calendar_sync_states set reason = 'tired'$$, '23514', null,
  'another reason is refused');

-- logs

select results_eq(
  $$
    select event, connection_id from public.calendar_sync_logs
    where user_id = '00000000-0000-4000-8000-00000000000a' order by id
  $$,
  $$values ('connected', '00000000-0000-4000-8000-0000000000c1'::uuid)$$,
  'a connect is logged'
);
select lives_ok(
  $$
    select calendar_private.log('00000000-0000-4000-8000-00000000000a', null, 'google', 'failing',
      'provider_unavailable', 503, 'request-1')
    from generate_series(1, 300)
  $$,
  '300 lines are written'
);
set local role authenticated;
select is(count(*), 200::bigint, 'the newest 200 are kept, and read by their user')
from public.calendar_sync_logs;
select is(distinct_events, '{failing}', 'not the oldest')
from (select array_agg(distinct event) as distinct_events from public.calendar_sync_logs) as t;
select throws_ok(
  $$
    insert into public.calendar_sync_logs (user_id, event)
    values ('00000000-0000-4000-8000-00000000000a', 'forged')
  $$,
  '42501', null, 'no user writes a log'
);
select throws_ok('delete from public.calendar_sync_logs', '42501', null, 'or takes from it');
select pg_temp.be('stranger');
select results_eq(
  'select event from public.calendar_sync_logs order by id',
  $$values ('connected'), ('disconnected')$$, 'a stranger reads their own'
);
select throws_ok(
  $$select calendar_private.log('00000000-0000-4000-8000-00000000000a', null, null, 'forged')$$,
  '42501', null, 'and calls no private function'
);
reset role;
select is(count(*), 200::bigint, 'other lines keep') from public.calendar_sync_logs
where user_id = '00000000-0000-4000-8000-00000000000a';

-- busy times

insert into public.calendar_calendars (connection_id, calendar_id, user_id, time_zone, selected, busy,
  busy_days, covers)
values
  ('00000000-0000-4000-8000-0000000000c1', 'mine', '00000000-0000-4000-8000-00000000000a',
    'Europe/Berlin', true, '{[29000000,29000030), [29000060,29000090)}',
    '{[2026-03-29,2026-03-30)}', '[28999000,29050000)'),
  ('00000000-0000-4000-8000-0000000000c1', 'not selected', '00000000-0000-4000-8000-00000000000a',
    'Nowhere/At_All', false, '{[29000000,29000030)}', '{}', null);
select results_eq(
  'select calendar_id, time_zone, covers_until from public.calendar_calendars order by 1',
  $$
    values ('mine', 'Europe/Berlin', '2025-03-26 14:40:00+00'::timestamptz),
      ('not selected', null, null)
  $$,
  'a time zone that Postgres does not know is stored as unknown'
);
set local role authenticated;
select pg_temp.be('owner');
select results_eq(
  $$
    select calendar_id, starts_at, ends_at, all_day from public.calendar_busy_times
    order by starts_at
  $$,
  $$
    values ('mine', '2025-02-19 21:20:00+00'::timestamptz, '2025-02-19 21:50:00+00'::timestamptz, false),
      ('mine', '2025-02-19 22:20:00+00', '2025-02-19 22:50:00+00', false),
      ('mine', '2026-03-28 23:00:00+00', '2026-03-29 22:00:00+00', true)
  $$,
  'the busy times of selected calendars, whole days in the calendar''s zone: this one has 23 hours'
);
select lives_ok(
  $$insert into public.calendar_settings (time_zone) values ('Pacific/Auckland')$$,
  'the user sets a time zone'
);
select results_eq(
  'select starts_at, ends_at from public.calendar_busy_times where all_day',
  $$values ('2026-03-28 11:00:00+00'::timestamptz, '2026-03-29 11:00:00+00'::timestamptz)$$,
  'which whole days follow'
);
select throws_ok(
  $$update public.calendar_calendars set selected = true$$, '42501', null,
  'a user does not write the worker''s rows'
);
select throws_ok(
  format(
    $$
      insert into public.calendar_calendars (connection_id, calendar_id, user_id)
      values ('00000000-0000-4000-8000-0000000000c1', %L, '00000000-0000-4000-8000-00000000000a')
    $$,
    'evil'
  ),
  '42501', null, 'nor makes any'
);
select pg_temp.be('stranger');
select is_empty('select * from public.calendar_busy_times', 'a stranger sees no busy times');
select is_empty('select * from public.calendar_calendars', 'nor calendars');
select is_empty('select connection_id from public.calendar_sync_states', 'nor states');
select is_empty('select * from public.calendar_settings', 'nor settings');
set local role service_role;
select is(count(*), 3::bigint, 'the app''s server sees everybody''s busy times')
from public.calendar_busy_times;
select isnt_empty('select * from public.calendar_connection_details', 'and connections');
reset role;
select throws_ok(
  format('insert into public.calendar_calendars (connection_id, calendar_id, user_id) values (
    ''00000000-0000-4000-8000-0000000000c1'', %L, ''00000000-0000-4000-8000-00000000000a'')', id),
  '23514', null, format('the calendar id %s is refused', to_jsonb(left(id, 5)))
)
from unnest(array['', '.', '..', E'a\nb', repeat('x', 1025)]) as id;

-- settings

set local role authenticated;
select pg_temp.be('owner');
select lives_ok(
  $$
    update public.calendar_settings set working_hours = '{[540,1020),[1980,2460)}',
      minutes_per_action = 45, reserve_percent = 0, min_block_minutes = 5, max_actions = 50,
      tentative_counts = false, time_zone = 'Pacific/Auckland'
  $$,
  'the user says how they work'
);
select throws_ok(
  format('update public.calendar_settings set %s', change), '23514', null, change || ' is refused'
)
from unnest(array[
  $$time_zone = 'FOO5'$$, $$time_zone = 'Factory'$$, $$working_hours = '{[10000,10081)}'$$,
  'working_hours = ''{[0,)}''', 'minutes_per_action = 4', 'reserve_percent = 101',
  'min_block_minutes = 4', 'max_actions = 51'
]) as change;
select lives_ok('delete from public.calendar_settings', 'the settings can be given up');

select * from finish();
rollback;
