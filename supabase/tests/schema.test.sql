-- What the migrations made: tables, columns, comments, policies, triggers, the views.
begin;
select plan(48);

create temporary table made as
select ('public.' || name)::regclass as id, name
from unnest(array[
  'calendar_connections', 'calendar_oauth_states', 'calendar_sync_states', 'calendar_calendars',
  'calendar_sync_logs', 'calendar_settings'
]) as name;

-- tables and columns

select results_eq(
  $$
    select relname::text collate "default" from pg_class
    where relnamespace = 'public'::regnamespace and relname like 'calendar\_%' and relkind = 'r'
    order by 1
  $$,
  'select name collate "default" from made order by 1',
  'every table in public is in these tests'
);
select columns_are('public', 'calendar_connections', array[
  'id', 'user_id', 'provider', 'status', 'calendar_id', 'account_id', 'account_label',
  'account_class', 'scopes', 'sealed_access_token', 'sealed_refresh_token', 'kid', 'token_version',
  'access_token_expires_at', 'grant_expires_at', 'connected_at', 'updated_at'
]);
select columns_are('public', 'calendar_oauth_states', array[
  'user_id', 'state_hash', 'provider', 'sealed_verifier', 'connection_id', 'expires_at'
]);
select columns_are('public', 'calendar_connection_details', array[
  'id', 'user_id', 'provider', 'status', 'calendar_id', 'account_id', 'account_label',
  'account_class', 'scopes', 'access_token_expires_at', 'grant_expires_at', 'last_sync_at',
  'last_error_code', 'reason', 'needs_reconnect', 'failing_since', 'next_sync_at', 'connected_at',
  'updated_at'
], 'the view has what an app may see');
select columns_are('public', 'calendar_busy_times', array[
  'user_id', 'connection_id', 'calendar_id', 'starts_at', 'ends_at', 'all_day'
]);

select col_type_is('public', 'users', 'id', 'uuid', 'users.id is the auth user''s id');
select col_type_is('public', 'users', 'calendar_connected', 'boolean', 'the flag is a boolean');
select col_not_null('public', 'users', 'calendar_connected', 'the flag is never unknown');
select col_default_is('public', 'users', 'calendar_connected', 'false', 'nobody starts connected');

select col_is_pk('public', 'calendar_connections', 'id', 'a connection has an id');
select col_is_unique('public', 'calendar_connections', array['user_id', 'provider', 'account_id'],
  'an account is connected once');
select col_is_pk('public', 'calendar_oauth_states', array['user_id', 'state_hash'],
  'a state belongs to its user');
select col_is_pk('public', 'calendar_sync_states', 'connection_id', 'a connection has one state');
select col_is_pk('public', 'calendar_calendars', array['connection_id', 'calendar_id'],
  'a calendar belongs to its connection');
select col_is_pk('public', 'calendar_settings', 'user_id', 'a user has one row of settings');

select fk_ok('public', relation, 'user_id', 'auth', 'users', 'id', relation || ' is of an auth user')
from unnest(array['calendar_connections', 'calendar_oauth_states', 'calendar_settings']) as relation;
select fk_ok('public', relation, 'connection_id', 'public', 'calendar_connections', 'id',
  relation || ' is of a connection')
