-- Saving: which row a connect makes or replaces, how many there may be, and what a row may hold.
begin;
select plan(59);

insert into auth.users (id, email) values
  ('00000000-0000-4000-8000-00000000000a', 'owner@example.com'),
  ('00000000-0000-4000-8000-00000000000b', 'stranger@example.com');

set local role authenticated;
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-00000000000a"}';

-- The account's id doubles as its label; every token is named by the test.
create temporary table answers (step text primary key, answer jsonb);
create function pg_temp.step(name text, provider text, connection uuid, account text, token text,
  account_limit integer default 10)
returns text language plpgsql as $$
begin
  insert into answers values (name, public.calendar_save_connection(
    '00000000-0000-4000-8000-00000000000a', provider, connection, account, account, null,
    '{calendar.read}', 'v1.00000000.' || token, 'v1.00000000.r' || token, 3600, null, account_limit
  ));
  return name;
end;
$$;
create function pg_temp.saved(name text) returns uuid language sql as
$$select (answer ->> 'saved')::uuid from answers where step = name$$;
create function pg_temp.rows() returns bigint language sql as
$$select count(*) from public.calendar_connections$$;

-- one row per account

select is(pg_temp.step('ann', 'google', null, 'ann', 'a1'), 'ann', 'an account is connected');
select is(pg_temp.step('ann again', 'google', null, 'ann', 'a2'), 'ann again', 'and again');
select is(pg_temp.saved('ann again'), pg_temp.saved('ann'), 'it keeps its id');
select is(pg_temp.rows(), 1::bigint, 'and its row');
select is(pg_temp.step('bea', 'google', null, 'bea', 'b1'), 'bea', 'another account');
select isnt(pg_temp.saved('bea'), pg_temp.saved('ann'), 'is another connection');
select is(pg_temp.step('outlook ann', 'outlook', null, 'ann', 'o1'), 'outlook ann',
  'the same id at another provider');
select is(pg_temp.rows(), 3::bigint, 'is another account');

-- a call that is repeated

select is(pg_temp.step('ann repeated', 'google', null, 'ann', 'a2'), 'ann repeated',
  'the answer was lost and the call is made again');
select is(pg_temp.saved('ann repeated'), pg_temp.saved('ann'), 'the answer is the same');
reset role;
select is(token_version, 2, 'and nothing was written') from public.calendar_connections
where id = pg_temp.saved('ann');
set local role authenticated;

-- unknown accounts

select is(pg_temp.step('unknown', 'google', null, null, 'u1'), 'unknown', 'an unknown account');
select is(pg_temp.step('unknown repeated', 'google', null, null, 'u1'), 'unknown repeated',
  'the same call again');
select is(pg_temp.saved('unknown repeated'), pg_temp.saved('unknown'), 'makes no second row');
select is(pg_temp.step('unknown 2', 'google', null, null, 'u2'), 'unknown 2',
  'a second unknown account');
select isnt(pg_temp.saved('unknown 2'), pg_temp.saved('unknown'), 'is not taken for the first');
select is(pg_temp.rows(), 5::bigint, 'and replaces no known one');

-- one connection again

select is(pg_temp.step('named', 'google', pg_temp.saved('unknown'), null, 'u3'), 'named',
  'an unknown account replaces the row that is named');
select is(pg_temp.saved('named'), pg_temp.saved('unknown'), 'that row');
select is(pg_temp.step('known now', 'google', pg_temp.saved('unknown'), 'cy', 'c1'), 'known now',
  'an unknown row learns its account');
select is(pg_temp.saved('known now'), pg_temp.saved('unknown'), 'and keeps its id');
select results_eq(
  $$select account_id, account_label from public.calendar_connections
    where id = pg_temp.saved('unknown')$$,
  $$values ('cy', 'cy')$$, 'with the account'
);
select is(
  public.calendar_save_connection(
    '00000000-0000-4000-8000-00000000000a', 'google', pg_temp.saved('ann'), account, 'label', null,
    '{}', 'v1.00000000.xxxx', 'v1.00000000.yyyy', null, null, 10
  ),
  '{"refused": "account_mismatch", "expected_label": "ann"}', 'another account is refused: ' || account
)
from unnest(array['bea', 'dan']) as account;
select is(
  public.calendar_save_connection(
    '00000000-0000-4000-8000-00000000000a', 'google', pg_temp.saved('unknown 2'), 'ann', 'label', null,
    '{}', 'v1.00000000.xxxx', 'v1.00000000.yyyy', null, null, 10
  ),
  '{"refused": "account_mismatch", "expected_label": null}',
  'and one that another row has, for an unknown row'
);
select is(pg_temp.rows(), 5::bigint, 'nothing was stored');
select is(pg_temp.step('gone', 'google', gen_random_uuid(), 'ann', 'a3'), 'gone',
  'a connection that is gone by now');
select is(pg_temp.saved('gone'), pg_temp.saved('ann'), 'leaves a plain connect');
select is(pg_temp.step('other provider', 'google', pg_temp.saved('outlook ann'), 'dan', 'd1'),
  'other provider', 'so does one of another provider');
select is(pg_temp.rows(), 6::bigint, 'which is another row');

-- how many

select is(pg_temp.step('full', 'google', null, 'eve', 'e1', 5), 'full', 'an account over the limit');
select is(answer, '{"refused": "account_limit"}', 'is refused') from answers where step = 'full';
select is(pg_temp.step('full but known', 'google', null, 'ann', 'a4', 1), 'full but known',
  'a known account');
