-- Purpose: takes Calendar Connect out of the database, run by hand or as a migration.
-- Tables:  drops every table, view and function whose name begins with calendar_ that the migrations
--          made, and the column public.users.calendar_connected. A public.users of the app's own stays;
--          the one that Calendar Connect made goes too, unless columns were added or something refers
--          to it.
-- Risks:   every stored connection is deleted. Users' grants at the providers are not withdrawn, but for
--          those that wait in the outbox: while there are any, this script stops before it does anything.

do $$
declare
  waiting bigint := 0;
begin
  if to_regclass('calendar_private.revocations') is not null then
    execute 'select count(*) from calendar_private.revocations where expires_at > now()' into waiting;
  end if;
  if waiting > 0 then
    raise exception '% grant(s) of disconnected calendars are still to be withdrawn', waiting
      using hint = 'The worker withdraws them within seven days at the most. To give them up, run: '
        || 'delete from calendar_private.revocations; then run this again.';
  end if;
end;
$$;

drop view if exists public.calendar_connection_details;
drop view if exists public.calendar_busy_times;

drop function if exists public.calendar_open_state;
drop function if exists public.calendar_take_state;
drop function if exists public.calendar_save_connection;
drop function if exists public.calendar_disconnect;
drop function if exists public.calendar_status;
drop function if exists public.calendar_refresh_mine;
drop function if exists public.calendar_sync_claim;
drop function if exists public.calendar_sync_settle;
drop function if exists public.calendar_sync_report;

-- The job calls what is dropped here.
do $$
begin
  if to_regclass('cron.job') is not null then
    execute 'select cron.unschedule(jobid) from cron.job where jobname = $1' using 'calendar-sync';
  end if;
end;
$$;

do $$
declare
  is_ours boolean := exists (
    select from pg_catalog.pg_trigger
    where tgrelid = 'auth.users'::regclass and tgname = 'calendar_create_user'
  );
  is_used boolean;
begin
  -- With their functions go the triggers, also those on auth.users, which only its owner could drop,
  -- and the policies that call one of them.
  drop schema if exists calendar_private cascade;
  if to_regclass('public.users') is null then
    return;
  end if;
  alter table public.users drop column if exists calendar_connected;
  is_used := exists (
    select from pg_catalog.pg_attribute
    where attrelid = 'public.users'::regclass and attnum > 0 and not attisdropped
      and attname not in ('id', 'created_at')
  ) or exists (
    select from pg_catalog.pg_depend
    where refclassid = 'pg_catalog.pg_class'::regclass and refobjid = 'public.users'::regclass
      and classid in ('pg_catalog.pg_constraint'::regclass, 'pg_catalog.pg_rewrite'::regclass)
      and objid not in (
        select oid from pg_catalog.pg_constraint where conrelid = 'public.users'::regclass
      )
  );
  if is_ours and not is_used then
    drop table public.users;
  end if;
end;
$$;

drop table if exists public.calendar_calendars;
drop table if exists public.calendar_sync_states;
drop table if exists public.calendar_sync_logs;
drop table if exists public.calendar_settings;
drop table if exists public.calendar_oauth_states;
drop table if exists public.calendar_connections;
