-- Connections as their owner, a stranger and a signed-out visitor meet them.
begin;
select plan(60);

insert into auth.users (id, email) values
  ('00000000-0000-4000-8000-00000000000a', 'owner@example.com'),
  ('00000000-0000-4000-8000-00000000000b', 'stranger@example.com');

-- the owner

set local role authenticated;
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-00000000000a"}';

select results_eq(
  $$
    select entry - 'id' - 'connected_at'
    from jsonb_array_elements(public.calendar_save_connection(
      '00000000-0000-4000-8000-00000000000a', 'google', null, 'account', 'a@example.com',
      'google', '{calendar.read}', 'v1.00000000.AAAA', 'v1.00000000.BBBB', 3600, 604800, 10
    ) -> 'connections') as entry
  $$,
  $$
    values (jsonb_build_object(
      'provider', 'google', 'status', 'active', 'calendar_id', 'primary',
      'account_label', 'a@example.com', 'account_class', 'google',
      'scopes', '["calendar.read"]'::jsonb, 'last_sync_at', null, 'reason', null,
      'needs_reconnect', false, 'failing_since', null, 'next_sync_at', null,
      'grant_expires_at', to_jsonb(now() + interval '7 days')
    ))
  $$,
  'saving answers with the connection and without what is sealed'
);
select results_eq(
  $$
    select user_id, provider, status, account_id, access_token_expires_at, grant_expires_at
    from public.calendar_connection_details
  $$,
  $$
    values ('00000000-0000-4000-8000-00000000000a'::uuid, 'google', 'active', 'account',
      now() + interval '1 hour', now() + interval '7 days')
  $$,
  'the owner sees the row, with times by the database''s clock'
);
select lives_ok('select * from public.calendar_connection_details', 'select * works on the view');
select throws_ok('select * from public.calendar_connections', '42501', null,
  'select * of the table would show what is sealed');
select throws_ok('select sealed_refresh_token from public.calendar_connections', '42501', null,
  'the owner cannot select a sealed token');
select throws_ok(
  $$
    insert into public.calendar_connections (provider, account_id, scopes, sealed_access_token,
      sealed_refresh_token)
    values ('google', 'account', '{}', 'v1.00000000.CCCC', 'v1.00000000.DDDD')
    on conflict (user_id, provider, account_id) do update set
      sealed_access_token = excluded.sealed_access_token
  $$,
  '42501', null, 'nor read one by an upsert'
);

-- the answer

select matches(
  public.calendar_status('00000000-0000-4000-8000-00000000000a')
    #>> '{connections,0,connected_at}',
  '^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?[+]00:00$', 'times are ISO 8601 in UTC'
);
set local timezone = 'Asia/Kolkata';
select matches(
  public.calendar_status('00000000-0000-4000-8000-00000000000a')
    #>> '{connections,0,connected_at}',
  '[+]00:00$', 'whatever the session''s time zone'
);
reset role;
update public.calendar_connections set connected_at = now() - interval '1 day';
set local role authenticated;
select is(
  jsonb_path_query_array(public.calendar_save_connection(
    '00000000-0000-4000-8000-00000000000a', 'outlook', null, null, null, null, '{}',
    'v1.00000000.AAAA', 'v1.00000000.CCCC', null, null, 10
  ), '$.connections[*].provider'),
  '["outlook", "google"]', 'the newest comes first'
);
select results_eq(
  $$
    select calendar_id, access_token_expires_at, grant_expires_at, account_label
    from public.calendar_connection_details where provider = 'outlook'
  $$,
  $$values ('default', null::timestamptz, null::timestamptz, null::text)$$,
  'what the provider did not say is null'
);

-- what users may not write

