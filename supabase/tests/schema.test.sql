-- What the migrations made: tables, columns, comments, policies, triggers, the view.
begin;
select plan(48);

-- tables and columns

select columns_are('public', 'calendar_connections', array[
  'user_id', 'provider', 'status', 'calendar_id', 'account_id', 'account_label', 'scopes',
  'sealed_access_token', 'sealed_refresh_token', 'access_token_expires_at', 'last_sync_at',
  'last_error_code', 'connected_at', 'updated_at'
]);
select columns_are('public', 'calendar_oauth_states', array[
  'user_id', 'state_hash', 'provider', 'sealed_verifier', 'expires_at'
]);
select columns_are('public', 'calendar_connection_details', array[
  'user_id', 'provider', 'status', 'calendar_id', 'account_id', 'account_label', 'scopes',
  'access_token_expires_at', 'last_sync_at', 'last_error_code', 'connected_at', 'updated_at'
], 'the view has every column but the sealed ones');

select col_type_is('public', 'users', 'id', 'uuid', 'users.id is the auth user''s id');
select col_type_is('public', 'users', 'calendar_connected', 'boolean', 'the flag is a boolean');
select col_not_null('public', 'users', 'calendar_connected', 'the flag is never unknown');
select col_default_is('public', 'users', 'calendar_connected', 'false', 'nobody starts connected');

select col_is_pk('public', 'calendar_connections', array['user_id', 'provider'],
  'one connection per user and provider');
select col_is_pk('public', 'calendar_oauth_states', array['user_id', 'state_hash'],
  'a state belongs to its user');
select fk_ok('public', relation, 'user_id', 'auth', 'users', 'id', relation || ' is of an auth user')
from unnest(array['calendar_connections', 'calendar_oauth_states']) as relation;
select is(confdeltype::text, 'c', format('%s goes with the auth user', conrelid::regclass))
from pg_constraint
where contype = 'f'
  and conrelid in ('public.calendar_connections'::regclass, 'public.calendar_oauth_states'::regclass);

select results_eq(
  $$
    select format('%s.%s', attrelid::regclass, attname)
    from pg_attribute
    where attrelid in (
        'public.calendar_connections'::regclass, 'public.calendar_oauth_states'::regclass
      )
      and atttypid in ('text'::regtype, 'text[]'::regtype) and attnum > 0 and not attisdropped
      and not exists (
        select from pg_constraint
        where contype = 'c' and conrelid = attrelid and conkey = array[attnum]
      )
  $$,
  'select ''''::text where false',
  'every text column has a check of its own'
);

-- comments

select results_eq(
  $$
    select format('%s.%s', attrelid::regclass, attname)
    from pg_attribute
    where attrelid in (
        'public.calendar_connections'::regclass, 'public.calendar_oauth_states'::regclass
      )
      and attnum > 0 and not attisdropped and col_description(attrelid, attnum) is null
  $$,
  'select ''''::text where false',
  'every column is commented'
);
select isnt(obj_description(to_regclass('public.' || name), 'pg_class'), null, name || ' is commented')
from unnest(
  array['calendar_connections', 'calendar_oauth_states', 'calendar_connection_details']
) as name;
select results_eq(
  $$
    select oid::regprocedure::text from pg_proc
    where (pronamespace = 'calendar_private'::regnamespace
        or (pronamespace = 'public'::regnamespace and proname like 'calendar\_%'))
      and obj_description(oid, 'pg_proc') is null
  $$,
  'select ''''::text where false',
  'every function is commented'
);

-- row-level security

select is(relrowsecurity, true, format('row-level security is on for %s', oid::regclass))
from pg_class
where oid in ('public.calendar_connections'::regclass, 'public.calendar_oauth_states'::regclass);

select policies_are('public', 'calendar_connections', array[
  'calendar_connections_users_only', 'calendar_connections_select_own',
  'calendar_connections_insert_own',
  'calendar_connections_update_own', 'calendar_connections_delete_own'
]);
select policies_are('public', 'calendar_oauth_states', array[
  'calendar_oauth_states_users_only', 'calendar_oauth_states_select_own', 'calendar_oauth_states_insert_own',
  'calendar_oauth_states_delete_own'
], 'nothing may update a state: who could, could prolong it');
select policy_roles_are('public', tablename, policyname, array['authenticated'])
from pg_policies
where schemaname = 'public' and tablename in ('calendar_connections', 'calendar_oauth_states');
select policy_cmd_is('public', tablename, policyname, upper(split_part(
  replace(policyname, tablename || '_', ''), '_', 1
)))
from pg_policies
where schemaname = 'public' and tablename in ('calendar_connections', 'calendar_oauth_states')
  and permissive = 'PERMISSIVE';
select results_eq(
  $$
    select tablename::text collate "default", cmd collate "default" from pg_policies
    where schemaname = 'public' and permissive = 'RESTRICTIVE'
      and tablename in ('calendar_connections', 'calendar_oauth_states')
    order by 1
  $$,
  $$values ('calendar_connections', 'ALL'), ('calendar_oauth_states', 'ALL')$$,
  'tokens that are not a user''s own are refused for every verb'
);

select is(
  reloptions, array['security_invoker=true'],
  'the view asks with the rights and policies of who asks it'
)
from pg_class where oid = 'public.calendar_connection_details'::regclass;

-- triggers

select has_trigger('public', 'calendar_connections', 'calendar_connection_changed', 'the flag follows');
select has_trigger('public', 'calendar_connections', 'calendar_connections_truncated',
  'the flag follows a truncate');
select has_trigger('public', 'calendar_oauth_states', 'calendar_make_room', 'the cap of states');
select has_trigger('public', 'users', 'calendar_state_the_fact', 'the flag of a new row is the fact');
select has_trigger('public', 'users', 'calendar_restate_the_fact', 'the flag cannot be forged');
select has_trigger('public', 'users', 'calendar_late_user', 'the flag of a late row is right');
select has_trigger('auth', 'users', 'Calendar_forget_user', 'a deleted account goes in order');

select * from finish();
rollback;
