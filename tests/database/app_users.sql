-- An app that had a public.users table of its own before Calendar Connect: NOT NULL columns, rows,
-- grants of tables and of columns, policies, and triggers.

set role project_owner;

create table public.users (
  id uuid primary key references auth.users (id) on delete cascade,
  email text not null,
  display_name text not null check (display_name <> ''),
  plan text not null default 'free',
  updated_at timestamptz not null default '2024-05-01'
);

create function public.make_profile() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  insert into public.users (id, email, display_name)
  values (new.id, coalesce(new.email, 'none@example.com'), 'New');
  return new;
end;
$$;
revoke all on function public.make_profile() from public, anon, authenticated, service_role;

insert into auth.users (id, email) values
  ('aaaaaaaa-0000-4000-8000-000000000001', 'one@example.com'),
  ('aaaaaaaa-0000-4000-8000-000000000002', 'two@example.com'),
  ('aaaaaaaa-0000-4000-8000-000000000003', 'three@example.com'),
  ('aaaaaaaa-0000-4000-8000-000000000004', 'no-profile@example.com');
insert into public.users (id, email, display_name, plan) values
  ('aaaaaaaa-0000-4000-8000-000000000001', 'one@example.com', 'One', 'free'),
  ('aaaaaaaa-0000-4000-8000-000000000002', 'two@example.com', 'Two', 'paid'),
  ('aaaaaaaa-0000-4000-8000-000000000003', 'three@example.com', 'Three', 'free');

create trigger make_profile after insert on auth.users
  for each row execute function public.make_profile();

create function public.touch() returns trigger
language plpgsql set search_path = '' as $$
begin
  new.updated_at := now();
  return new;
end;
$$;
create trigger touch before update on public.users
  for each row execute function public.touch();

alter table public.users enable row level security;
create policy "read own profile" on public.users for select using (id = auth.uid());
create policy "write own profile" on public.users for update using (id = auth.uid());
create policy "names are public" on public.users for select to anon using (plan = 'paid');

revoke all on public.users from anon, authenticated, service_role;
grant select, update on public.users to authenticated;
grant select (id, display_name) on public.users to anon;
grant select on public.users to service_role;

reset role;