reset role;
delete from public.calendar_connections;
set local role authenticated;
insert into public.calendar_connections (
  provider, account_id, scopes, sealed_access_token, sealed_refresh_token
) values ('google', 'account', '{}', 'v1.00000000.AAAA', 'v1.00000000.BBBB');
select results_eq(
  $$
    select user_id, status, calendar_id, connected_at = now(), updated_at = now()
    from public.calendar_connections
  $$,
  $$values ('00000000-0000-4000-8000-00000000000a'::uuid, 'active', 'primary', true, true)$$,
  'an insert past the function is a connect as well'
);
select throws_ok(
  format(
    'insert into public.calendar_connections (provider, scopes, sealed_access_token,
       sealed_refresh_token, %1$I)
     values (''google'', ''{}'', ''v1.00000000.AAAA'', ''v1.00000000.CCCC'', %2$L)', name, value
  ),
  '42501', null, name || ' is never sent'
)
from (values
  ('id', '00000000-0000-4000-8000-00000000000c'),
  ('user_id', '00000000-0000-4000-8000-00000000000b'), ('status', 'active'),
  ('calendar_id', '../messages'), ('token_version', '7'), ('connected_at', '2030-01-01'),
  ('updated_at', '2030-01-01')
) as sent (name, value);
select throws_ok(
  format('update public.calendar_connections set %I = %L', name, value), '42501', null,
  name || ' is never changed'
)
from (values
  ('id', '00000000-0000-4000-8000-00000000000c'),
  ('user_id', '00000000-0000-4000-8000-00000000000b'), ('provider', 'outlook'),
  ('status', 'active'), ('calendar_id', '../messages'), ('token_version', '7'),
  ('connected_at', '2030-01-01'), ('updated_at', '2030-01-01')
) as sent (name, value);
select throws_ok(
  format('update public.calendar_connections set %s', change), '42501',
  'a connection changes only by connecting again', 'not by itself: ' || change
)
from unnest(array[
  $$account_label = 'another'$$, $$account_id = 'another'$$, $$scopes = '{all}'$$,
  $$access_token_expires_at = '2030-01-01'$$, $$grant_expires_at = null$$,
  $$sealed_access_token = 'v1.00000000.DDDD'$$, $$sealed_refresh_token = 'v1.00000000.DDDD'$$
]) as change;

-- a direct update of the tokens is a connect

reset role;
update public.calendar_connections set
  status = 'expired', connected_at = now() - interval '1 day', token_version = 5;
update public.calendar_sync_states set
  fence = 7, due_at = 'infinity', leased_until = now(), unsettled = 3, failures = 2, strikes = 2,
  struck_at = now(), last_ok_at = now(), failing_since = now(), reason = 'grant_ended',
  verified_account = 'account';
set local role authenticated;
select lives_ok(
  $$
    update public.calendar_connections set
      sealed_access_token = 'v1.11111111.DDDD', sealed_refresh_token = 'v1.11111111.EEEE'
  $$,
  'both tokens can be replaced'
);
reset role;
select results_eq(
  $$
    select status, connected_at = now(), token_version, kid
    from public.calendar_connections
  $$,
  $$values ('active', true, 6, '11111111')$$,
  'the connection is active from now on'
);
select results_eq(
  $$
    select fence, due_at = now(), leased_until, unsettled, failures, strikes, struck_at, last_ok_at,
      failing_since, reason, verified_account
    from public.calendar_sync_states
  $$,
  $$
    values (8, true, null::timestamptz, 0, 0, 0, null::timestamptz, null::timestamptz,
      null::timestamptz, null::text, null::text)
  $$,
  'and nothing that the worker knew of the older grant counts'
);
update public.calendar_connections set
  sealed_access_token = 'v1.11111111.FFFF', sealed_refresh_token = 'v1.11111111.GGGG',
  connected_at = now() - interval '1 day';
select results_eq(
  $$select token_version, connected_at = now() from public.calendar_connections$$,
  $$values (6, false)$$, 'a write of the worker is no connect'
);
select results_eq(
  'select fence from public.calendar_sync_states', 'values (8)', 'and leaves its state alone'
);
select throws_ok(
  $$
    insert into public.calendar_connections (user_id, provider, calendar_id, account_id, scopes,
      sealed_access_token, sealed_refresh_token)
    values ('00000000-0000-4000-8000-00000000000a', 'google', 'primary', 'account', '{}',
      'v1.00000000.AAAA', 'v1.00000000.BBBB')
  $$,
  '23505', null, 'an account has one row'
);

-- a stranger

set local role authenticated;
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-00000000000b"}';

