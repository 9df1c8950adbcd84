-- What an app developer would add for the function beside: tables that only the secret key can reach.
create table public.plain_states (
  state text primary key,
  user_id uuid not null references auth.users (id) on delete cascade,
  provider text not null,
  code_verifier text not null,
  created_at timestamptz not null default now()
);
alter table public.plain_states enable row level security;

create table public.plain_connections (
  user_id uuid not null references auth.users (id) on delete cascade,
  provider text not null,
  access_token text not null,
  refresh_token text,
  expires_at timestamptz,
  scope text,
  connected_at timestamptz not null default now(),
  primary key (user_id, provider)
);
alter table public.plain_connections enable row level security;

grant select, insert, update, delete on public.plain_states, public.plain_connections to service_role;