select is(pg_temp.saved('full but known'), pg_temp.saved('ann'), 'is not one more');
select is(pg_temp.step('no limit', 'google', null, 'eve', 'e2', null), 'no limit', 'no limit is ten');
select lives_ok(
  $$
    insert into public.calendar_connections (provider, account_id, scopes, sealed_access_token,
      sealed_refresh_token)
    select 'google', 'n' || n, '{}', 'v1.00000000.n' || n, 'v1.00000000.m' || n
    from generate_series(1, 4) as n
  $$,
  'up to ten'
);
select is(pg_temp.step('eleventh', 'google', null, 'fay', 'f1', 100), 'eleventh',
  'whatever the function''s limit');
select is(answer, '{"refused": "account_limit"}', 'an eleventh is refused') from answers
where step = 'eleventh';
select throws_ok(
  $$
    insert into public.calendar_connections (provider, account_id, scopes, sealed_access_token,
      sealed_refresh_token)
    values ('google', 'fay', '{}', 'v1.00000000.AAAA', 'v1.00000000.BBBB')
  $$,
  '23514', 'a user can connect at most ten accounts of one provider', 'past the function as well'
);
select throws_ok(
  $$
    insert into public.calendar_connections (provider, account_id, scopes, sealed_access_token,
      sealed_refresh_token)
    select 'outlook', 'n' || n, '{}', 'v1.00000000.n' || n, 'v1.00000000.m' || n
    from generate_series(1, 8000) as n
  $$,
  '23514', 'a user can connect at most ten accounts of one provider', 'and many in one statement'
);

-- what a row may hold

select lives_ok(
  format(
    'select public.calendar_save_connection(''00000000-0000-4000-8000-00000000000a'', ''outlook'',
       null, %L, %L, ''work'', %L, %L, %L, null, null, 10)',
    repeat('b', 255), repeat('ü', 512), array_fill('d'::text, array[32]),
    'v1.00000000.' || repeat('A', 24564), 'v1.00000000.' || repeat('B', 24564)
  ),
  'the longest of everything'
);
select throws_ok(
  format(
    'select public.calendar_save_connection(''00000000-0000-4000-8000-00000000000a'', %L, null, %L,
       %L, %L, %L, %L, %L, null, null, 10)',
    provider, account_id, account_label, account_class, scopes, access_token, refresh_token
  ),
  '23514', null, what || ' is refused'
)
from (values
  ('another provider', 'yahoo', null, null, null, '{}', 'v1.00000000.A', 'v1.00000000.A'),
  ('a long account_id', 'outlook', repeat('x', 256), null, null, '{}', 'v1.00000000.A',
    'v1.00000000.A'),
  ('an empty account_id', 'outlook', '', null, null, '{}', 'v1.00000000.A', 'v1.00000000.A'),
  ('an account_id of two lines', 'outlook', E'a\nb', null, null, '{}', 'v1.00000000.A',
    'v1.00000000.A'),
  ('a long account_label', 'outlook', null, repeat('x', 513), null, '{}', 'v1.00000000.A',
    'v1.00000000.A'),
  ('an account_label of two lines', 'outlook', null, E'a\r\nb', null, '{}', 'v1.00000000.A',
    'v1.00000000.A'),
  ('another account_class', 'outlook', null, null, 'king', '{}', 'v1.00000000.A', 'v1.00000000.A'),
  ('a 33rd scope', 'outlook', null, null, null, array_fill('s'::text, array[33])::text,
    'v1.00000000.A', 'v1.00000000.A'),
  ('a long scope', 'outlook', null, null, null, array[repeat('s', 5000)]::text, 'v1.00000000.A',
    'v1.00000000.A'),
  ('a null scope', 'outlook', null, null, null, '{null}', 'v1.00000000.A', 'v1.00000000.A'),
  ('a token in the clear', 'outlook', null, null, null, '{}', 'ya29.token', 'v1.00000000.A'),
  ('a refresh token that is no base64url', 'outlook', null, null, null, '{}', 'v1.00000000.A',
    'v1.00000000.A+'),
  ('a refresh token in the clear', 'outlook', null, null, null, '{}', 'v1.00000000.A', '1//token'),
  ('a long access token', 'outlook', null, null, null, '{}', 'v1.00000000.' || repeat('A', 24565),
    'v1.00000000.A'),
  ('a long refresh token', 'outlook', null, null, null, '{}', 'v1.00000000.A',
    'v1.00000000.' || repeat('A', 24565))
) as wrong (
  what, provider, account_id, account_label, account_class, scopes, access_token, refresh_token
);
select throws_ok(
  $$
    insert into public.calendar_connections (provider, scopes, sealed_access_token,
      sealed_refresh_token, access_token_expires_at)
    values ('outlook', '{}', 'v1.00000000.AAAA', 'v1.00000000.BBBB', 'infinity')
  $$,
  '23514', null, 'an access token that never ends is refused'
);
select throws_ok(
  $$
    insert into public.calendar_connections (provider, scopes, sealed_access_token,
      sealed_refresh_token, grant_expires_at)
    values ('outlook', '{}', 'v1.00000000.AAAA', 'v1.00000000.BBBB', '-infinity')
  $$,
  '23514', null, 'and a grant that never began'
);
reset role;
select throws_ok(
  $$update public.calendar_connections set status = 'fine'$$, '23514', null,
  'another status is refused'
);

select * from finish();
rollback;
