-- Purpose: when a user is busy, how a user works, and the two views that an app reads.
-- Tables:  public.calendar_calendars, public.calendar_settings, calendar_private.time_zones (all new),
--          public.calendar_connection_details, public.calendar_busy_times (new views).
-- Risks:   none to existing data. A table or view of one of these names makes the migration fail.
--
-- No title, person or place is stored: busy times only.

create table public.calendar_calendars (
  connection_id uuid not null references public.calendar_connections (id) on delete cascade,
  calendar_id text not null
    constraint calendar_calendars_calendar_id_shape
    check (
      octet_length(calendar_id) between 1 and 1024
      and calendar_id !~ '[\x01-\x1f\x7f]' and calendar_id not in ('.', '..')
    ),
  user_id uuid not null,
  name text constraint calendar_calendars_name_length check (octet_length(name) <= 1024),
  time_zone text constraint calendar_calendars_time_zone_length check (octet_length(time_zone) <= 64),
  is_primary boolean not null default false,
  access text
    constraint calendar_calendars_access_shape check (access ~ '^[A-Za-z][A-Za-z0-9_]{0,63}$'),
  selected boolean not null default false,
  busy int4multirange not null default '{}',
  busy_days datemultirange not null default '{}',
  covers int4range,
  covers_until timestamptz
    generated always as (to_timestamp(upper(covers) * 60::double precision)) stored,
  read_at timestamptz,
  reason text
    constraint calendar_calendars_reason_shape check (reason ~ '^[a-z][a-z0-9_]{0,63}$'),
  primary key (connection_id, calendar_id)
) with (fillfactor = 80);

create index calendar_calendars_user on public.calendar_calendars (user_id);

comment on table public.calendar_calendars is
  'The calendars of a connection and when they are busy. Written by the worker alone.';
comment on column public.calendar_calendars.connection_id is 'The connection.';
comment on column public.calendar_calendars.calendar_id is 'The provider''s id of the calendar.';
comment on column public.calendar_calendars.user_id is 'The connection''s owner.';
comment on column public.calendar_calendars.name is 'What the user calls the calendar.';
comment on column public.calendar_calendars.time_zone is
  'The calendar''s IANA time zone; null where it is unknown, also to Postgres.';
comment on column public.calendar_calendars.is_primary is 'Whether it is the account''s own calendar.';
comment on column public.calendar_calendars.access is 'The user''s access to it, as the provider says.';
comment on column public.calendar_calendars.selected is
  'Whether it is read and counts. The user''s choice.';
comment on column public.calendar_calendars.busy is
  'Busy minutes since 1970-01-01 00:00 UTC, ends exclusive.';
comment on column public.calendar_calendars.busy_days is
  'Days that are busy as a whole, in whatever time zone the user is.';
comment on column public.calendar_calendars.covers is
  'The minutes that busy knows about; null where it was never read. Outside is unknown, not free.';
comment on column public.calendar_calendars.covers_until is 'The end of covers.';
comment on column public.calendar_calendars.read_at is 'When it was last read.';
comment on column public.calendar_calendars.reason is
  'Why it could not be read the last time, as a code of this project; null where it could.';

alter table public.calendar_calendars enable row level security;

create policy calendar_calendars_users_only on public.calendar_calendars
  as restrictive for all to authenticated
  using ((select calendar_private.caller()) is not null);

create policy calendar_calendars_select_own on public.calendar_calendars
  for select to authenticated
  using (user_id = (select auth.uid()));

create table public.calendar_settings (
  user_id uuid primary key default auth.uid() references auth.users (id) on delete cascade,
  time_zone text
    constraint calendar_settings_time_zone_length check (octet_length(time_zone) between 1 and 64),
  working_hours int4multirange
    constraint calendar_settings_working_hours_in_a_week
    check (working_hours <@ '[0,10080)'::int4range and octet_length(working_hours::text) <= 1024),
  minutes_per_action smallint
    constraint calendar_settings_minutes_per_action_range check (minutes_per_action between 5 and 480),
  reserve_percent smallint
    constraint calendar_settings_reserve_percent_range check (reserve_percent between 0 and 100),
  min_block_minutes smallint
    constraint calendar_settings_min_block_minutes_range check (min_block_minutes between 5 and 480),
  max_actions smallint
    constraint calendar_settings_max_actions_range check (max_actions between 0 and 50),
  tentative_counts boolean
);

comment on table public.calendar_settings is
  'How a user works; written by the user. A null is the default, which the function knows.';
comment on column public.calendar_settings.user_id is
  'The user; a default, never sent by a client.';
comment on column public.calendar_settings.time_zone is 'An IANA time zone that Postgres knows.';
comment on column public.calendar_settings.working_hours is
  'Minutes of the local week from Monday 00:00, ends exclusive: {[540,1020)} is Monday 9 to 17.';
comment on column public.calendar_settings.minutes_per_action is 'How long one action takes.';
comment on column public.calendar_settings.reserve_percent is 'How much free time is left unplanned.';
comment on column public.calendar_settings.min_block_minutes is 'Free blocks shorter than this do not count.';
comment on column public.calendar_settings.max_actions is 'The most actions of one day.';
comment on column public.calendar_settings.tentative_counts is
  'Whether events that are tentatively accepted count as busy.';

alter table public.calendar_settings enable row level security;

create policy calendar_settings_users_only on public.calendar_settings
  as restrictive for all to authenticated
  using ((select calendar_private.caller()) is not null);

create policy calendar_settings_select_own on public.calendar_settings
  for select to authenticated
  using (user_id = (select auth.uid()));

