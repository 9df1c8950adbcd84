-- Connections as their owner, a stranger and a signed-out visitor meet them.
begin;
select plan(44);

insert into auth.users (id, email) values
  ('00000000-0000-4000-8000-00000000000a', 'owner@example.com'),
  ('00000000-0000-4000-8000-00000000000b', 'stranger@example.com');

-- the owner

set local role authenticated;
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-00000000000a"}';

select results_eq(
  $$
    select entry - 'connected_at' from jsonb_array_elements(public.calendar_save_connection(
      '00000000-0000-4000-8000-00000000000a', 'google', 'primary', 'account', 'label',
      '{calendar.read}', 'v1.00000000.AAAA', 'v1.00000000.BBBB', '2030-01-01T00:00:00Z'
    )) as entry
  $$,
  $$
    values ('{"provider": "google", "status": "active", "calendar_id": "primary",
      "account_label": "label", "scopes": ["calendar.read"], "last_sync_at": null}'::jsonb)
  $$,
  'saving answers with the connection and without what is sealed'
);
select results_eq(
  'select user_id::text, provider, status from public.calendar_connection_details',
  $$values ('00000000-0000-4000-8000-00000000000a', 'google', 'active')$$,
  'the owner sees the row'
);
select lives_ok('select * from public.calendar_connection_details', 'select * works on the view');
select throws_ok('select * from public.calendar_connections', '42501', null,
  'select * of the table would show what is sealed');
select throws_ok('select sealed_refresh_token from public.calendar_connections', '42501', null,
  'the owner cannot select a sealed token');
select throws_ok(
  $$
    insert into public.calendar_connections (provider, calendar_id, scopes, sealed_access_token,
      sealed_refresh_token)
    values ('google', 'primary', '{}', 'v1.00000000.CCCC', 'v1.00000000.DDDD')
    on conflict (user_id, provider) do update set
      sealed_access_token = excluded.sealed_access_token
  $$,
  '42501', null, 'nor read one by an upsert'
);

update public.calendar_connections
set status = 'revoked', last_error_code = 'reconnect', last_sync_at = now(),
  connected_at = now() - interval '1 day';
select is(
  jsonb_array_length(public.calendar_save_connection(
    '00000000-0000-4000-8000-00000000000a', 'google', 'primary', null, null, '{}',
    'v1.00000000.EEEE', 'v1.00000000.FFFF', null
  )),
  1, 'connecting again replaces'
);
select results_eq(
  $$
    select status, account_id, account_label, scopes, last_error_code, last_sync_at,
      access_token_expires_at, connected_at = now(), updated_at = now()
    from public.calendar_connection_details
  $$,
  $$
    values ('active', null::text, null::text, '{}'::text[], null::text, null::timestamptz,
      null::timestamptz, true, true)
  $$,
  'and leaves nothing of the older one'
);
update public.calendar_connections set connected_at = now() - interval '1 day';
select is(
  jsonb_path_query_array(public.calendar_save_connection(
    '00000000-0000-4000-8000-00000000000a', 'outlook', 'default', null, null, '{}',
    'v1.00000000.AAAA', 'v1.00000000.BBBB', null
  ), '$[*].provider'),
  '["outlook", "google"]', 'the newest comes first'
);
select matches(
  public.calendar_list_connections('00000000-0000-4000-8000-00000000000a') -> 0 ->> 'connected_at',
  '^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?[+]00:00$', 'times are ISO 8601 in UTC'
);
set local timezone = 'Asia/Kolkata';
select matches(
  public.calendar_list_connections('00000000-0000-4000-8000-00000000000a') -> 0 ->> 'connected_at',
  '[+]00:00$', 'whatever the session''s time zone'
);

select throws_ok(
  $$
    select public.calendar_save_connection(
      '00000000-0000-4000-8000-00000000000b', 'google', 'primary', null, null, '{}',
      'v1.00000000.AAAA', 'v1.00000000.BBBB', null
    )
  $$,
  '42501', 'p_user_id is not the caller', 'nobody saves for somebody else'
);
select throws_ok(
  $$update public.calendar_connections set user_id = '00000000-0000-4000-8000-00000000000b'$$,
  '42501', null, 'a row cannot be given away'
);

-- what a row may hold

