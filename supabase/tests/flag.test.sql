-- users.calendar_connected is true exactly while an active connection exists.
begin;
select plan(15);

insert into auth.users (id, email) values
  ('00000000-0000-4000-8000-00000000000a', 'owner@example.com'),
  ('00000000-0000-4000-8000-00000000000b', 'other@example.com');

create temporary view flag as
select users.calendar_connected as connected
from public.users where users.id = '00000000-0000-4000-8000-00000000000a';
create temporary view other as
select users.calendar_connected as connected
from public.users where users.id = '00000000-0000-4000-8000-00000000000b';

prepare connect (uuid, text) as
insert into public.calendar_connections (
  user_id, provider, calendar_id, scopes, sealed_access_token, sealed_refresh_token
) values ($1, $2, 'c', '{}', 'v1.00000000.AAAA', 'v1.00000000.BBBB');

select is(connected, false, 'nobody starts connected') from flag;
execute connect('00000000-0000-4000-8000-00000000000a', 'google');
select is(connected, true, 'connected') from flag;
select is(connected, false, 'the other user is not') from other;
execute connect('00000000-0000-4000-8000-00000000000a', 'outlook');
update public.calendar_connections set status = 'expired' where provider = 'google';
select is(connected, true, 'one active of two is enough') from flag;
update public.calendar_connections set status = status_of_both
from (values ('revoked')) as t (status_of_both);
select is(connected, false, 'two that are not active are none') from flag;
update public.calendar_connections set status = 'active' where provider = 'google';
select is(connected, true, 'active again') from flag;
update public.calendar_connections set user_id = '00000000-0000-4000-8000-00000000000b'
where provider = 'google';
select is(connected, false, 'moved to the other user: the first flag falls') from flag;
select is(connected, true, 'and the second rises') from other;

-- forging

update public.users set calendar_connected = not calendar_connected
where id in ('00000000-0000-4000-8000-00000000000a', '00000000-0000-4000-8000-00000000000b');
select is(connected, false, 'true cannot be forged') from flag;
select is(connected, true, 'nor false') from other;
update public.users set calendar_connected = null
where id = '00000000-0000-4000-8000-00000000000b';
select is(connected, true, 'nor null') from other;

-- ends

truncate public.calendar_connections cascade;
select is(connected, false, 'after a truncate nobody is connected') from other;
execute connect('00000000-0000-4000-8000-00000000000a', 'google');
insert into public.calendar_oauth_states (user_id, state_hash, provider, sealed_verifier)
values ('00000000-0000-4000-8000-00000000000a', repeat('a', 43), 'google', 'v1.00000000.AAAA');
delete from public.users where id = '00000000-0000-4000-8000-00000000000a';
select lives_ok(
  $$
    update public.calendar_connections set status = 'expired'
    where user_id = '00000000-0000-4000-8000-00000000000a'
  $$,
  'a connection lives without a users row'
);
select is_empty('select from flag', 'and makes none');
delete from auth.users where id = '00000000-0000-4000-8000-00000000000a';
select is_empty(
  $$
    select user_id from public.calendar_connections
    where user_id = '00000000-0000-4000-8000-00000000000a'
    union all
    select user_id from public.calendar_oauth_states
    where user_id = '00000000-0000-4000-8000-00000000000a'
  $$,
  'the deleted auth user leaves nothing'
);

select * from finish();
rollback;
