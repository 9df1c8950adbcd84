-- Purpose: what a user has connected, with the provider's tokens as sealed envelopes.
-- Tables:  public.calendar_connections (new).
-- Risks:   none to existing data. A table of this name makes the migration fail.
--
-- Users write this table, so nothing in it is a fact about a provider or evidence about anybody else.
-- What the worker has found out is in public.calendar_sync_states, which users cannot write.

create table public.calendar_connections (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null default auth.uid() references auth.users (id) on delete cascade,
  provider text not null
    constraint calendar_connections_provider_known check (provider in ('google', 'outlook')),
  status text not null default 'active'
    constraint calendar_connections_status_known
    check (status in ('active', 'expired', 'revoked', 'error')),
  calendar_id text not null
    constraint calendar_connections_calendar_id_length
    check (octet_length(calendar_id) between 1 and 1024),
  account_id text
    constraint calendar_connections_account_id_shape check (account_id ~ '^[!-~]{1,255}$'),
  account_label text
    constraint calendar_connections_account_label_shape
    check (char_length(account_label) between 1 and 512 and account_label !~ '[\x01-\x1f\x7f]'),
  account_class text
    constraint calendar_connections_account_class_known
    check (account_class in ('google_workspace', 'google', 'work', 'personal')),
  scopes text[] not null
    constraint calendar_connections_scopes_length
    check (
      cardinality(scopes) <= 32
      and octet_length(scopes::text) <= 4096
      and array_position(scopes, null) is null
    ),
  sealed_access_token text not null
    constraint calendar_connections_sealed_access_token_is_an_envelope
    check (
      octet_length(sealed_access_token) <= 24576
      and sealed_access_token ~ '^v[0-9]+[.][0-9a-f]{8}[.][A-Za-z0-9_-]+$'
    ),
  sealed_refresh_token text not null
    constraint calendar_connections_sealed_refresh_token_is_an_envelope
    check (
      octet_length(sealed_refresh_token) <= 24576
      and sealed_refresh_token ~ '^v[0-9]+[.][0-9a-f]{8}[.][A-Za-z0-9_-]+$'
    ),
  kid text not null generated always as (split_part(sealed_refresh_token, '.', 2)) stored
    constraint calendar_connections_kid_shape check (kid ~ '^[0-9a-f]{8}$'),
  token_version integer not null default 1,
  access_token_expires_at timestamptz
    constraint calendar_connections_access_token_expires_at_finite
    check (isfinite(access_token_expires_at)),
  grant_expires_at timestamptz
    constraint calendar_connections_grant_expires_at_finite check (isfinite(grant_expires_at)),
  connected_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  -- Two unknown accounts are not taken for one: see calendar_save_connection.
  constraint calendar_connections_one_per_account unique (user_id, provider, account_id)
);

-- Which keys are still in use: a retired key may go when no row names it.
create index calendar_connections_kid on public.calendar_connections (kid);

comment on table public.calendar_connections is
  'One row per user, calendar provider and account. Written by the user''s own calendar_… functions.';
comment on column public.calendar_connections.id is
  'Names the connection; it stays when the user connects the same account again.';
comment on column public.calendar_connections.user_id is
  'The owner; a default, never sent by a client.';
comment on column public.calendar_connections.provider is 'google or outlook.';
comment on column public.calendar_connections.status is
  'active, expired, revoked or error. A connect makes it active; else only the worker changes it.';
comment on column public.calendar_connections.calendar_id is
  'The account''s own calendar: primary for Google, default for Outlook. Never sent by a client.';
comment on column public.calendar_connections.account_id is
  'The provider''s stable account identifier, as the tokens are sealed for; null where it is unknown.';
comment on column public.calendar_connections.account_label is
  'The address that the user recognises the account by; for display, never an identity.';
comment on column public.calendar_connections.account_class is
  'google_workspace, google, work or personal; null where it is unknown.';
comment on column public.calendar_connections.scopes is
  'What the provider granted, as it said.';
comment on column public.calendar_connections.sealed_access_token is
  'Envelope v1.<key id>.<base64url>; no client role can select it.';
