-- Purpose: what the calendar function asks of the database, one call each.
-- Tables:  none changed.
-- Risks:   none. All are SECURITY INVOKER: the caller's own row-level security decides.
--
-- The user is named by a parameter besides, and every function compares it with the caller before it
-- does anything else: a call in another user's name reads nothing, changes nothing and takes no lock.
--
-- Saving and disconnecting of one user take turns by an advisory lock: otherwise two that touch the
-- same two rows in different order wait for each other, and Postgres ends one of them.
--
-- pg_graphql, where a project has it, offers those of these functions that return one value as well:
-- calendar_list_connections as a query, the others as mutations. Several mutations of one GraphQL
-- request run in one transaction, as their caller; the locks they take last until the request ends
-- and are the caller's own.

create function public.calendar_open_state(
  p_user_id uuid,
  p_provider text,
  p_state_hash text,
  p_sealed_verifier text
)
returns timestamptz
language plpgsql
set search_path = ''
as $$
declare
  opened_until timestamptz;
begin
  perform calendar_private.require_caller(p_user_id);
  insert into public.calendar_oauth_states as state (provider, state_hash, sealed_verifier)
  values (p_provider, p_state_hash, p_sealed_verifier)
  returning state.expires_at into opened_until;
  return opened_until;
end;
$$;

comment on function public.calendar_open_state(uuid, text, text, text) is
  'Remembers a started connection and answers when it expires. A sixth drops the oldest.';

create function public.calendar_take_state(p_user_id uuid, p_state_hash text)
returns table (provider text, sealed_verifier text, live boolean)
language sql
set search_path = ''
as $$
  select calendar_private.require_caller(p_user_id);
  delete from public.calendar_oauth_states as state
  where state.user_id = p_user_id and state.state_hash = p_state_hash
  returning state.provider, state.sealed_verifier, state.expires_at > now();
$$;

comment on function public.calendar_take_state(uuid, text) is
  'Consumes a started connection. No row: unknown, another user''s, or used. live: not expired.';

create function public.calendar_list_connections(p_user_id uuid)
returns jsonb
language sql
stable
set search_path = ''
set timezone = 'UTC'
as $$
  select calendar_private.require_caller(p_user_id);
  select coalesce(
    jsonb_agg(
      jsonb_build_object(
        'provider', detail.provider,
        'status', detail.status,
        'calendar_id', detail.calendar_id,
        'account_label', detail.account_label,
        'scopes', detail.scopes,
        'connected_at', detail.connected_at,
        'last_sync_at', detail.last_sync_at
      )
      order by detail.connected_at desc, detail.provider
    ),
    '[]'
  )
  from public.calendar_connection_details as detail
  where detail.user_id = p_user_id;
$$;

comment on function public.calendar_list_connections(uuid) is
  'The user''s connections as JSON, the newest first, with times in UTC.';

create function public.calendar_save_connection(
  p_user_id uuid,
  p_provider text,
  p_calendar_id text,
  p_account_id text,
  p_account_label text,
  p_scopes text[],
  p_sealed_access_token text,
  p_sealed_refresh_token text,
  p_access_token_expires_at timestamptz
)
returns jsonb
language plpgsql
set search_path = ''
as $$
begin
  perform calendar_private.require_caller(p_user_id);
  perform pg_advisory_xact_lock(hashtextextended('calendar_connections ' || p_user_id, 0));
  -- Parameters, not `excluded`: that would need the right to select the sealed columns.
  insert into public.calendar_connections as connection (
    provider, calendar_id, account_id, account_label, scopes,
    sealed_access_token, sealed_refresh_token, access_token_expires_at
  )
  values (
    p_provider, p_calendar_id, p_account_id, p_account_label, p_scopes,
    p_sealed_access_token, p_sealed_refresh_token, p_access_token_expires_at
  )
  on conflict (user_id, provider) do update set
    status = 'active',
    calendar_id = p_calendar_id,
    account_id = p_account_id,
    account_label = p_account_label,
    scopes = p_scopes,
    sealed_access_token = p_sealed_access_token,
    sealed_refresh_token = p_sealed_refresh_token,
    access_token_expires_at = p_access_token_expires_at,
    last_sync_at = null,
    last_error_code = null,
    connected_at = now(),
    updated_at = now();
  return public.calendar_list_connections(p_user_id);
end;
$$;

comment on function public.calendar_save_connection(
  uuid, text, text, text, text, text[], text, text, timestamptz
) is
  'Stores a connection, in place of an older one of this provider, and answers with all of them.';

create function public.calendar_disconnect(p_user_id uuid, p_provider text default null)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  disconnected jsonb;
begin
  perform calendar_private.require_caller(p_user_id);
  perform pg_advisory_xact_lock(hashtextextended('calendar_connections ' || p_user_id, 0));
  -- The order in which a deletion of the account locks them, which cannot wait for the lock above.
  perform from public.calendar_connections as connection
  where connection.user_id = p_user_id
  order by connection.provider
  for update;
  with deleted as (
    delete from public.calendar_connections as connection
    where connection.user_id = p_user_id
      and (p_provider is null or connection.provider = p_provider)
    returning connection.provider
  )
  select coalesce(jsonb_agg(deleted.provider order by deleted.provider), '[]')
  into disconnected
  from deleted;
  return jsonb_build_object(
    'disconnected', disconnected,
    'connections', public.calendar_list_connections(p_user_id)
  );
end;
$$;

comment on function public.calendar_disconnect(uuid, text) is
  'Deletes one connection, or all, with their tokens; answers what went and what remains.';
