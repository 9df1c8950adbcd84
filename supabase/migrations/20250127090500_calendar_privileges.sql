-- Purpose: who may do what, stated in full.
-- Tables:  the privileges of calendar_connections, calendar_oauth_states, the view, the functions,
--          and of public.users where it is this project's own.
-- Risks:   none to existing data. Can be run again at any time; it then puts the privileges back.
--
-- Everything is revoked before anything is granted, because projects exist with and without the
-- default privileges by which every new table belonged to anon and authenticated.

revoke all on schema calendar_private from public, anon, authenticated, service_role;
revoke all on all functions in schema calendar_private
  from public, anon, authenticated, service_role;
-- What policies and the functions of the Data API call in their caller's name.
grant usage on schema calendar_private to authenticated;
grant execute on function calendar_private.caller(), calendar_private.require_caller(uuid)
  to authenticated;

revoke all on table public.calendar_connections from public, anon, authenticated, service_role;
-- All but the sealed columns.
grant select (
  user_id, provider, status, calendar_id, account_id, account_label, scopes,
  access_token_expires_at, last_sync_at, last_error_code, connected_at, updated_at
) on table public.calendar_connections to authenticated;
-- All but user_id and what has a default.
grant insert (
  provider, calendar_id, account_id, account_label, scopes,
  sealed_access_token, sealed_refresh_token, access_token_expires_at
) on table public.calendar_connections to authenticated;
-- All but the key.
grant update (
  status, calendar_id, account_id, account_label, scopes,
  sealed_access_token, sealed_refresh_token, access_token_expires_at,
  last_sync_at, last_error_code, connected_at, updated_at
) on table public.calendar_connections to authenticated;
grant delete on table public.calendar_connections to authenticated;
grant select, insert, update, delete on table public.calendar_connections to service_role;

revoke all on table public.calendar_connection_details
  from public, anon, authenticated, service_role;
grant select on table public.calendar_connection_details to authenticated, service_role;

revoke all on table public.calendar_oauth_states from public, anon, authenticated, service_role;
grant select, delete on table public.calendar_oauth_states to authenticated;
grant insert (provider, state_hash, sealed_verifier) on table public.calendar_oauth_states
  to authenticated;
grant select, insert, update, delete on table public.calendar_oauth_states to service_role;

revoke all on function
  public.calendar_open_state(uuid, text, text, text),
  public.calendar_take_state(uuid, text),
  public.calendar_list_connections(uuid),
  public.calendar_save_connection(
    uuid, text, text, text, text, text[], text, text, timestamptz
  ),
  public.calendar_disconnect(uuid, text)
  from public, anon, authenticated, service_role;
grant execute on function
  public.calendar_open_state(uuid, text, text, text),
  public.calendar_take_state(uuid, text),
  public.calendar_list_connections(uuid),
  public.calendar_save_connection(
    uuid, text, text, text, text, text[], text, text, timestamptz
  ),
  public.calendar_disconnect(uuid, text)
  to authenticated;

do $$
begin
  -- The trigger on auth.users exists only where public.users is this project's own.
  if exists (
    select from pg_catalog.pg_trigger
    where tgrelid = 'auth.users'::regclass and tgname = 'calendar_create_user'
  ) then
    revoke all on table public.users from public, anon, authenticated, service_role;
    grant select on table public.users to authenticated;
    grant select, insert, update, delete on table public.users to service_role;
  end if;
end;
$$;
