-- Who may do what, as it stands in the catalogue. The same with and without default grants.
begin;
select plan(24);

create temporary view client as
select oid, rolname::text collate "default" as name
from pg_roles where rolname in ('anon', 'authenticated', 'service_role')
union all
select 0, 'public';

-- tables

select results_eq(
  format(
    $$
      select client.name, acl.privilege_type
      from pg_class
      cross join aclexplode(relacl) as acl
      join client on client.oid = acl.grantee
      where pg_class.oid = %L::regclass
      order by 1, 2
    $$,
    'public.' || relation
  ),
  format('select * from (values %s) as t (name, privilege) order by 1, 2', expected),
  relation || ': privileges of the whole table'
)
from (values
  (
    'calendar_connections',
    $$('authenticated', 'DELETE'), ('service_role', 'SELECT'), ('service_role', 'INSERT'),
      ('service_role', 'UPDATE'), ('service_role', 'DELETE')$$
  ),
  (
    'calendar_oauth_states',
    $$('authenticated', 'SELECT'), ('authenticated', 'DELETE'), ('service_role', 'SELECT'),
      ('service_role', 'INSERT'), ('service_role', 'UPDATE'), ('service_role', 'DELETE')$$
  ),
  (
    'calendar_connection_details',
    $$('authenticated', 'SELECT'), ('service_role', 'SELECT')$$
  )
) as wanted (relation, expected);

-- columns

select results_eq(
  format(
    $$
      select client.name, acl.privilege_type,
        string_agg(attname::text collate "default", ' ' order by attname)
      from pg_attribute
      cross join aclexplode(attacl) as acl
      join client on client.oid = acl.grantee
      where attrelid = %L::regclass
      group by 1, 2
      order by 1, 2
    $$,
    'public.' || relation
  ),
  format('select * from (values %s) as t (name, privilege, columns) order by 1, 2', expected),
  relation || ': privileges of columns'
)
from (values
  (
    'calendar_connections',
    $$
      ('authenticated', 'SELECT', 'access_token_expires_at account_id account_label calendar_id '
        || 'connected_at last_error_code last_sync_at provider scopes status updated_at user_id'),
      ('authenticated', 'INSERT', 'access_token_expires_at account_id account_label calendar_id '
        || 'provider scopes sealed_access_token sealed_refresh_token'),
      ('authenticated', 'UPDATE', 'access_token_expires_at account_id account_label calendar_id '
        || 'connected_at last_error_code last_sync_at scopes sealed_access_token '
        || 'sealed_refresh_token status updated_at')
    $$
  ),
  (
    'calendar_oauth_states',
    $$('authenticated', 'INSERT', 'provider sealed_verifier state_hash')$$
  )
) as wanted (relation, expected);

select ok(
  not has_column_privilege(role, 'public.calendar_connections', sealed, 'select'),
  format('%s cannot select %s', role, sealed)
)
from unnest(array['anon', 'authenticated']) as role,
  unnest(array['sealed_access_token', 'sealed_refresh_token']) as sealed;

-- functions

select results_eq(
  $$
    select proname::text collate "default", client.name
    from pg_proc
    cross join aclexplode(coalesce(proacl, acldefault('f', proowner))) as acl
    join client on client.oid = acl.grantee
    where pronamespace = 'public'::regnamespace and proname like 'calendar\_%'
    order by 1, 2
  $$,
  $$
    values ('calendar_disconnect', 'authenticated'), ('calendar_list_connections', 'authenticated'),
      ('calendar_open_state', 'authenticated'), ('calendar_save_connection', 'authenticated'),
      ('calendar_take_state', 'authenticated')
  $$,
  'the functions are authenticated''s alone'
);
select results_eq(
  $$
    select pg_proc.oid::regprocedure::text
    from pg_proc
    cross join unnest(array['anon', 'authenticated']) as role
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

-- the private schema

select is(
  has_schema_privilege(role, 'calendar_private', privilege),
  role = 'authenticated' and privilege = 'usage',
  format('%s and %s of calendar_private', role, privilege)
)
from unnest(array['anon', 'authenticated', 'service_role']) as role,
  unnest(array['usage', 'create']) as privilege;
select results_eq(
  $$
    select role, pg_proc.oid::regprocedure::text collate "default"
    from pg_proc cross join unnest(array['anon', 'authenticated', 'service_role']) as role
    where pronamespace = 'calendar_private'::regnamespace
      and has_function_privilege(role, pg_proc.oid, 'execute')
    order by 1, 2
  $$,
  $$
    values ('authenticated', 'calendar_private.caller()'),
      ('authenticated', 'calendar_private.require_caller(uuid)')
  $$,
  'who may execute a private function'
);

select * from finish();
rollback;
