-- Purpose: takes Calendar Connect out of the database.
-- Tables:  drops public.calendar_connections, public.calendar_oauth_states and the view of the former,
--          and the column public.users.calendar_connected. A public.users of the app's own stays; the
--          one that Calendar Connect made goes too, unless columns were added or something refers to it.
-- Risks:   every stored connection is deleted. Users' grants at the providers are not withdrawn.

drop view if exists public.calendar_connection_details;

drop function if exists public.calendar_open_state(uuid, text, text, text);
drop function if exists public.calendar_take_state(uuid, text);
drop function if exists public.calendar_save_connection(
  uuid, text, text, text, text, text[], text, text, timestamptz
);
drop function if exists public.calendar_disconnect(uuid, text);
drop function if exists public.calendar_list_connections(uuid);

do $$
declare
  is_ours boolean := exists (
    select from pg_catalog.pg_trigger
    where tgrelid = 'auth.users'::regclass and tgname = 'calendar_create_user'
  );
  is_used boolean;
begin
  -- With their functions go the triggers, also those on auth.users, which only its owner could drop.
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

drop table if exists public.calendar_connections;
drop table if exists public.calendar_oauth_states;
