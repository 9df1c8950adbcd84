-- Purpose: what the background worker knows and does, and users may only read.
-- Tables:  public.calendar_sync_states, public.calendar_sync_logs, calendar_private.sync_runs,
--          calendar_private.config (all new).
-- Risks:   none to existing data. A table of one of these names makes the migration fail.
--
-- Everything that locks rows of more than one table does so in this order, so that no two wait for
-- each other: auth.users, calendar_connections (by id), calendar_sync_states, calendar_calendars,
-- calendar_sync_logs and the outbox, public.users.

create table public.calendar_sync_states (
  connection_id uuid primary key references public.calendar_connections (id) on delete cascade,
  user_id uuid not null,
  provider text not null
    constraint calendar_sync_states_provider_shape check (provider ~ '^[a-z][a-z0-9_]{0,63}$'),
  due_at timestamptz not null default now(),
  leased_until timestamptz,
  fence integer not null default 0,
  unsettled integer not null default 0,
  failures integer not null default 0,
  strikes integer not null default 0,
  struck_at timestamptz,
  flipped_at timestamptz,
  marked boolean not null default false,
  last_seen_at timestamptz default now(),
  listed_at timestamptz,
  tried_at timestamptz,
  last_ok_at timestamptz,
  failing_since timestamptz,
  reason text
    constraint calendar_sync_states_reason_known
    check (
      reason in (
        'grant_ended', 'sign_in_again', 'scope_missing', 'account_unusable', 'admin_blocked',
        'client_changed', 'key_missing', 'sealed_unreadable', 'provider_unavailable', 'throttled',
        'operator', 'no_mailbox', 'quarantined'
      )
    ),
  verified_account text
    constraint calendar_sync_states_verified_account_shape
    check (verified_account ~ '^[!-~]{0,255}$')
) with (fillfactor = 70);

create index calendar_sync_states_due on public.calendar_sync_states (provider, due_at);
create index calendar_sync_states_user on public.calendar_sync_states (user_id);
create index calendar_sync_states_account on public.calendar_sync_states (provider, verified_account)
  where verified_account <> '';

comment on table public.calendar_sync_states is
  'One row per connection: when it is read next, and how reading went. Written by the worker alone.';
comment on column public.calendar_sync_states.connection_id is 'The connection.';
comment on column public.calendar_sync_states.user_id is 'The connection''s owner.';
comment on column public.calendar_sync_states.provider is 'The connection''s provider.';
comment on column public.calendar_sync_states.due_at is
  'When the connection is to be read; while a worker has it, when its lease ends. infinity: never.';
comment on column public.calendar_sync_states.leased_until is
  'Until when a worker has claimed the connection; null where none has.';
comment on column public.calendar_sync_states.fence is
  'Raised by every claim and connect: a worker whose number is older changes nothing here.';
comment on column public.calendar_sync_states.unsettled is
  'Claims since a worker last said what came of one.';
comment on column public.calendar_sync_states.failures is
  'Failures in a row; they set how long the next try waits.';
comment on column public.calendar_sync_states.strikes is
  'Refusals in a row by which the provider says that the grant has ended.';
comment on column public.calendar_sync_states.struck_at is 'When the first of these strikes was.';
comment on column public.calendar_sync_states.flipped_at is
  'When the connection was found to have ended; it is still tried for seven days after that.';
comment on column public.calendar_sync_states.marked is
  'Whether the user has asked for the connection to be read now.';
comment on column public.calendar_sync_states.listed_at is
  'When the list of the account''s calendars was last read.';
comment on column public.calendar_sync_states.last_seen_at is
  'When the user last looked, to the hour: it sets how often the calendar is read.';
comment on column public.calendar_sync_states.tried_at is
  'When a worker last tried to read the calendar, whatever came of it.';
comment on column public.calendar_sync_states.last_ok_at is
  'When the calendar was last read; null until then.';
comment on column public.calendar_sync_states.failing_since is
  'When reading began to fail; null while it works.';
comment on column public.calendar_sync_states.reason is
  'Why reading fails, as a code of this project; null while it works. Never the provider''s text.';
comment on column public.calendar_sync_states.verified_account is
  'The account for which the worker opened the tokens; empty where it is unknown, null before that.';

alter table public.calendar_sync_states enable row level security;

create policy calendar_sync_states_users_only on public.calendar_sync_states
  as restrictive for all to authenticated
  using ((select calendar_private.caller()) is not null);

create policy calendar_sync_states_select_own on public.calendar_sync_states
  for select to authenticated
  using (user_id = (select auth.uid()));

-- No foreign key: with one, a log line written while the account is deleted would make the deletion
-- wait for it in a circle, or fail. The logs of a deleted account go in calendar_private.forget_user.
create table public.calendar_sync_logs (
  id bigint generated always as identity primary key,
  user_id uuid not null,
  connection_id uuid,
  provider text
    constraint calendar_sync_logs_provider_shape check (provider ~ '^[a-z][a-z0-9_]{0,63}$'),
  at timestamptz not null default now(),
  event text not null
    constraint calendar_sync_logs_event_shape check (event ~ '^[a-z][a-z0-9_]{0,63}$'),
  reason text
    constraint calendar_sync_logs_reason_shape check (reason ~ '^[a-z][a-z0-9_]{0,63}$'),
  http_status integer,
  provider_request_id text
    constraint calendar_sync_logs_provider_request_id_shape
    check (provider_request_id ~ '^[!-~]{1,128}$')
);