select is_empty('select id from public.calendar_connections', 'a stranger sees no row');
select is_empty('select * from public.calendar_connection_details', 'nor by the view');
select throws_ok(call, '42501', 'p_user_id is not the caller', 'nor by ' || left(call, 32))
from unnest(array[
  $$select public.calendar_status('00000000-0000-4000-8000-00000000000a')$$,
  $$select public.calendar_disconnect('00000000-0000-4000-8000-00000000000a')$$,
  $$select public.calendar_save_connection('00000000-0000-4000-8000-00000000000a', 'google', null, null,
    null, null, '{}', 'v1.00000000.AAAA', 'v1.00000000.BBBB', null, null, 10)$$,
  'select public.calendar_status(null)'
]) as call;
select is_empty(
  $$
    update public.calendar_connections set
      sealed_access_token = 'v1.00000000.HHHH', sealed_refresh_token = 'v1.00000000.IIII'
    returning id
  $$,
  'a stranger changes nothing'
);
select is_empty(
  'delete from public.calendar_connections returning id', 'a stranger deletes nothing'
);

-- a signed-out visitor

set local role anon;
set local request.jwt.claims = '{}';

select throws_ok(statement, '42501', null, format('anon: %s', left(statement, 60)))
from unnest(array[
  'select user_id from public.calendar_connections',
  'select * from public.calendar_connection_details',
  'delete from public.calendar_connections',
  'select public.calendar_status(''00000000-0000-4000-8000-00000000000a'')',
  'select public.calendar_disconnect(''00000000-0000-4000-8000-00000000000a'')'
]) as statement;

-- what a later version stores is shown as it is

reset role;
alter table public.calendar_connections
  drop constraint calendar_connections_provider_known,
  drop constraint calendar_connections_status_known;
alter table public.calendar_sync_states drop constraint calendar_sync_states_reason_known;
insert into public.calendar_connections (user_id, provider, status, calendar_id, scopes,
  sealed_access_token, sealed_refresh_token)
values ('00000000-0000-4000-8000-00000000000a', 'apple', 'paused', 'home', '{}',
  'v2.00000000.AAAA', 'v2.00000000.BBBB');
update public.calendar_sync_states set reason = 'on_holiday' where provider = 'apple';
set local role authenticated;
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-00000000000a"}';
select results_eq(
  $$
    select entry -> 'provider', entry -> 'status', entry -> 'reason', entry -> 'needs_reconnect'
    from jsonb_array_elements(
      public.calendar_status('00000000-0000-4000-8000-00000000000a') -> 'connections'
    ) as entry
    where entry ->> 'calendar_id' = 'home'
  $$,
  $$values ('"apple"'::jsonb, '"paused"'::jsonb, '"on_holiday"'::jsonb, 'false'::jsonb)$$,
  'an unknown provider, status and reason are shown'
);
select results_eq(
  $$
    select answer -> 'disconnected', answer #> '{revocations,0,state}'
    from public.calendar_disconnect('00000000-0000-4000-8000-00000000000a', 'apple') as answer
  $$,
  $$values ('["apple"]'::jsonb, '"not_supported"'::jsonb)$$,
  'and can be disconnected'
);

-- disconnecting

select is(
  public.calendar_disconnect('00000000-0000-4000-8000-00000000000a', 'outlook') - 'sync'
    - 'connections',
  '{"disconnected": [], "revocations": []}', 'what is not there is not disconnected'
);
select is(
  public.calendar_disconnect('00000000-0000-4000-8000-00000000000a', null, gen_random_uuid())
    -> 'disconnected',
  '[]', 'nor what has another id'
);
select is(
  public.calendar_disconnect('00000000-0000-4000-8000-00000000000a', 'outlook', id) -> 'disconnected',
  '[]', 'nor what has another provider'
)
from public.calendar_connections;
select is(
  public.calendar_disconnect('00000000-0000-4000-8000-00000000000a') - 'revocations',
  '{"disconnected": ["google"], "connections": [], "sync": {"healthy": null, "last_run_at": null}}',
  'without a provider all go'
);
reset role;
select is_empty(
  'select from public.calendar_connections union all select from public.calendar_sync_states',
  'and their tokens and states with them'
);

-- last, because a transaction cannot write again

set local role authenticated;
insert into public.calendar_connections (
  provider, scopes, sealed_access_token, sealed_refresh_token
) values ('google', '{}', 'v1.00000000.AAAA', 'v1.00000000.BBBB');
set local transaction_read_only = on;
select is(
  jsonb_array_length(
    public.calendar_status('00000000-0000-4000-8000-00000000000a') -> 'connections'
  ),
  1, 'the status works on a read-only database'
);

select * from finish();
rollback;
