-- Purpose: a place for the fact that a user has a calendar connected.
-- Tables:  public.users. Made if the app has none, and then filled for every auth user, present and
--          to come. On an app's own table this adds the column calendar_connected and nothing else:
--          no grant, no policy, no row-level-security flag and no row is changed. Where the app has
--          that column already, it is taken over: nobody has a connection yet, so it says false.
-- Risks:   needs public.users.id to be a uuid, the auth user's id; says so and stops otherwise. What
--          counts as the auth user's id is written where it is checked.

create function calendar_private.create_user()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  insert into public.users (id) values (new.id) on conflict (id) do nothing;
  return null;
exception
  -- A column or constraint that the app has added since. Signing up must not fail because of it.
  when integrity_constraint_violation then
    raise warning 'Calendar Connect made no row in public.users for the auth user %: %',
      new.id, sqlerrm;
    return null;
end;
$$;

comment on function calendar_private.create_user() is
  'Gives every new auth user a row in public.users, where that table is this project''s own and takes one.';

create function calendar_private.users_refer_to_auth_users()
returns boolean
language sql
stable
set search_path = ''
as $$
  select exists (
    select from pg_catalog.pg_constraint as reference
    join pg_catalog.pg_attribute as id_column
      on id_column.attrelid = reference.conrelid and reference.conkey = array[id_column.attnum]
    where reference.conrelid = to_regclass('public.users') and reference.contype = 'f'
      and reference.confrelid = 'auth.users'::regclass and id_column.attname = 'id'
  );
$$;

comment on function calendar_private.users_refer_to_auth_users() is
  'Whether public.users.id has a foreign key to auth.users, so that a row goes with its auth user.';

-- A foreign key to auth.users settles it. Without one, existing rows do: ids made by chance occur
-- among the auth users never, so one that occurs is enough. A table without rows, or a project
-- without auth users, leaves the definition: an id that the table makes by itself, or another column
-- that refers to auth.users, says that the auth user's id is kept elsewhere.
create function calendar_private.users_id_is_the_auth_users()
returns boolean
language plpgsql
stable
set search_path = ''
as $$
declare
  users regclass := 'public.users';
  id_column smallint := (
    select attnum from pg_catalog.pg_attribute
    where attrelid = users and attname = 'id' and atttypid = 'uuid'::regtype and not attisdropped
  );
begin
  if id_column is null then
    return false;
  end if;
  if calendar_private.users_refer_to_auth_users() then
    return true;
  end if;
  if exists (select from public.users) and exists (select from auth.users) then
    return exists (select from public.users join auth.users using (id));
  end if;
  return not exists (
    select from pg_catalog.pg_attrdef where adrelid = users and adnum = id_column
  ) and not exists (
    select from pg_catalog.pg_constraint
    where conrelid = users and confrelid = 'auth.users'::regclass and contype = 'f'
  );
end;
$$;

comment on function calendar_private.users_id_is_the_auth_users() is
  'Whether public.users.id is a uuid and, as far as can be seen, the auth user''s id.';

do $$
begin
  if to_regclass('public.users') is null then
    create table public.users (
      id uuid primary key references auth.users (id) on delete cascade,
      created_at timestamptz not null default now()
    );
    comment on table public.users is
      'One row per auth user. Made by Calendar Connect, because the app had no such table.';
    comment on column public.users.id is 'The auth user''s id.';
    comment on column public.users.created_at is 'When this row was made.';

    alter table public.users enable row level security;
    create policy calendar_users_users_only on public.users
      as restrictive for all to authenticated
      using ((select calendar_private.caller()) is not null);
    create policy calendar_users_select_own on public.users
      for select to authenticated
      using (id = (select auth.uid()));

    -- Before the fill, so that a user who signs up meanwhile is missed by neither.
    create trigger calendar_create_user
      after insert on auth.users
      for each row execute function calendar_private.create_user();
    insert into public.users (id) select id from auth.users on conflict (id) do nothing;
  elsif not calendar_private.users_id_is_the_auth_users() then
    raise exception 'public.users needs a column id of type uuid that holds the auth user''s id'
      using hint = 'Calendar Connect finds a user''s row in public.users by that column. If it does hold '
        || 'the auth user''s id, say so by a foreign key to auth.users (id); if not, rename the table.';
  end if;
end;
$$;

do $$
begin
  if not exists (
    select from pg_catalog.pg_attribute
    where attrelid = 'public.users'::regclass and attname = 'calendar_connected'
      and not attisdropped
  ) then
    alter table public.users add column calendar_connected boolean not null default false;
  elsif not exists (
    select from pg_catalog.pg_attribute
    where attrelid = 'public.users'::regclass and attname = 'calendar_connected'
      and not attisdropped and atttypid = 'boolean'::regtype and attgenerated = ''
  ) then
    raise exception 'public.users.calendar_connected must be a plain boolean column'
      using hint = 'Give the app''s own column another name, then run the migrations again.';
  else
    update public.users set calendar_connected = false where calendar_connected is distinct from false;
  end if;
end;
$$;

comment on column public.users.calendar_connected is
  'Whether the user has an active calendar connection. A fact kept by triggers, whatever is written.';
