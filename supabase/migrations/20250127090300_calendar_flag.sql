-- Purpose: keep users.calendar_connected equal to "an active connection exists".
-- Tables:  triggers on public.users, public.calendar_connections and auth.users.
-- Risks:   a change of a user's connections updates that user's row, if it exists, when the fact has
--          changed; triggers of the app on public.users then run as for any update.
--
-- How it is right under concurrency, at READ COMMITTED:
-- * Two changes of one user's connections do not see each other. Each therefore locks the user's row
--   first and looks afterwards: the later one looks when the earlier one is visible.
-- * A users row inserted at the same time cannot be locked, for it is not visible. Its insert and a
--   change that finds no row meet in an advisory lock instead. Inserts share it among themselves, and
--   there are 64 of them, so that filling a large table takes 64 locks and waits for nobody.
-- * Everybody locks in one order: auth.users, connections, public.users. A deletion of the account
--   would go to public.users first, where that foreign key is the older one, and could then wait for
--   a change of connections that waits for it. Therefore it deletes the connections first.

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

create function calendar_private.connection_changed()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  if tg_op <> 'INSERT' then
    perform calendar_private.set_flag(old.user_id);
  end if;
  if tg_op = 'INSERT' or (tg_op = 'UPDATE' and new.user_id <> old.user_id) then
    perform calendar_private.set_flag(new.user_id);
  end if;
  return null;
end;
$$;

comment on function calendar_private.connection_changed() is
  'After a change of connections: the flags of the users concerned.';

create trigger calendar_connection_changed
  after insert or delete or update on public.calendar_connections
  for each row execute function calendar_private.connection_changed();

create function calendar_private.connections_truncated()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  update public.users set calendar_connected = false
  where calendar_connected is distinct from false;
  return null;
end;
$$;

comment on function calendar_private.connections_truncated() is
  'After a truncate of connections nobody is connected.';

create trigger calendar_connections_truncated
  after truncate on public.calendar_connections
  for each statement execute function calendar_private.connections_truncated();

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

create function calendar_private.forget_user()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform from public.calendar_connections where user_id = old.id order by provider for update;
  delete from public.calendar_connections where user_id = old.id;
  return null;
end;
$$;

comment on function calendar_private.forget_user() is
  'When an auth user is deleted: the connections go before everything else that refers to it.';

-- Triggers run in the order of their names, in bytes: a capital C comes before the RI_… of foreign
-- keys. Not a before trigger: the row is to be deleted by then, so that a trigger of the app that
-- writes to it finds nothing instead of making the deletion fail.
create trigger "Calendar_forget_user"
  after delete on auth.users
  for each row execute function calendar_private.forget_user();