prepare save (text, text, text, text, text[], text, text) as
select public.calendar_save_connection(
  '00000000-0000-4000-8000-00000000000a', $1, $2, $3, $4, $5, $6, $7, null
);
select lives_ok(
  format('execute save(''google'', %L, %L, %L, %L, %L, %L)', repeat('a', 1024), repeat('b', 512),
    repeat('c', 512), array_fill('d'::text, array[32]), 'v1.00000000.' || repeat('A', 24564),
    'v1.00000000.' || repeat('A', 24564)),
  'the longest of everything'
);
select throws_ok(
  format('execute save(%L, %L, %L, %L, %L, %L, %L)', provider, calendar_id, account_id,
    account_label, scopes, access_token, refresh_token),
  '23514', null, what || ' is refused'
)
from (values
  ('another provider', 'yahoo', 'c', null, null, '{}', 'v1.00000000.A', 'v1.00000000.A'),
  ('an empty calendar_id', 'google', '', null, null, '{}', 'v1.00000000.A', 'v1.00000000.A'),
  ('a long calendar_id', 'google', repeat('x', 1025), null, null, '{}', 'v1.00000000.A',
    'v1.00000000.A'),
  ('a long account_id', 'google', 'c', repeat('x', 513), null, '{}', 'v1.00000000.A',
    'v1.00000000.A'),
  ('a long account_label', 'google', 'c', null, repeat('x', 513), '{}', 'v1.00000000.A',
    'v1.00000000.A'),
  ('a 33rd scope', 'google', 'c', null, null, array_fill('s'::text, array[33])::text,
    'v1.00000000.A', 'v1.00000000.A'),
  ('a long scope', 'google', 'c', null, null, array[repeat('s', 5000)]::text, 'v1.00000000.A',
    'v1.00000000.A'),
  ('a null scope', 'google', 'c', null, null, '{null}', 'v1.00000000.A', 'v1.00000000.A'),
  ('a token in the clear', 'google', 'c', null, null, '{}', 'ya29.token', 'v1.00000000.A'),
  ('a refresh token in the clear', 'google', 'c', null, null, '{}', 'v1.00000000.A', '1//token'),
  ('a long access token', 'google', 'c', null, null, '{}', 'v1.00000000.' || repeat('A', 24565),
    'v1.00000000.A'),
  ('a long refresh token', 'google', 'c', null, null, '{}', 'v1.00000000.A',
    'v1.00000000.' || repeat('A', 24565))
) as wrong (
  what, provider, calendar_id, account_id, account_label, scopes, access_token, refresh_token
);
select throws_ok(
  $$update public.calendar_connections set status = 'fine'$$, '23514', null,
  'another status is refused'
);
select throws_ok(
  $$update public.calendar_connections set last_error_code = 'Bad Request: token 1//x'$$, '23514',
  null, 'a provider''s text is no error code'
);

-- a stranger

set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-00000000000b"}';

select is_empty('select user_id from public.calendar_connections', 'a stranger sees no row');
select is_empty('select * from public.calendar_connection_details', 'nor by the view');
select throws_ok(
  $$select public.calendar_list_connections('00000000-0000-4000-8000-00000000000a')$$,
  '42501', 'p_user_id is not the caller', 'nor by the function'
);
select throws_ok(
  $$select public.calendar_disconnect('00000000-0000-4000-8000-00000000000a')$$,
  '42501', 'p_user_id is not the caller', 'a stranger disconnects nothing'
);
select is_empty(
  $$update public.calendar_connections set status = 'error' returning provider$$,
  'a stranger changes nothing'
);
select is_empty(
  'delete from public.calendar_connections returning provider', 'a stranger deletes nothing'
);
select throws_ok(
  $$
    insert into public.calendar_connections (user_id, provider, calendar_id, scopes,
      sealed_access_token, sealed_refresh_token)
    values ('00000000-0000-4000-8000-00000000000a', 'google', 'primary', '{}', 'v1.00000000.AAAA',
      'v1.00000000.BBBB')
  $$,
  '42501', null, 'nobody inserts for somebody else'
);

-- a signed-out visitor

set local role anon;
set local request.jwt.claims = '{}';

select throws_ok(statement, '42501', null, format('anon: %s', left(statement, 60)))
from unnest(array[
  'select user_id from public.calendar_connections',
  'select * from public.calendar_connection_details',
  'delete from public.calendar_connections',
  'select public.calendar_list_connections(''00000000-0000-4000-8000-00000000000a'')',
  'select public.calendar_disconnect(''00000000-0000-4000-8000-00000000000a'')'
]) as statement;

-- the owner again

set local role authenticated;
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-00000000000a"}';

select is(
  public.calendar_disconnect('00000000-0000-4000-8000-00000000000a', 'outlook') -> 'disconnected',
  '["outlook"]', 'one provider is disconnected'
);
select is(
  public.calendar_disconnect('00000000-0000-4000-8000-00000000000a', 'outlook')
    #> '{connections,0,provider}',
  '"google"', 'the other remains, and a second time changes nothing'
);
select is(
  public.calendar_disconnect('00000000-0000-4000-8000-00000000000a'),
  '{"disconnected": ["google"], "connections": []}', 'without a provider all go'
);
reset role;
select is_empty('select from public.calendar_connections', 'and their tokens with them');

select * from finish();
rollback;
