-- Purpose: a place for the fact that a user has a calendar connected.
-- Tables:  public.users. Made if the app has none, and then filled for every auth user, present and
--          to come. On an app's own table this adds the column calendar_connected and nothing else:
--          no grant, no policy, no row-level-security flag and no row is changed. Where the app has
--          that column already, it is taken over: nobody has a connection yet, so it says false.
-- Risks:   needs public.users.id to be a uuid, the auth user's id; says so and stops otherwise.

create function calendar_private.create_user()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  insert into public.users (id) values (new.id) on conflict (id) do nothing;
  return null;
end;
$$;

comment on function calendar_private.create_user() is
  'Gives every new auth user a row in public.users, where that table is this project''s own.';

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
    create policy calendar_users_select_own on public.users
      for select to authenticated
      using (id = (select auth.uid()));

    -- Before the fill, so that a user who signs up meanwhile is missed by neither.
    create trigger calendar_create_user
      after insert on auth.users
      for each row execute function calendar_private.create_user();
    insert into public.users (id) select id from auth.users on conflict (id) do nothing;
  elsif not exists (
    select from pg_catalog.pg_attribute
    where attrelid = 'public.users'::regclass
      and attname = 'id' and atttypid = 'uuid'::regtype and not attisdropped
  ) then
    raise exception 'public.users needs a column id of type uuid that holds the auth user''s id'
      using hint = 'Calendar Connect keeps users.calendar_connected true by that column.';
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
