-- Purpose: keep users.calendar_connected equal to "an active connection exists".
-- Tables:  triggers on public.users. Those on connections are in the migration `calendar_changes`.
-- Risks:   a change of a user's connections updates that user's row, if it exists, when the fact has
--          changed; triggers of the app on public.users then run as for any update.
--
-- How it is right under concurrency, at READ COMMITTED:
-- * Two changes of one user's connections do not see each other. Each therefore locks the user's row
--   first and looks afterwards: the later one looks when the earlier one is visible.
-- * A users row inserted at the same time cannot be locked, for it is not visible. Its insert and a
--   change that finds no row meet in an advisory lock instead. Inserts share it among themselves, and
--   there are 64 of them, so that filling a large table takes 64 locks and waits for nobody.

create function calendar_private.has_active_connection(p_user_id uuid)
returns boolean
language sql
stable
set search_path = ''
as $$
  select exists (
    select from public.calendar_connections
    where user_id = p_user_id and status = 'active'
  );
$$;

comment on function calendar_private.has_active_connection(uuid) is
  'Whether the user has an active connection.';

create function calendar_private.late_user_lock(p_user_id uuid)
returns bigint
language sql
immutable
set search_path = ''
as $$
  select hashtextextended('calendar_connected', 0) + (hashtext(p_user_id::text) & 63);
$$;

comment on function calendar_private.late_user_lock(uuid) is
  'The advisory lock in which a users row inserted late meets a change of connections.';

create function calendar_private.set_flag(p_user_id uuid)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
  wanted boolean;
begin
  perform from public.users where id = p_user_id for no key update;
  if not found then
    perform pg_advisory_xact_lock(calendar_private.late_user_lock(p_user_id));
    perform from public.users where id = p_user_id for no key update;
  end if;
  wanted := calendar_private.has_active_connection(p_user_id);
  update public.users set calendar_connected = wanted
  where id = p_user_id and calendar_connected is distinct from wanted;
end;
$$;

comment on function calendar_private.set_flag(uuid) is
  'Makes a user''s calendar_connected true to the rows; inserts no user.';

create function calendar_private.state_the_fact()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  new.calendar_connected := calendar_private.has_active_connection(new.id);
  return new;
end;
$$;

comment on function calendar_private.state_the_fact() is
  'Before a users row is written: the flag says what is, whatever was sent.';

create trigger calendar_state_the_fact
  before insert on public.users
  for each row execute function calendar_private.state_the_fact();

-- Only for an update that changes the flag, or whose row it is. All others leave what is there, which
-- is the fact.
create trigger calendar_restate_the_fact
  before update on public.users
  for each row
  when (new.calendar_connected is distinct from old.calendar_connected or new.id <> old.id)
  execute function calendar_private.state_the_fact();

create function calendar_private.late_user()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform pg_advisory_xact_lock_shared(calendar_private.late_user_lock(new.id));
  perform calendar_private.set_flag(new.id);
  return null;
end;
$$;

comment on function calendar_private.late_user() is
  'After a users row was inserted: the fact again, for connections changed meanwhile.';

create trigger calendar_late_user
  after insert on public.users
  for each row execute function calendar_private.late_user();
