-- Purpose: what the calendar function asks of the database, one call each.
-- Tables:  none changed.
-- Risks:   none. All are SECURITY INVOKER: the caller's own row-level security decides.
--
-- The user is named by a parameter besides, and every function compares it with the caller before it
-- does anything else: a call in another user's name reads nothing, changes nothing and takes no lock.
--
-- pg_graphql, where a project has it, offers these functions as well: calendar_status as a query, the
-- others as mutations. Several mutations of one GraphQL request run in one transaction, as their
-- caller; the locks they take last until the request ends and are the caller's own.

create function calendar_private.own_connection(p_id uuid, p_provider text default null)
returns jsonb
language sql
stable
set search_path = ''
as $$
  select jsonb_build_object(
    'id', connection.id, 'account_id', connection.account_id, 'account_label', connection.account_label
  )
  from public.calendar_connections as connection
  where connection.id = p_id and connection.user_id = calendar_private.caller()
    and (p_provider is null or connection.provider = p_provider);
$$;

comment on function calendar_private.own_connection(uuid, text) is
  'Whose account a connection of the caller is; null where the caller has no such connection.';

create function public.calendar_open_state(
  p_user_id uuid,
  p_provider text,
  p_state_hash text,
  p_sealed_verifier text,
  p_connection_id uuid default null
)
returns jsonb
language plpgsql
set search_path = ''
set timezone = 'UTC'
as $$
declare
  connection jsonb;
  opened_until timestamptz;
begin
  perform calendar_private.require_caller(p_user_id);
  if p_connection_id is not null then
    connection := calendar_private.own_connection(p_connection_id, p_provider);
    if connection is null then
      return null;
    end if;
  end if;
  insert into public.calendar_oauth_states as state (
    provider, state_hash, sealed_verifier, connection_id
  )
  values (p_provider, p_state_hash, p_sealed_verifier, p_connection_id)
  returning state.expires_at into opened_until;
  return jsonb_build_object('expires_at', opened_until, 'connection', connection);
end;
$$;

comment on function public.calendar_open_state(uuid, text, text, text, uuid) is
  'Remembers a started connection and answers when it expires; null where the connection to be '
  'connected again is not the caller''s. A sixth state drops the oldest.';

create function public.calendar_take_state(p_user_id uuid, p_state_hash text)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  seconds integer;
  taken public.calendar_oauth_states;
begin
  perform calendar_private.require_caller(p_user_id);
  seconds := calendar_private.seconds_until_take();
  if seconds > 0 then
    return (
      select jsonb_build_object('retry_after', seconds)
      from public.calendar_oauth_states as state
      where state.user_id = p_user_id and state.state_hash = p_state_hash
    );
  end if;
  delete from public.calendar_oauth_states as state
  where state.user_id = p_user_id and state.state_hash = p_state_hash
  returning * into taken;
  if taken.state_hash is null then
    return null;
  end if;
  perform calendar_private.count_take();
  return jsonb_build_object(
    'provider', taken.provider,
    'sealed_verifier', taken.sealed_verifier,
    'live', taken.expires_at > now(),
    'connection', calendar_private.own_connection(taken.connection_id, taken.provider)
  );
end;
$$;

comment on function public.calendar_take_state(uuid, text) is
  'Consumes a started connection. null: unknown, another user''s, or used. live: not expired. '
  'retry_after: not consumed, because the user has taken twenty in this minute.';

create function public.calendar_status(p_user_id uuid)
returns jsonb
language plpgsql
stable
set search_path = ''
set timezone = 'UTC'
as $$
declare
  sync jsonb;
begin
  perform calendar_private.require_caller(p_user_id);
  sync := calendar_private.sync_health();
  return jsonb_build_object('sync', sync, 'connections', (
    select coalesce(
      jsonb_agg(
        jsonb_build_object(
          'id', detail.id,
          'provider', detail.provider,
          'status', detail.status,
          'calendar_id', detail.calendar_id,
          'account_label', detail.account_label,
          'account_class', detail.account_class,
          'scopes', detail.scopes,
          'connected_at', detail.connected_at,
          'last_sync_at', detail.last_sync_at,
          'reason', detail.reason,
          'needs_reconnect', detail.needs_reconnect,
          'failing_since', detail.failing_since,
          'next_sync_at',
          case when sync ->> 'last_run_at' is not null then detail.next_sync_at end,
          'grant_expires_at', detail.grant_expires_at
        )
        order by detail.connected_at desc, detail.provider, detail.id
      ),
      '[]'
    )
    from public.calendar_connection_details as detail
    where detail.user_id = p_user_id
  ));
end;
$$;

comment on function public.calendar_status(uuid) is
  'The user''s connections, the newest first, and whether calendars are being read; times in UTC.';

-- Whether the same call has been carried out already: its answer may have been lost on the way.
create function calendar_private.connection_with(p_provider text, p_sealed_refresh_token text)
returns uuid
language sql
stable
security definer
set search_path = ''
as $$
  select connection.id from public.calendar_connections as connection
  where connection.user_id = calendar_private.caller() and connection.provider = p_provider
    and connection.sealed_refresh_token = p_sealed_refresh_token
  limit 1;
$$;

comment on function calendar_private.connection_with(text, text) is
  'The caller''s connection that holds these very tokens; null where none does.';