create index calendar_sync_logs_user on public.calendar_sync_logs (user_id, id desc);
create index calendar_sync_logs_at on public.calendar_sync_logs (at);

comment on table public.calendar_sync_logs is
  'What changed for a user''s connections, for the user: not a line for every read. Kept for 30 days, '
  'and not more than the newest 200 lines of a user.';
comment on column public.calendar_sync_logs.id is 'Counts the lines.';
comment on column public.calendar_sync_logs.user_id is 'Whose connection it is or was.';
comment on column public.calendar_sync_logs.connection_id is 'The connection, which may be gone.';
comment on column public.calendar_sync_logs.provider is 'Its provider.';
comment on column public.calendar_sync_logs.at is 'When it happened.';
comment on column public.calendar_sync_logs.event is
  'What happened: connected, disconnected, and what the worker reports.';
comment on column public.calendar_sync_logs.reason is 'Why, as a code of this project.';
comment on column public.calendar_sync_logs.http_status is 'What the provider answered with, if it did.';
comment on column public.calendar_sync_logs.provider_request_id is
  'The provider''s id of that request, for its support.';

alter table public.calendar_sync_logs enable row level security;

create policy calendar_sync_logs_users_only on public.calendar_sync_logs
  as restrictive for all to authenticated
  using ((select calendar_private.caller()) is not null);

create policy calendar_sync_logs_select_own on public.calendar_sync_logs
  for select to authenticated
  using (user_id = (select auth.uid()));

create function calendar_private.log(
  p_user_id uuid,
  p_connection_id uuid,
  p_provider text,
  p_event text,
  p_reason text default null,
  p_http_status integer default null,
  p_provider_request_id text default null
)
returns void
language plpgsql
set search_path = ''
as $$
begin
  insert into public.calendar_sync_logs (
    user_id, connection_id, provider, event, reason, http_status, provider_request_id
  )
  values (
    p_user_id, p_connection_id, p_provider, p_event, p_reason, p_http_status, p_provider_request_id
  );
  -- Skips lines that another transaction is deleting, because that one may wait for this one.
  delete from public.calendar_sync_logs where id in (
    select line.id from public.calendar_sync_logs as line
    where line.id in (
      select old.id from public.calendar_sync_logs as old
      where old.user_id = p_user_id
      order by old.id desc
      offset 200
    )
    for update skip locked
  );
end;
$$;

comment on function calendar_private.log(uuid, uuid, text, text, text, integer, text) is
  'Adds a line to a user''s log and keeps the newest 200. For holders of the connection''s lock.';

create table calendar_private.sync_runs (
  id uuid primary key,
  purpose text not null,
  began_at timestamptz not null default now(),
  beat_at timestamptz not null default now(),
  ended_at timestamptz,
  function_clock timestamptz,
  counts jsonb not null default '{}'
);

create index sync_runs_beat on calendar_private.sync_runs (beat_at);
create index sync_runs_ended_ticks on calendar_private.sync_runs (ended_at) where purpose = 'tick';

comment on table calendar_private.sync_runs is
  'One row per invocation of the worker, by its purpose (tick, now, token, keys). Kept for 14 days.';
comment on column calendar_private.sync_runs.beat_at is 'When the run last reported.';
comment on column calendar_private.sync_runs.function_clock is
  'What the function took the time for when it reported: how far its clock is off.';

create table calendar_private.config (
  only_row boolean primary key default true check (only_row),
  function_url text,
  revoke boolean not null default true
);

insert into calendar_private.config default values;

comment on table calendar_private.config is 'One row: what the database must know of the deployment.';
comment on column calendar_private.config.function_url is
  'Where the worker is called when something is due; null while nothing is scheduled.';
comment on column calendar_private.config.revoke is
  'Whether grants are withdrawn at providers where that is possible.';

-- Provider by provider, each by one look-up in the index, whatever the planner thinks of the rows.
create function calendar_private.anything_due(p_before timestamptz)
returns boolean
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  current text := '';
  earliest timestamptz;
begin
  loop
    select state.provider, state.due_at into current, earliest
    from public.calendar_sync_states as state
    where state.provider > current
    order by state.provider, state.due_at
    limit 1;
    exit when not found;
    if earliest <= p_before then
      return true;
    end if;
  end loop;
  return false;
end;
$$;

comment on function calendar_private.anything_due(timestamptz) is
  'Whether a connection was to be read before this time and has not been.';

create function calendar_private.sync_health()
returns jsonb
language sql
stable
security definer
set search_path = ''
set timezone = 'UTC'
as $$
  select jsonb_build_object(
    'healthy',
    case when run.ended_at is not null then
      run.ended_at > now() - interval '5 minutes'
      or not calendar_private.anything_due(now() - interval '5 minutes')
    end,
    'last_run_at', run.ended_at
  )
  from (
    select max(ended_at) as ended_at from calendar_private.sync_runs where purpose = 'tick'
  ) as run
  where calendar_private.caller() is not null;
$$;

comment on function calendar_private.sync_health() is
  'Whether calendars are being read: healthy is null where no scheduled run was ever seen.';
