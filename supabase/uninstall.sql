-- Removes Calendar Connect from a database: exactly what its migrations made, and with it every
-- connection and its sealed tokens. It is no migration: run it by hand, as the role that migrated.
--
-- public.users goes only if the migrations made it and no column was added to it since; otherwise it
-- loses the column calendar_connected and keeps everything else. Whatever of the app refers to
-- what is removed stops this with Postgres's own sentence, and nothing is removed.
-- Withdraw the grants at the providers first, where that is wanted: afterwards nobody has the tokens.

begin;

drop function public.calendar_disconnect(uuid, text);
drop function public.calendar_save_connection(
  uuid, text, text, text, text, text[], text, text, timestamptz
);
drop function public.calendar_list_connections(uuid);
drop function public.calendar_take_state(uuid, text);
drop function public.calendar_open_state(uuid, text, text, text);

drop view public.calendar_connection_details;
drop table public.calendar_oauth_states;
drop table public.calendar_connections;

do $$
declare
  -- The trigger on auth.users exists only where public.users was made by the migrations.
  made boolean := exists (
    select from pg_catalog.pg_trigger
    where tgrelid = 'auth.users'::regclass and tgname = 'calendar_create_user'
  );
begin
  -- With its functions go the triggers on public.users and auth.users. `drop trigger` would need to
  -- own auth.users, which no project does.
  drop schema calendar_private cascade;
  alter table public.users drop column calendar_connected;
  if made and not exists (
    select from pg_catalog.pg_attribute
    where attrelid = 'public.users'::regclass and attnum > 0 and not attisdropped
      and attname not in ('id', 'created_at')
  ) then
    drop table public.users;
  end if;
end;
$$;

do $$
begin
  -- So that the Supabase CLI knows that they are not applied any more.
  if to_regclass('supabase_migrations.schema_migrations') is not null then
    delete from supabase_migrations.schema_migrations
    where name in (
      'calendar_connections', 'calendar_oauth_states', 'calendar_users', 'calendar_flag',
      'calendar_functions', 'calendar_privileges'
    );
  end if;
end;
$$;

commit;