-- A row is replaced by the same account, or where the user asked for that very row; never otherwise.
-- So an unknown account gets a row of its own.
create function calendar_private.place_for_account(
  p_provider text,
  p_connection_id uuid,
  p_account_id text,
  p_account_limit integer
)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  caller uuid := calendar_private.caller();
  asked_for jsonb := calendar_private.own_connection(p_connection_id, p_provider);
  of_account uuid := (
    select connection.id from public.calendar_connections as connection
    where connection.user_id = caller and connection.provider = p_provider
      and connection.account_id = p_account_id
  );
begin
  if asked_for is not null then
    if p_account_id <> asked_for ->> 'account_id' or of_account <> p_connection_id then
      return jsonb_build_object(
        'refused', 'account_mismatch', 'expected_label', asked_for -> 'account_label'
      );
    end if;
    return jsonb_build_object('id', p_connection_id);
  end if;
  if of_account is null and (
    select count(*) from public.calendar_connections as connection
    where connection.user_id = caller and connection.provider = p_provider
  ) >= least(p_account_limit, 10) then
    return jsonb_build_object('refused', 'account_limit');
  end if;
  return jsonb_build_object('id', of_account);
end;
$$;

comment on function calendar_private.place_for_account(text, uuid, text, integer) is
  'The caller''s connection that a connect replaces, null for a new one; or why it is refused.';

create function public.calendar_save_connection(
  p_user_id uuid,
  p_provider text,
  p_connection_id uuid,
  p_account_id text,
  p_account_label text,
  p_account_class text,
  p_scopes text[],
  p_sealed_access_token text,
  p_sealed_refresh_token text,
  p_expires_in integer,
  p_grant_expires_in integer,
  p_account_limit integer
)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  place jsonb;
  saved uuid;
  access_until timestamptz := now() + make_interval(secs => p_expires_in);
  grant_until timestamptz := now() + make_interval(secs => p_grant_expires_in);
begin
  perform calendar_private.require_caller(p_user_id);
  perform calendar_private.take_turn();
  saved := calendar_private.connection_with(p_provider, p_sealed_refresh_token);
  if saved is null then
    place := calendar_private.place_for_account(
      p_provider, p_connection_id, p_account_id, p_account_limit
    );
    if place ? 'refused' then
      return place;
    end if;
    -- Parameters, not `excluded`: that would need the right to select the sealed columns.
    update public.calendar_connections as connection set
      account_id = p_account_id,
      account_label = p_account_label,
      account_class = p_account_class,
      scopes = p_scopes,
      sealed_access_token = p_sealed_access_token,
      sealed_refresh_token = p_sealed_refresh_token,
      access_token_expires_at = access_until,
      grant_expires_at = grant_until
    where connection.id = (place ->> 'id')::uuid
    returning connection.id into saved;
  end if;
  if saved is null then
    insert into public.calendar_connections as connection (
      provider, account_id, account_label, account_class, scopes,
      sealed_access_token, sealed_refresh_token, access_token_expires_at, grant_expires_at
    )
    values (
      p_provider, p_account_id, p_account_label, p_account_class, p_scopes,
      p_sealed_access_token, p_sealed_refresh_token, access_until, grant_until
    )
    returning connection.id into saved;
  end if;
  return jsonb_build_object('saved', saved) || public.calendar_status(p_user_id);
end;
$$;

comment on function public.calendar_save_connection(
  uuid, text, uuid, text, text, text, text[], text, text, integer, integer, integer
) is
  'Stores a connection and answers with all of them, or why it is refused: account_limit, '
  'account_mismatch. Repeating a call changes nothing more.';

create function public.calendar_disconnect(
  p_user_id uuid,
  p_provider text default null,
  p_connection_id uuid default null
)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  gone jsonb;
begin
  perform calendar_private.require_caller(p_user_id);
  perform calendar_private.take_turn();
  -- By id, as everybody locks them.
  perform from public.calendar_connections as connection
  where connection.user_id = p_user_id
  order by connection.id
  for update;
  with deleted as (
    delete from public.calendar_connections as connection
    where connection.user_id = p_user_id
      and (p_provider is null or connection.provider = p_provider)
      and (p_connection_id is null or connection.id = p_connection_id)
    returning connection.id, connection.provider, connection.account_class
  )
  select coalesce(jsonb_agg(to_jsonb(deleted) order by deleted.provider, deleted.id), '[]') into gone
  from deleted;
  return jsonb_build_object(
    'disconnected', (
      select coalesce(jsonb_agg(distinct each -> 'provider'), '[]')
      from jsonb_array_elements(gone) as each
    ),
    'revocations', (
      select coalesce(
        jsonb_agg(jsonb_build_object(
          'connection', each -> 'id',
          'provider', each -> 'provider',
          'account_class', each -> 'account_class',
          'state', calendar_private.revocation_of((each ->> 'id')::uuid, each ->> 'provider')
        )),
        '[]'
      )
      from jsonb_array_elements(gone) as each
    )
  ) || public.calendar_status(p_user_id);
end;
$$;

comment on function public.calendar_disconnect(uuid, text, uuid) is
  'Deletes one connection, those of one provider, or all, with their tokens; answers what went, what '
  'becomes of the grants, and what remains.';