from unnest(array['calendar_sync_states', 'calendar_calendars']) as relation;
select results_eq(
  $$
    select distinct confdeltype::text from pg_constraint
    where contype = 'f' and (conrelid in (select id from made) or confrelid in (select id from made))
  $$,
  $$values ('c')$$, 'what refers to something goes with it'
);
select results_eq(
  $$
    select conrelid::regclass::text from pg_constraint
    where contype = 'f' and (
      conrelid = 'public.calendar_sync_logs'::regclass
      or conrelid = 'calendar_private.revocations'::regclass
    )
  $$,
  'select ''''::text where false',
  'logs and outbox refer to nothing: a deletion never waits for them'
);
select has_index('public', 'calendar_connections', 'calendar_connections_kid', array['kid'],
  'the keys in use are counted by an index');
select has_index('public', 'calendar_sync_states', 'calendar_sync_states_due', array['provider', 'due_at'],
  'what is due is found by an index');
select has_index('public', relation, relation || '_user', relation || ': a user''s rows are found by an index')
from unnest(array['calendar_sync_states', 'calendar_calendars', 'calendar_sync_logs']) as relation;

select results_eq(
  $$
    select format('%s.%s', attrelid::regclass, attname)
    from pg_attribute
    where attrelid in (select id from made)
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
    where attrelid in (select id from made)
      and attnum > 0 and not attisdropped and col_description(attrelid, attnum) is null
  $$,
  'select ''''::text where false',
  'every column is commented'
);
select results_eq(
  $$
    select oid::regclass::text from pg_class
    where relkind in ('r', 'v') and obj_description(oid, 'pg_class') is null
      and (relnamespace = 'calendar_private'::regnamespace
        or (relnamespace = 'public'::regnamespace and relname like 'calendar\_%'))
  $$,
  'select ''''::text where false',
  'every table and view is commented'
);
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

select is(relrowsecurity, true, format('row-level security is on for %s', name))
from made join pg_class on pg_class.oid = made.id;
select results_eq(
  $$
    select (tablename || ' ' || lower(cmd)) collate "default" from pg_policies
    where schemaname = 'public' and tablename in (select name from made) and permissive = 'PERMISSIVE'
      and policyname = format('%s_%s_own', tablename, lower(cmd))
    order by 1
  $$,
  $$
    select unnest(array[
      'calendar_calendars select', 'calendar_connections delete', 'calendar_connections insert',
      'calendar_connections select', 'calendar_connections update', 'calendar_oauth_states delete',
      'calendar_oauth_states insert', 'calendar_oauth_states select', 'calendar_settings delete',
      'calendar_settings insert', 'calendar_settings select', 'calendar_settings update',
      'calendar_sync_logs select', 'calendar_sync_states select'
    ])
  $$,
  'what users may do with their own rows: nobody updates a state of a flow, which would prolong it'
);
select results_eq(
  $$
    select tablename::text collate "default" from pg_policies
    where schemaname = 'public' and tablename in (select name from made)
      and permissive = 'RESTRICTIVE' and cmd = 'ALL' and policyname = tablename || '_users_only'
    order by 1
  $$,
  'select name collate "default" from made order by 1',
  'tokens that are not a user''s own are refused for every verb of every table'
);
select results_eq(
  $$
    select distinct roles::text collate "default", count(*) over () from pg_policies
    where schemaname = 'public' and tablename in (select name from made)
  $$,
  $$values ('{authenticated}', 20::bigint)$$,
  'there are no other policies, and none for anybody else'
);
select is(
  reloptions, array['security_invoker=true'],
  format('%s asks with the rights and policies of who asks it', oid::regclass)
)
from pg_class
where relnamespace = 'public'::regnamespace and relname like 'calendar\_%' and relkind = 'v';

-- triggers

select triggers_are('public', 'calendar_connections', array[
  'calendar_connecting', 'calendar_limit_connections', 'calendar_connection_made',
  'calendar_connection_replaced', 'calendar_connection_status_changed', 'Calendar_connection_gone',
  'calendar_connections_truncating', 'calendar_connections_truncated'
]);
select triggers_are('public', 'calendar_oauth_states', array['calendar_make_room']);
select has_trigger('public', 'users', 'calendar_state_the_fact', 'the flag of a new row is the fact');
select has_trigger('public', 'users', 'calendar_restate_the_fact', 'the flag cannot be forged');
select has_trigger('public', 'users', 'calendar_late_user', 'the flag of a late row is right');
select has_trigger('auth', 'users', 'Calendar_forget_user', 'a deleted account goes in order');

select * from finish();
rollback;
