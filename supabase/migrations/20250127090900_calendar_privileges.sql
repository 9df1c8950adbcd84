-- Purpose: who may do what, stated in full.
-- Tables:  the privileges of everything made by these migrations, and of public.users where it is this
--          project's own.
-- Risks:   none to existing data. Can be run again at any time; it then puts the privileges back.
--
-- Everything is revoked before anything is granted, because projects exist with and without the
-- default privileges by which every new table belonged to anon and authenticated.

-- what is private

revoke all on schema calendar_private from public, anon, authenticated, service_role;
revoke all on all tables in schema calendar_private from public, anon, authenticated, service_role;
revoke all on all sequences in schema calendar_private from public, anon, authenticated, service_role;
revoke all on all functions in schema calendar_private from public, anon, authenticated, service_role;
-- What policies and the functions of the Data API call in their caller's name. Those of them that run
-- with the rights of their owner act for the caller only and refuse tokens of another kind by themselves.
grant usage on schema calendar_private to authenticated, service_role;
grant execute on function
  calendar_private.caller(),
  calendar_private.require_caller(uuid),
  calendar_private.take_turn(),
  calendar_private.own_connection(uuid, text),
  calendar_private.connection_with(text, text),
  calendar_private.place_for_account(text, uuid, text, integer),
  calendar_private.seconds_until_take(),
  calendar_private.count_take(),
  calendar_private.sync_health(),
  calendar_private.revocation_of(uuid, text),
  calendar_private.mark_mine()
  to authenticated;
-- The worker's whole reach.
grant execute on function
  calendar_private.claim(jsonb),
  calendar_private.settle(jsonb),
  calendar_private.report(jsonb)
  to service_role;

-- connections: no role may select the sealed columns, users write what connecting brings

revoke all on table public.calendar_connections from public, anon, authenticated, service_role;
grant select (
  id, user_id, provider, status, calendar_id, account_id, account_label, account_class, scopes,
  access_token_expires_at, grant_expires_at, connected_at, updated_at
) on table public.calendar_connections to authenticated, service_role;
grant insert (
  provider, account_id, account_label, account_class, scopes,
  sealed_access_token, sealed_refresh_token, access_token_expires_at, grant_expires_at
) on table public.calendar_connections to authenticated;
grant update (
  account_id, account_label, account_class, scopes,
  sealed_access_token, sealed_refresh_token, access_token_expires_at, grant_expires_at
) on table public.calendar_connections to authenticated;
grant delete on table public.calendar_connections to authenticated;

revoke all on table public.calendar_oauth_states from public, anon, authenticated, service_role;
grant select, delete on table public.calendar_oauth_states to authenticated;
grant insert (provider, state_hash, sealed_verifier, connection_id)
  on table public.calendar_oauth_states to authenticated;

-- what the worker writes: users may read it

revoke all on table public.calendar_sync_states from public, anon, authenticated, service_role;
grant select (connection_id, user_id, provider, due_at, last_ok_at, failing_since, reason)
  on table public.calendar_sync_states to authenticated, service_role;

revoke all on table public.calendar_calendars from public, anon, authenticated, service_role;
grant select on table public.calendar_calendars to authenticated;
grant select (user_id, connection_id, calendar_id, time_zone, selected, busy, busy_days)
  on table public.calendar_calendars to service_role;

revoke all on table public.calendar_sync_logs from public, anon, authenticated, service_role;
grant select on table public.calendar_sync_logs to authenticated;

-- what users write by themselves

revoke all on table public.calendar_settings from public, anon, authenticated, service_role;
grant select, delete on table public.calendar_settings to authenticated;
grant insert (
  time_zone, working_hours, minutes_per_action, reserve_percent, min_block_minutes, max_actions,
  tentative_counts
), update (
  time_zone, working_hours, minutes_per_action, reserve_percent, min_block_minutes, max_actions,
  tentative_counts
) on table public.calendar_settings to authenticated;
grant select (user_id, time_zone) on table public.calendar_settings to service_role;

-- the views: service_role has rights on the tables above only as far as the views need them

revoke all on table public.calendar_connection_details, public.calendar_busy_times
  from public, anon, authenticated, service_role;
grant select on table public.calendar_connection_details, public.calendar_busy_times
  to authenticated, service_role;

-- the functions

revoke all on function
  public.calendar_open_state(uuid, text, text, text, uuid),
  public.calendar_take_state(uuid, text),
  public.calendar_status(uuid),
  public.calendar_save_connection(
    uuid, text, uuid, text, text, text, text[], text, text, integer, integer, integer
  ),
  public.calendar_disconnect(uuid, text, uuid),
  public.calendar_refresh_mine(uuid),
  public.calendar_sync_claim(jsonb),
  public.calendar_sync_settle(jsonb),
  public.calendar_sync_report(jsonb)
  from public, anon, authenticated, service_role;
grant execute on function
  public.calendar_open_state(uuid, text, text, text, uuid),
  public.calendar_take_state(uuid, text),
  public.calendar_status(uuid),
  public.calendar_save_connection(
    uuid, text, uuid, text, text, text, text[], text, text, integer, integer, integer
  ),
  public.calendar_disconnect(uuid, text, uuid),
  public.calendar_refresh_mine(uuid)
  to authenticated;
grant execute on function
  public.calendar_sync_claim(jsonb),
  public.calendar_sync_settle(jsonb),
  public.calendar_sync_report(jsonb)
  to service_role;

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
