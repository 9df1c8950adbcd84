-- Who may do what, as it stands in the catalogue. The same with and without default grants.
begin;
select plan(67);

create temporary view client as
select oid, rolname::text collate "default" as name
from pg_roles where rolname in ('anon', 'authenticated', 'service_role')
union all
select 0, 'public';

-- tables

select results_eq(
  format(
    $$
      select (client.name || ' ' || acl.privilege_type) collate "default"
      from pg_class
      cross join aclexplode(relacl) as acl
      join client on client.oid = acl.grantee
      where pg_class.oid = %L::regclass
      order by 1
    $$,
    relation
  ),
  format('select unnest from unnest(%L::text[]) order by 1', expected),
  relation || ': privileges of the whole table'
)
from (values
  ('public.calendar_connections', '{authenticated DELETE}'),
  ('public.calendar_oauth_states', '{authenticated SELECT,authenticated DELETE}'),
  ('public.calendar_sync_states', '{}'),
  ('public.calendar_calendars', '{authenticated SELECT}'),
  ('public.calendar_sync_logs', '{authenticated SELECT}'),
  ('public.calendar_settings', '{authenticated SELECT,authenticated DELETE}'),
  ('public.calendar_connection_details', '{authenticated SELECT,service_role SELECT}'),
  ('public.calendar_busy_times', '{authenticated SELECT,service_role SELECT}')
) as wanted (relation, expected);
select results_eq(
  $$
    select pg_class.oid::regclass::text
    from pg_class
    cross join aclexplode(relacl) as acl
    join client on client.oid = acl.grantee
    where relnamespace = 'calendar_private'::regnamespace
  $$,
  'select ''''::text where false',
  'no client may do anything with a private table'
);

-- columns

select results_eq(
  format(
    $$
      select (client.name || ' ' || acl.privilege_type) collate "default",
        string_agg(attname::text collate "default", ' ' order by attname)
      from pg_attribute
      cross join aclexplode(attacl) as acl
      join client on client.oid = acl.grantee
      where attrelid = %L::regclass
      group by 1
      order by 1
    $$,
    'public.' || relation
  ),
  format('select * from (values %s) as t (name, columns) order by 1', expected),
  relation || ': privileges of columns'
)
from (values
  (
    'calendar_connections',
    $$
      ('authenticated SELECT', 'access_token_expires_at account_class account_id account_label '
        || 'calendar_id connected_at grant_expires_at id provider scopes status updated_at user_id'),
      ('service_role SELECT', 'access_token_expires_at account_class account_id account_label '
        || 'calendar_id connected_at grant_expires_at id provider scopes status updated_at user_id'),
      ('authenticated INSERT', 'access_token_expires_at account_class account_id account_label '
        || 'grant_expires_at provider scopes sealed_access_token sealed_refresh_token'),
      ('authenticated UPDATE', 'access_token_expires_at account_class account_id account_label '
        || 'grant_expires_at scopes sealed_access_token sealed_refresh_token')
    $$
  ),
  (
    'calendar_oauth_states',
    $$('authenticated INSERT', 'connection_id provider sealed_verifier state_hash')$$
  ),
  (
    'calendar_sync_states',
    $$
      ('authenticated SELECT', 'connection_id due_at failing_since last_ok_at provider reason user_id'),
      ('service_role SELECT', 'connection_id due_at failing_since last_ok_at provider reason user_id')
    $$
  ),
  (
    'calendar_calendars',
    $$
      ('service_role SELECT', 'busy busy_days calendar_id connection_id selected time_zone user_id')
    $$
  ),
  (
    'calendar_settings',
    $$
      ('authenticated INSERT', 'max_actions min_block_minutes minutes_per_action reserve_percent '
        || 'tentative_counts time_zone working_hours'),
      ('authenticated UPDATE', 'max_actions min_block_minutes minutes_per_action reserve_percent '
        || 'tentative_counts time_zone working_hours'),
      ('service_role SELECT', 'time_zone user_id')
    $$
  )
) as wanted (relation, expected);

select ok(
  not has_column_privilege(role, 'public.calendar_connections', sealed, 'select'),
  format('%s cannot select %s', role, sealed)
)
from unnest(array['anon', 'authenticated', 'service_role']) as role,
  unnest(array['sealed_access_token', 'sealed_refresh_token']) as sealed;
select results_eq(
  $$
    select (pg_class.oid::regclass || ' ' || privilege) collate "default"
    from pg_class
    cross join unnest(array['insert', 'update', 'delete', 'truncate', 'references', 'trigger'])
      as privilege
    where relnamespace = 'public'::regnamespace and relname like 'calendar\_%' and relkind in ('r', 'v')
      and case when privilege in ('insert', 'update', 'references')
        then has_any_column_privilege('service_role', pg_class.oid, privilege)
        else has_table_privilege('service_role', pg_class.oid, privilege)
      end
  $$,
  'select ''''::text where false',
  'service_role writes none of these tables'
);

-- functions

