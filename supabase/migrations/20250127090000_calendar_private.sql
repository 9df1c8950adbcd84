-- Purpose: a schema for what no client may reach, and the one answer to "who is asking?".
-- Tables:  none.
-- Schemas: calendar_private (new).
-- Risks:   none to existing data. A schema of this name makes the migration fail.
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
  if p_user_id is distinct from calendar_private.caller() or p_user_id is null then
    raise exception 'p_user_id is not the caller' using errcode = '42501';
  end if;
end;
$$;

comment on function calendar_private.require_caller(uuid) is
  'Stops a call that names a user who is not the one who asks, and a call by nobody.';
