-- The outbox of grants to be withdrawn: what comes into it, how much of it, and when nothing does.
begin;
select plan(34);

insert into auth.users (id, email) values
  ('00000000-0000-4000-8000-00000000000a', 'owner@example.com'),
  ('00000000-0000-4000-8000-00000000000b', 'other@example.com');

create function pg_temp.connect(provider text, account text, token text, id text default 'a')
returns uuid language sql as $$
  insert into public.calendar_connections (user_id, provider, calendar_id, account_id, scopes,
    sealed_access_token, sealed_refresh_token)
  values (('00000000-0000-4000-8000-00000000000' || id)::uuid, provider, 'c', account, '{}',
    'v1.00000000.' || token, 'v1.22222222.' || token)
  returning id
$$;
create function pg_temp.disconnect(provider text default null) returns jsonb language plpgsql as $$
declare
  answer jsonb;
begin
  perform set_config('request.jwt.claims', '{"sub": "00000000-0000-4000-8000-00000000000a"}', true);
  set local role authenticated;
  answer := public.calendar_disconnect('00000000-0000-4000-8000-00000000000a', provider);
  reset role;
  return jsonb_path_query_array(answer, '$.revocations[*].state');
end;
$$;
create view pg_temp.outbox as select * from calendar_private.revocations;

-- while no worker runs

select isnt(pg_temp.connect('google', 'ann', 'a1'), null, 'connected');
select is(pg_temp.disconnect(), '["off"]', 'where no worker ever ran, disconnecting withdraws nothing');
select is_empty('select * from pg_temp.outbox', 'and keeps nothing');
insert into calendar_private.sync_runs (id, purpose, began_at, beat_at)
values (gen_random_uuid(), 'now', now() - interval '8 days', now() - interval '8 days');
select isnt(pg_temp.connect('google', 'ann', 'a1'), null, 'connected');
select is(pg_temp.disconnect(), '["off"]', 'nor where none has run for a week');
select is_empty('select * from pg_temp.outbox', 'and keeps nothing');

-- while one runs

insert into calendar_private.sync_runs (id, purpose, beat_at)
values (gen_random_uuid(), 'tick', now() - interval '6 days');
select isnt(pg_temp.connect('google', 'ann', 'a1'), null, 'connected');
select isnt(pg_temp.connect('outlook', 'ann', 'o1'), null, 'at both');
update public.calendar_sync_states set verified_account = 'ann', tried_at = now();
select is(pg_temp.disconnect(), '["queued", "not_supported"]',
  'Google''s grants are withdrawn, Microsoft''s cannot be');
select results_eq(
  $$
    select user_id, provider, account_id, verified_account, sealed_refresh_token, kid, cause,
      due_at = now(), expires_at = now() + interval '7 days'
    from pg_temp.outbox
  $$,
  $$
    values ('00000000-0000-4000-8000-00000000000a'::uuid, 'google', 'ann', 'ann', 'v1.22222222.a1',
      '22222222', 'disconnected', true, true)
  $$,
  'the token is kept for a week at the most, with what opens it'
);
delete from calendar_private.revocations;
update calendar_private.config set revoke = false;
select isnt(pg_temp.connect('google', 'ann', 'a1'), null, 'connected');
select is(pg_temp.disconnect(), '["off"]', 'the operator can switch it off');
delete from calendar_private.sync_runs;
update calendar_private.config set revoke = true, function_url = 'https://example.com/calendar-sync';
select isnt(pg_temp.connect('google', 'ann', 'a1'), null, 'connected');
select is(pg_temp.disconnect(), '["queued"]', 'a schedule is a worker as well');
delete from calendar_private.revocations;

-- by whatever statement

select isnt(pg_temp.connect('google', 'ann', 'a1'), null, 'connected');
delete from public.calendar_connections;
select results_eq('select cause from pg_temp.outbox', $$values ('disconnected')$$, 'by a plain delete');
delete from calendar_private.revocations;
select isnt(pg_temp.connect('google', 'bea', 'b1', 'b'), null, 'connected');
delete from auth.users where id = '00000000-0000-4000-8000-00000000000b';
select results_eq(
  'select cause, sealed_refresh_token from pg_temp.outbox',
  $$values ('account_deleted', 'v1.22222222.b1')$$, 'by deleting the account'
);
select is_empty(
  $$
    select from public.calendar_sync_logs where user_id = '00000000-0000-4000-8000-00000000000b'
    union all
    select from calendar_private.take_counts where user_id = '00000000-0000-4000-8000-00000000000b'
  $$,
  'of which nothing else is kept'
);
delete from calendar_private.revocations;
select isnt(pg_temp.connect('google', 'n' || n, 't' || n), null, 'connected')
from generate_series(1, 3) as n;
set local client_min_messages = warning;
truncate public.calendar_connections cascade;
select results_eq('select distinct cause from pg_temp.outbox', $$values ('truncated')$$, 'by a truncate');
select is(count(*), 3::bigint, 'of all rows') from pg_temp.outbox;
delete from calendar_private.revocations;

-- replaced

create function pg_temp.reconnect(account text, token text) returns text language plpgsql as $$
begin
  perform set_config('request.jwt.claims', '{"sub": "00000000-0000-4000-8000-00000000000a"}', true);
  set local role authenticated;
  update public.calendar_connections set account_id = account,
    sealed_access_token = 'v1.00000000.' || token, sealed_refresh_token = 'v1.22222222.' || token;
  reset role;
  return (select string_agg(sealed_refresh_token, ' ') from calendar_private.revocations);
end;
$$;
select isnt(pg_temp.connect('google', 'ann', 'a1'), null, 'connected');
select is(pg_temp.reconnect('ann', 'a2'), null, 'the same account has the same grant: it stays');
select is(pg_temp.reconnect(null, 'a3'), null, 'an unknown account may have the same grant');
select is(pg_temp.reconnect('ann', 'a4'), null, 'and so may what replaces it');
select is(pg_temp.reconnect('bea', 'b1'), 'v1.22222222.a4', 'another account''s grant is withdrawn');
delete from calendar_private.revocations;

-- junk, and how much is kept

update public.calendar_sync_states set tried_at = now(), reason = 'sealed_unreadable';
select is(pg_temp.disconnect(), '["off"]', 'what the worker could not open is not kept');
do $$
begin
  for n in 1..40 loop
    perform pg_temp.connect('google', 'n' || n, 't' || n);
    if n <= 5 then
      update public.calendar_sync_states set verified_account = 'n' || n, tried_at = now();
    end if;
    delete from public.calendar_connections;
  end loop;
end;
$$;
select results_eq(
  'select array_agg(account_id order by id) from pg_temp.outbox',
  $$
    select array_agg('n' || n order by n) from generate_series(1, 40) as n where n <= 5 or n > 25
  $$,
  'twenty of one user: those that were opened, then the newest'
);
update calendar_private.revocations set expires_at = now(), user_id = gen_random_uuid();
select isnt(pg_temp.connect('google', 'ann', 'a9'), null, 'connected');
select is(pg_temp.disconnect(), '["queued"]', 'and disconnected');
select results_eq(
  'select sealed_refresh_token from pg_temp.outbox', $$values ('v1.22222222.a9')$$,
  'what has expired goes with that'
);

select * from finish();
rollback;