comment on column public.calendar_connections.sealed_refresh_token is
  'Envelope v1.<key id>.<base64url>; no client role can select it.';
comment on column public.calendar_connections.kid is
  'The id of the key that the tokens are sealed with.';
comment on column public.calendar_connections.token_version is
  'Raised by every change of the tokens: who writes new ones names the version they are made from.';
comment on column public.calendar_connections.access_token_expires_at is
  'When the access token ends, by the database''s clock; null if the provider did not say.';
comment on column public.calendar_connections.grant_expires_at is
  'When the whole grant ends, where the provider said so (Google''s testing mode); else null.';
comment on column public.calendar_connections.connected_at is
  'When the user last connected this account.';
comment on column public.calendar_connections.updated_at is
  'When the row was last saved by connecting.';

alter table public.calendar_connections enable row level security;

create policy calendar_connections_users_only on public.calendar_connections
  as restrictive for all to authenticated
  using ((select calendar_private.caller()) is not null);

create policy calendar_connections_select_own on public.calendar_connections
  for select to authenticated
  using (user_id = (select auth.uid()));

create policy calendar_connections_insert_own on public.calendar_connections
  for insert to authenticated
  with check (user_id = (select auth.uid()));

create policy calendar_connections_update_own on public.calendar_connections
  for update to authenticated
  using (user_id = (select auth.uid()))
  with check (user_id = (select auth.uid()));

create policy calendar_connections_delete_own on public.calendar_connections
  for delete to authenticated
  using (user_id = (select auth.uid()));

-- Saving, inserting and disconnecting of one user take turns. Otherwise two connects could both find
-- room for one more account, and two that touch the same rows in different order would wait for each
-- other until Postgres ends one of them.
create function calendar_private.take_turn()
returns void
language plpgsql
set search_path = ''
as $$
begin
  perform pg_advisory_xact_lock(
    hashtextextended('calendar_connections ' || calendar_private.caller(), 0)
  );
end;
$$;

comment on function calendar_private.take_turn() is
  'Waits until no other transaction is connecting or disconnecting for the caller.';

-- What a user writes is a connect, by calendar_save_connection or past it. The trigger fires for those
-- to whom row-level security applies: not for the worker's functions, nor for an operator's SQL.
-- It runs with the rights of who writes, so a user's token of another kind is refused before any lock.
create function calendar_private.connecting()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  perform calendar_private.require_caller(new.user_id);
  if tg_op = 'INSERT' then
    perform calendar_private.take_turn();
    new.token_version := 1;
  elsif new.sealed_access_token = old.sealed_access_token
    or new.sealed_refresh_token = old.sealed_refresh_token
  then
    -- Else a user could have a row read again and again by touching it.
    raise exception 'a connection changes only by connecting again' using errcode = '42501';
  else
    new.token_version := old.token_version + 1;
  end if;
  new.status := 'active';
  new.calendar_id := case new.provider when 'google' then 'primary' else 'default' end;
  new.connected_at := now();
  new.updated_at := now();
  return new;
end;
$$;

comment on function calendar_private.connecting() is
  'Makes every write of a user a connect: new tokens, active from now on, nothing else of their choice.';

create trigger calendar_connecting
  before insert or update on public.calendar_connections
  for each row
  when (row_security_active('public.calendar_connections'))
  execute function calendar_private.connecting();

-- Sees the rows that the same statement has inserted before, so a statement of thousands of rows stops
-- at the eleventh. Of one user's transactions one at a time comes here: see calendar_connecting.
create function calendar_private.limit_connections()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  if (
    select count(*) from public.calendar_connections as connection
    where connection.user_id = new.user_id and connection.provider = new.provider
  ) >= 10 then
    raise exception 'a user can connect at most ten accounts of one provider'
      using errcode = '23514', constraint = 'calendar_connections_at_most_ten';
  end if;
  return new;
end;
$$;

comment on function calendar_private.limit_connections() is
  'At most ten connections of one user with one provider, by whatever statement they are inserted.';

create trigger calendar_limit_connections
  before insert on public.calendar_connections
  for each row execute function calendar_private.limit_connections();
