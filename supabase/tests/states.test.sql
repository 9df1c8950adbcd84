-- Connections under way: taken once, by their user, in time; five at most.
begin;
select plan(44);

insert into auth.users (id, email) values
  ('00000000-0000-4000-8000-00000000000a', 'owner@example.com'),
  ('00000000-0000-4000-8000-00000000000b', 'stranger@example.com');

-- the owner

set local role authenticated;
set local timezone = 'UTC';
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-00000000000a"}';

select is(
  public.calendar_open_state(
    '00000000-0000-4000-8000-00000000000a', 'google', repeat('a', 43), 'v1.00000000.AAAA'
  ),
  jsonb_build_object('connection', null, 'expires_at', now() + interval '10 minutes'),
  'a state lives ten minutes by the database''s clock'
);
select throws_ok(
  $$
    select public.calendar_open_state(
      '00000000-0000-4000-8000-00000000000b', 'google', repeat('b', 43), 'v1.00000000.AAAA'
    )
  $$,
  '42501', 'p_user_id is not the caller', 'nobody opens a state for somebody else'
);
select throws_ok(
  $$update public.calendar_oauth_states set expires_at = 'infinity'$$, '42501', null,
  'a state cannot be prolonged'
);
select throws_ok(
  format(
    'insert into public.calendar_oauth_states (provider, state_hash, sealed_verifier, %1$I)
     values (''google'', repeat(''z'', 43), ''v1.00000000.AAAA'', %2$L)', name, value
  ),
  '42501', null, name || ' is never sent'
)
from (values
  ('user_id', '00000000-0000-4000-8000-00000000000b'), ('expires_at', 'infinity')
) as sent (name, value);
select throws_ok(
  format(
    'select public.calendar_open_state(''00000000-0000-4000-8000-00000000000a'', %L, %L, %L)',
    provider, state_hash, sealed_verifier
  ),
  '23514', null, what || ' is refused'
)
from (values
  ('another provider', 'yahoo', repeat('c', 43), 'v1.00000000.AAAA'),
  ('a short hash', 'google', repeat('c', 42), 'v1.00000000.AAAA'),
  ('a long hash', 'google', repeat('c', 44), 'v1.00000000.AAAA'),
  ('a hash in another alphabet', 'google', repeat('+', 43), 'v1.00000000.AAAA'),
  ('a verifier in the clear', 'google', repeat('c', 43), 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'),
  ('a long verifier', 'google', repeat('c', 43), 'v1.00000000.' || repeat('A', 1013))
) as wrong (what, provider, state_hash, sealed_verifier);

-- a stranger, a visitor

set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-00000000000b"}';
select is_empty('select * from public.calendar_oauth_states', 'a stranger sees no state');
select throws_ok(
  $$select public.calendar_take_state('00000000-0000-4000-8000-00000000000a', repeat('a', 43))$$,
  '42501', 'p_user_id is not the caller',
  'a stranger who knows the state takes nothing by the owner''s id'
);
select is(
  public.calendar_take_state('00000000-0000-4000-8000-00000000000b', repeat('a', 43)), null,
  'nor by their own'
);
set local role anon;
set local request.jwt.claims = '{}';
select throws_ok('select * from public.calendar_oauth_states', '42501', null, 'anon sees nothing');
select throws_ok(
  $$select public.calendar_take_state('00000000-0000-4000-8000-00000000000a', repeat('a', 43))$$,
  '42501', null, 'anon takes nothing'
);

-- taking

set local role authenticated;
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-00000000000a"}';
select is(
  public.calendar_take_state('00000000-0000-4000-8000-00000000000a', repeat('a', 43)),
  '{"provider": "google", "sealed_verifier": "v1.00000000.AAAA", "live": true, "connection": null}',
  'the owner takes it'
);
select is(
  public.calendar_take_state('00000000-0000-4000-8000-00000000000a', repeat('a', 43)), null, 'once'
);

-- expiry

insert into public.calendar_oauth_states (state_hash, provider, sealed_verifier)
values (repeat('d', 43), 'google', 'v1.00000000.AAAA'), (repeat('e', 43), 'google', 'v1.00000000.AAAA');
reset role;
update public.calendar_oauth_states set expires_at = now() where state_hash = repeat('d', 43);
update public.calendar_oauth_states set expires_at = now() + interval '1 second'
where state_hash = repeat('e', 43);
set local role authenticated;
select is(
  public.calendar_take_state('00000000-0000-4000-8000-00000000000a', repeat('d', 43)) -> 'live',
  'false', 'at its end a state is not live'
);
select is(
  public.calendar_take_state('00000000-0000-4000-8000-00000000000a', repeat('e', 43)) -> 'live',
  'true', 'a second before it is'
);
select is_empty('select * from public.calendar_oauth_states', 'an expired state is consumed as well');

-- for a connection that is to be connected again

insert into public.calendar_connections (provider, account_id, account_label, scopes,
  sealed_access_token, sealed_refresh_token)
values ('google', 'account', 'a@example.com', '{}', 'v1.00000000.AAAA', 'v1.00000000.BBBB');
create temporary table connection as
select id, jsonb_build_object('id', id, 'account_id', 'account', 'account_label', 'a@example.com') as
  named
from public.calendar_connections;
select is(
  public.calendar_open_state('00000000-0000-4000-8000-00000000000a', 'google', repeat('r', 43),
    'v1.00000000.AAAA', id) -> 'connection',
  named, 'it is named when it starts'
)
from connection;
select is(
  public.calendar_open_state('00000000-0000-4000-8000-00000000000a', provider, repeat('q', 43),
    'v1.00000000.AAAA', connection_id),
  null, 'not ' || what
)
from (
  select 'another provider''s', 'outlook', id from connection
  union all
  select 'one that is not there', 'google', '00000000-0000-4000-8000-00000000000c'
) as wrong (what, provider, connection_id);
select is_empty(
  'select from public.calendar_oauth_states where state_hash = repeat(''q'', 43)',
  'and then no state is kept'
);
select is(
  public.calendar_take_state('00000000-0000-4000-8000-00000000000a', repeat('r', 43)) -> 'connection',
  named, 'and when it is taken'
)
from connection;
select lives_ok(
  format('select public.calendar_open_state(''00000000-0000-4000-8000-00000000000a'', ''google'',
    repeat(''r'', 43), ''v1.00000000.AAAA'', %L)', id),
  'it starts again'
)
from connection;
delete from public.calendar_connections;
select is(
  public.calendar_take_state('00000000-0000-4000-8000-00000000000a', repeat('r', 43)) -> 'connection',
  'null', 'and is gone meanwhile'
);
reset role;
insert into public.calendar_connections (user_id, provider, calendar_id, scopes, sealed_access_token,
  sealed_refresh_token)
values ('00000000-0000-4000-8000-00000000000b', 'google', 'primary', '{}', 'v1.00000000.AAAA',
  'v1.00000000.BBBB');
create temporary table theirs as select id from public.calendar_connections;
grant select on theirs to authenticated;
set local role authenticated;
select is(
  public.calendar_open_state('00000000-0000-4000-8000-00000000000a', 'google', repeat('q', 43),
    'v1.00000000.AAAA', id),
  null, 'a stranger''s connection is not named'
)
from theirs;
insert into public.calendar_oauth_states (state_hash, provider, sealed_verifier, connection_id)
select repeat('q', 43), 'google', 'v1.00000000.AAAA', id from theirs;
select is(
  public.calendar_take_state('00000000-0000-4000-8000-00000000000a', repeat('q', 43)) -> 'connection',
  'null', 'nor where the state was inserted past the function'
);

-- twenty takes in a minute

reset role;
update calendar_private.take_counts set takes = 20;
set local role authenticated;
insert into public.calendar_oauth_states (state_hash, provider, sealed_verifier)
values (repeat('f', 43), 'google', 'v1.00000000.AAAA');
select is(
  public.calendar_take_state('00000000-0000-4000-8000-00000000000a', repeat('f', 43)),
  '{"retry_after": 60}', 'after twenty takes in a minute the next one waits'
);
select is(
  public.calendar_take_state('00000000-0000-4000-8000-00000000000a', repeat('g', 43)), null,
  'but not for a state that is not there'
);
select isnt_empty(
  'select from public.calendar_oauth_states where state_hash = repeat(''f'', 43)',
  'it is not consumed'
);
reset role;
update calendar_private.take_counts set since = now() - interval '59 seconds';
set local role authenticated;
select is(
  public.calendar_take_state('00000000-0000-4000-8000-00000000000a', repeat('f', 43)),
  '{"retry_after": 1}', 'until the minute is over'
);
reset role;
update calendar_private.take_counts set since = now() - interval '1 minute';
set local role authenticated;
select is(
  public.calendar_take_state('00000000-0000-4000-8000-00000000000a', repeat('f', 43)) ->> 'provider',
  'google', 'then it is taken'
);
reset role;
select results_eq(
  $$
    select takes, since from calendar_private.take_counts
    where user_id = '00000000-0000-4000-8000-00000000000a'
  $$,
  'values (1, now())', 'and counted'
);
set local role authenticated;
select is(
  public.calendar_take_state('00000000-0000-4000-8000-00000000000a', repeat('f', 43)), null,
  'a state that is not there'
);
reset role;
select is(takes, 1, 'is not counted') from calendar_private.take_counts
where user_id = '00000000-0000-4000-8000-00000000000a';

-- the cap

reset role;
insert into public.calendar_oauth_states (user_id, state_hash, provider, sealed_verifier)
values ('00000000-0000-4000-8000-00000000000b', repeat('o', 43), 'google', 'v1.00000000.AAAA');
update public.calendar_oauth_states set expires_at = now() - interval '1 hour'
where state_hash = repeat('o', 43);
insert into public.calendar_oauth_states (user_id, state_hash, provider, sealed_verifier, expires_at)
select '00000000-0000-4000-8000-00000000000a', lpad(age::text, 43, '0'), 'google',
  'v1.00000000.AAAA', now() + interval '9 minutes' - age * interval '1 second'
from generate_series(5, 1, -1) as age;
set local role authenticated;
select lives_ok(
  $$
    select public.calendar_open_state(
      '00000000-0000-4000-8000-00000000000a', 'outlook', repeat('n', 43), 'v1.00000000.AAAA'
    )
  $$,
  'a sixth state opens'
);
select results_eq(
  'select state_hash from public.calendar_oauth_states order by expires_at desc',
  $$
    select state_hash from (values (1, repeat('n', 43)), (2, lpad('1', 43, '0')),
      (3, lpad('2', 43, '0')), (4, lpad('3', 43, '0')), (5, lpad('4', 43, '0'))) as t (n, state_hash)
    order by n
  $$,
  'in place of the oldest'
);
insert into public.calendar_oauth_states (provider, state_hash, sealed_verifier)
select 'google', lpad(n::text, 43, 'x'), 'v1.00000000.AAAA' from generate_series(1, 50) as n;
select results_eq(
  'select distinct left(state_hash, 1) || count(*) over () from public.calendar_oauth_states',
  $$values ('x5')$$, 'fifty in one statement leave five of them'
);
reset role;
select is(count(*), 1::bigint, 'another user''s states are not touched')
from public.calendar_oauth_states where user_id = '00000000-0000-4000-8000-00000000000b';
set local role authenticated;
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-00000000000b"}';
select lives_ok(
  $$
    select public.calendar_open_state(
      '00000000-0000-4000-8000-00000000000b', 'google', repeat('p', 43), 'v1.00000000.AAAA'
    )
  $$,
  'the other user opens one'
);
select results_eq(
  'select state_hash from public.calendar_oauth_states', $$values (repeat('p', 43))$$,
  'and their expired one is gone'
);

select * from finish();
rollback;