select results_eq(
  format(
    $$
      select (proname || ' ' || client.name) collate "default"
      from pg_proc
      cross join aclexplode(coalesce(proacl, acldefault('f', proowner))) as acl
      join client on client.oid = acl.grantee
      where pronamespace = %L::regnamespace and (proname like 'calendar\_%%' or %1$L <> 'public')
      order by 1
    $$,
    schema
  ),
  format('select unnest from unnest(%L::text[]) order by 1', expected),
  schema || ': who may execute which function'
)
from (values
  (
    'public',
    '{calendar_disconnect authenticated,calendar_open_state authenticated,'
      || 'calendar_refresh_mine authenticated,calendar_save_connection authenticated,'
      || 'calendar_status authenticated,calendar_take_state authenticated,'
      || 'calendar_sync_claim service_role,calendar_sync_report service_role,'
      || 'calendar_sync_settle service_role}'
  ),
  (
    'calendar_private',
    '{caller authenticated,connection_with authenticated,count_take authenticated,'
      || 'own_connection authenticated,place_for_account authenticated,require_caller authenticated,'
      || 'revocation_of authenticated,seconds_until_take authenticated,sync_health authenticated,'
      || 'take_turn authenticated,mark_mine authenticated,claim service_role,report service_role,'
      || 'settle service_role}'
  )
) as wanted (schema, expected);
select results_eq(
  $$
    select pg_proc.oid::regprocedure::text
    from pg_proc
    cross join unnest(array['anon', 'authenticated', 'service_role']) as role
    where prosecdef
      and pronamespace in ('public'::regnamespace, to_regnamespace('graphql_public'))
      and has_function_privilege(role, pg_proc.oid, 'execute')
  $$,
  'select ''''::text where false',
  'no definer function in an exposed schema can be executed by a client'
);
select results_eq(
  $$
    select oid::regprocedure::text from pg_proc
    where (pronamespace = 'calendar_private'::regnamespace
        or (pronamespace = 'public'::regnamespace and proname like 'calendar\_%'))
      and not coalesce(proconfig, '{}') @> array['search_path=""']
  $$,
  'select ''''::text where false',
  'every function pins an empty search_path'
);
select is(prosecdef, false, format('%s runs with the rights of who calls it', oid::regprocedure))
from pg_proc where pronamespace = 'public'::regnamespace and proname like 'calendar\_%';

-- Policies do not apply to functions that run with their owner's rights: each refuses by itself.

insert into auth.users (id) values ('00000000-0000-4000-8000-00000000000a');
insert into public.calendar_connections (user_id, provider, calendar_id, account_id, scopes,
  sealed_access_token, sealed_refresh_token)
values ('00000000-0000-4000-8000-00000000000a', 'google', 'primary', 'account', '{}',
  'v1.00000000.AAAA', 'v1.00000000.BBBB');
insert into calendar_private.revocations (connection_id, user_id, provider, sealed_refresh_token, cause)
values ('00000000-0000-4000-8000-0000000000c1', '00000000-0000-4000-8000-00000000000a', 'google',
  'v1.00000000.BBBB', 'disconnected');
create temporary table claims as
select kind, jsonb_build_object('sub', '00000000-0000-4000-8000-00000000000a') || more as claims
from (values
  ('an anonymous user', '{"is_anonymous": true}'::jsonb), ('an OAuth client', '{"client_id": "x"}'),
  ('a user', '{}')
) as token (kind, more);
grant select on claims to authenticated;
set local role authenticated;
create function pg_temp.as_kind(wanted text, call text) returns text language plpgsql as $$
declare
  answer text;
begin
  perform set_config('request.jwt.claims', claims::text, true) from claims where kind = wanted;
  execute 'select (' || call || ')::text' into answer;
  return coalesce(answer, 'nothing');
exception when insufficient_privilege then
  return 'denied';
end;
$$;
select is(pg_temp.as_kind(kind, call), case kind when 'a user' then for_a_user else otherwise end,
  format('%s: %s', kind, call))
from claims, (values
  ('calendar_private.caller()', '00000000-0000-4000-8000-00000000000a', 'nothing'),
  ('calendar_private.require_caller(''00000000-0000-4000-8000-00000000000a'')', '', 'denied'),
  ('calendar_private.require_caller(null)', 'denied', 'denied'),
  ('calendar_private.seconds_until_take()', '0', 'denied'),
  ('calendar_private.connection_with(''google'', ''v1.00000000.BBBB'') is not null', 'true', 'false'),
  ('calendar_private.revocation_of(''00000000-0000-4000-8000-0000000000c1'', ''google'')', 'queued', 'off'),
  ('calendar_private.sync_health()', '{"healthy": null, "last_run_at": null}', 'nothing'),
  ('calendar_private.mark_mine() ->> ''marked''', '1', 'denied')
) as definer (call, for_a_user, otherwise);
select lives_ok('select calendar_private.count_take()', 'a take is counted');
select is(
  pg_temp.as_kind('an OAuth client', 'calendar_private.count_take()'), 'nothing', 'another call'
);
reset role;
select is(takes, 1, 'only the first one did') from calendar_private.take_counts;

-- the private schema

select is(
  has_schema_privilege(role, 'calendar_private', privilege),
  role in ('authenticated', 'service_role') and privilege = 'usage',
  format('%s and %s of calendar_private', role, privilege)
)
from unnest(array['anon', 'authenticated', 'service_role']) as role,
  unnest(array['usage', 'create']) as privilege;

select * from finish();
rollback;
