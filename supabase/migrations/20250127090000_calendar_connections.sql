-- Purpose: what a user has connected, with the provider's tokens as sealed envelopes.
-- Tables:  public.calendar_connections (new), public.calendar_connection_details (new view of it).
-- Schemas: calendar_private (new), for what no client may call.
-- Risks:   none to existing data. A table, view or schema of one of these names makes the migration
--          fail.
--
-- Who may do what is in the migration `calendar_privileges`, for every table and function at once.

create schema calendar_private;

comment on schema calendar_private is
  'Internals of Calendar Connect. Not exposed by the Data API.';

revoke all on schema calendar_private from public;

-- Supabase Auth also issues tokens with the role authenticated to anonymous users and, as an OAuth
-- server, to other applications. Neither may reach a calendar.
-- The body is an expression that Postgres resolves now: the callers need no rights on the schema auth.
create function calendar_private.caller()
returns uuid
language sql
stable
set search_path = ''
return case
  when auth.jwt() ->> 'is_anonymous' = 'true' or auth.jwt() ->> 'client_id' is not null then null
  else auth.uid()
end;

comment on function calendar_private.caller() is
  'The signed-in user who asks; null for anonymous users and for tokens of OAuth clients.';

create function calendar_private.require_caller(p_user_id uuid)
returns void
language plpgsql
stable
set search_path = ''
as $$
begin
  if p_user_id is distinct from calendar_private.caller() then
    raise exception 'p_user_id is not the caller' using errcode = '42501';
  end if;
end;
$$;

comment on function calendar_private.require_caller(uuid) is
  'Stops a call that names a user who is not the one who asks.';

create table public.calendar_connections (
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
    constraint calendar_connections_account_id_length
    check (octet_length(account_id) between 1 and 512),
  account_label text
    constraint calendar_connections_account_label_length
    check (octet_length(account_label) between 1 and 512),
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
  access_token_expires_at timestamptz,
  last_sync_at timestamptz,
  last_error_code text
    constraint calendar_connections_last_error_code_shape
    check (octet_length(last_error_code) <= 64 and last_error_code ~ '^[a-z][a-z_]*$'),
  connected_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (user_id, provider)
);

comment on table public.calendar_connections is
  'One row per user and calendar provider. Written by the user''s own calendar_… functions.';
comment on column public.calendar_connections.user_id is
  'The owner; a default, never sent by a client.';
comment on column public.calendar_connections.provider is 'google or outlook.';
comment on column public.calendar_connections.status is
  'active, expired, revoked or error. The user''s own statement, never an entitlement.';
comment on column public.calendar_connections.calendar_id is
  'The calendar read: primary for Google, default for Outlook.';
comment on column public.calendar_connections.account_id is
  'The provider''s stable account identifier, where it is known; never an e-mail address.';
comment on column public.calendar_connections.account_label is
  'What the user recognises the account by, where it is known.';
comment on column public.calendar_connections.scopes is
  'What the provider granted, as it said.';
comment on column public.calendar_connections.sealed_access_token is
  'Envelope v1.<key id>.<base64url>; no client role can select it.';
comment on column public.calendar_connections.sealed_refresh_token is
  'Envelope v1.<key id>.<base64url>; no client role can select it.';
comment on column public.calendar_connections.access_token_expires_at is
  'When the provider said the access token ends; null if it did not say.';
comment on column public.calendar_connections.last_sync_at is
  'When the calendar was last read; null until then.';
comment on column public.calendar_connections.last_error_code is
  'Why the status is not active, as a code of this project; never the provider''s text.';
comment on column public.calendar_connections.connected_at is
  'When the user last connected this provider.';
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

create view public.calendar_connection_details with (security_invoker = true) as
select
  user_id,
  provider,
  status,
  calendar_id,
  account_id,
  account_label,
  scopes,
  access_token_expires_at,
  last_sync_at,
  last_error_code,
  connected_at,
  updated_at
from public.calendar_connections;

comment on view public.calendar_connection_details is
  'The connections without their sealed columns, so that an app''s select * works.';
