-- Connections under way: taken once, by their user, in time; five at most.
begin;
select plan(27);

insert into auth.users (id, email) values
  ('00000000-0000-4000-8000-00000000000a', 'owner@example.com'),
  ('00000000-0000-4000-8000-00000000000b', 'stranger@example.com');

-- the owner

set local role authenticated;
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-00000000000a"}';

select is(
  public.calendar_open_state(
    '00000000-0000-4000-8000-00000000000a', 'google', repeat('a', 43), 'v1.00000000.AAAA'
  ),
  now() + interval '10 minutes', 'a state lives ten minutes by the database''s clock'
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
  $$select * from public.calendar_take_state('00000000-0000-4000-8000-00000000000a', repeat('a', 43))$$,
  '42501', 'p_user_id is not the caller',
  'a stranger who knows the state takes nothing by the owner''s id'
);
select is_empty(
  $$select * from public.calendar_take_state('00000000-0000-4000-8000-00000000000b', repeat('a', 43))$$,
  'nor by their own'
);
set local role anon;
set local request.jwt.claims = '{}';
select throws_ok('select * from public.calendar_oauth_states', '42501', null, 'anon sees nothing');
select throws_ok(
  $$select * from public.calendar_take_state('00000000-0000-4000-8000-00000000000a', repeat('a', 43))$$,
  '42501', null, 'anon takes nothing'
);

-- taking

set local role authenticated;
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-00000000000a"}';
select results_eq(
  $$select * from public.calendar_take_state('00000000-0000-4000-8000-00000000000a', repeat('a', 43))$$,
  $$values ('google', 'v1.00000000.AAAA', true)$$, 'the owner takes it'
);
select is_empty(
  $$select * from public.calendar_take_state('00000000-0000-4000-8000-00000000000a', repeat('a', 43))$$,
  'once'
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
  (select live from public.calendar_take_state(
    '00000000-0000-4000-8000-00000000000a', repeat('d', 43)
  )),
  false, 'at its end a state is not live'
);
select is(
  (select live from public.calendar_take_state(
    '00000000-0000-4000-8000-00000000000a', repeat('e', 43)
  )),
  true, 'a second before it is'
);
select is_empty('select * from public.calendar_oauth_states', 'an expired state is consumed as well');

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