create policy calendar_settings_insert_own on public.calendar_settings
  for insert to authenticated
  with check (user_id = (select auth.uid()));

create policy calendar_settings_update_own on public.calendar_settings
  for update to authenticated
  using (user_id = (select auth.uid()))
  with check (user_id = (select auth.uid()));

create policy calendar_settings_delete_own on public.calendar_settings
  for delete to authenticated
  using (user_id = (select auth.uid()));

-- Postgres takes nearly any text for a time zone (FOO5 is one) and lists the real ones in 30 ms.
-- So the list is kept, and made anew for a name that is not on it, at most once a minute whoever
-- asks. A sequence remembers that minute, because it does so even if the transaction fails.
create table calendar_private.time_zones (name text primary key);

comment on table calendar_private.time_zones is 'The IANA time zones that Postgres knows.';

create sequence calendar_private.time_zones_listed minvalue 0 start 0;

comment on sequence calendar_private.time_zones_listed is
  'The minute since 1970 in which calendar_private.time_zones was last made.';

create function calendar_private.knows_time_zone(p_name text)
returns boolean
language plpgsql
security definer
set search_path = ''
as $$
declare
  this_minute bigint := extract(epoch from clock_timestamp())::bigint / 60;
begin
  if exists (select from calendar_private.time_zones where name = p_name) then
    return true;
  end if;
  if (select last_value from calendar_private.time_zones_listed) >= this_minute then
    return false;
  end if;
  perform setval('calendar_private.time_zones_listed', this_minute);
  insert into calendar_private.time_zones (name)
  select listed.name from pg_catalog.pg_timezone_names as listed
  where listed.name !~ '^(posix|right)/' and listed.name not in ('posixrules', 'localtime', 'Factory')
  on conflict do nothing;
  return exists (select from calendar_private.time_zones where name = p_name);
end;
$$;

comment on function calendar_private.knows_time_zone(text) is
  'Whether Postgres has this IANA time zone.';

select calendar_private.knows_time_zone('UTC');

create function calendar_private.check_time_zone()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  if not calendar_private.knows_time_zone(new.time_zone) then
    raise exception 'time_zone is not an IANA time zone'
      using errcode = '23514', constraint = 'calendar_settings_time_zone_known';
  end if;
  return new;
end;
$$;

comment on function calendar_private.check_time_zone() is
  'Refuses settings with a time zone that Postgres does not know.';

create trigger calendar_check_new_time_zone
  before insert on public.calendar_settings
  for each row when (new.time_zone is not null)
  execute function calendar_private.check_time_zone();

create trigger calendar_check_time_zone
  before update on public.calendar_settings
  for each row when (new.time_zone is not null and new.time_zone is distinct from old.time_zone)
  execute function calendar_private.check_time_zone();

create function calendar_private.forget_unknown_time_zone()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  if not calendar_private.knows_time_zone(new.time_zone) then
    new.time_zone := null;
  end if;
  return new;
end;
$$;

comment on function calendar_private.forget_unknown_time_zone() is
  'Stores a calendar''s time zone as unknown where Postgres does not know it.';

create trigger calendar_forget_unknown_new_time_zone
  before insert on public.calendar_calendars
  for each row when (new.time_zone is not null)
  execute function calendar_private.forget_unknown_time_zone();

create trigger calendar_forget_unknown_time_zone
  before update on public.calendar_calendars
  for each row when (new.time_zone is not null and new.time_zone is distinct from old.time_zone)
  execute function calendar_private.forget_unknown_time_zone();

create view public.calendar_connection_details with (security_invoker = true) as
select
  connection.id,
  connection.user_id,
  connection.provider,
  connection.status,
  connection.calendar_id,
  connection.account_id,
  connection.account_label,
  connection.account_class,
  connection.scopes,
  connection.access_token_expires_at,
  connection.grant_expires_at,
  state.last_ok_at as last_sync_at,
  state.reason as last_error_code,
  state.reason,
  coalesce(state.reason in ('grant_ended', 'sign_in_again', 'scope_missing'), false) as needs_reconnect,
  state.failing_since,
  nullif(state.due_at, 'infinity') as next_sync_at,
  connection.connected_at,
  connection.updated_at
from public.calendar_connections as connection
left join public.calendar_sync_states as state on state.connection_id = connection.id;

comment on view public.calendar_connection_details is
  'The connections without their sealed columns and with how reading goes: an app''s select * works.';

create view public.calendar_busy_times with (security_invoker = true) as
select
  calendar.user_id,
  calendar.connection_id,
  calendar.calendar_id,
  to_timestamp(lower(minutes) * 60::double precision) as starts_at,
  to_timestamp(upper(minutes) * 60::double precision) as ends_at,
  false as all_day
from public.calendar_calendars as calendar
cross join unnest(calendar.busy) as minutes
where calendar.selected
union all
select
  calendar.user_id,
  calendar.connection_id,
  calendar.calendar_id,
  lower(days)::timestamp at time zone coalesce(settings.time_zone, calendar.time_zone, 'UTC'),
  upper(days)::timestamp at time zone coalesce(settings.time_zone, calendar.time_zone, 'UTC'),
  true
from public.calendar_calendars as calendar
cross join unnest(calendar.busy_days) as days
left join public.calendar_settings as settings on settings.user_id = calendar.user_id
where calendar.selected;

comment on view public.calendar_busy_times is
  'When the selected calendars are busy. No row does not mean free: calendar_calendars.covers says '
  'what is known. Whole days are in the user''s time zone.';
