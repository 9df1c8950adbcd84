/**
 * `users.calendar_connected` is the existence of an active connection, whoever writes at one time.
 *
 * Seen to fail when the defence is out: see `defences.ts`, entries named "flag:".
 */
import { asUser } from "./actors.ts";
import { type Random, random } from "./random.ts";
import { connect, crowd, type Server, servers, withDatabase } from "./servers.ts";
import { describe, type World } from "./worlds.ts";

const worlds: World[] = [{ users: "app", grants: "all" }, { users: "made", grants: "none" }];
const workers = 20;
const operationsPerRound = 20;
const userIds = Array.from({ length: 8 }, (_, n) => `00000000-0000-4000-8000-00000000010${n}`);

const lie = `select count(*)::int as lies from public.users
  where calendar_connected <> exists (
    select from public.calendar_connections
    where user_id = users.id and status = 'active'
  )`;

type Sql = ReturnType<typeof connect>;

for (const server of servers()) {
  for (const world of worlds) {
    const title = `Postgres ${server.version}, ${describe(world)}`;
    Deno.test(`${title}: 20 workers connect, disconnect, forge, add and drop users rows, and the flag is always true to the rows`, () =>
      everybodyAtOnce(server, world, {
        choose: operation,
        rounds: world.users === "app" ? 25 : 5,
      }));
    // 23503: the account went first. Nothing else may go wrong.
    Deno.test(`${title}: 20 workers do so while accounts are deleted and made again`, () =>
      everybodyAtOnce(server, world, {
        choose: operationOrDeletion,
        rounds: 5,
        tolerated: "23503",
      }));
  }
}

interface Load {
  choose: (random: Random, world: World) => string;
  rounds: number;
  tolerated?: string;
}

async function everybodyAtOnce(
  server: Server,
  world: World,
  { choose, rounds, tolerated }: Load,
): Promise<void> {
  await withDatabase(server, world, async (url) => {
    const { seed } = random();
    const { members, end } = crowd(url, workers);
    const observer = connect(url);
    try {
      for (const id of userIds) await observer.unsafe(signUp(id));
      await observer.unsafe(
        "update calendar_private.config set function_url = 'https://example.com/calendar-sync'",
      );
      for (let round = 0; round < rounds; round++) {
        let running = true;
        const watching = watch(observer, () => running);
        const work = members.map(async (sql, worker) => {
          const dice = random(seed + round * workers + worker);
          for (let n = 0; n < operationsPerRound; n++) {
            await attempt(sql, choose(dice, world), tolerated);
          }
        });
        await Promise.all(work).finally(() => running = false);
        await watching;
      }
      await assertNothingIsLeftOfTheDeleted(observer);
    } catch (error) {
      throw new Error(`CALENDAR_TEST_SEED=${seed} repeats this`, { cause: error });
    } finally {
      await end();
      await observer.end();
    }
  });
}

/** Every snapshot must hold, not only the last: the flag changes in the transaction of the rows. */
async function watch(observer: Sql, running: () => boolean): Promise<void> {
  do {
    const [row] = await observer.unsafe(lie);
    if (row?.lies !== 0) throw new Error(`${row?.lies} users have a flag that is not true`);
  } while (running());
}

async function attempt(sql: Sql, statement: string, tolerated?: string): Promise<void> {
  try {
    await sql.unsafe(statement);
  } catch (error) {
    await sql.unsafe("rollback");
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    if (code !== tolerated) throw new Error(`${statement}: ${detail(error)}`, { cause: error });
  }
}

function operation(dice: Random, world: World): string {
  const id = dice.pick(userIds);
  const provider = dice.pick(["google", "outlook"]);
  const mine = { users: world.users, id, provider, dice };
  return dice.pick([connecting, connecting, connecting, disconnecting, disconnecting, others])(
    mine,
  );
}

function operationOrDeletion(dice: Random, world: World): string {
  const id = dice.pick(userIds);
  const kind = dice.below(10);
  if (kind === 0) return `delete from auth.users where id = '${id}'`;
  if (kind < 3) return `${signUp(id)} on conflict do nothing`;
  return operation(dice, world);
}

interface Mine {
  users: World["users"];
  id: string;
  provider: string;
  dice: Random;
}

function connecting({ id, provider, dice }: Mine): string {
  const account = dice.pick(["'ann'", "'bea'", "null"]);
  const token = dice.below(2 ** 32);
  return asUser(
    id,
    `select public.calendar_save_connection('${id}', '${provider}', null, ${account}, null, null, '{}',
      'v1.00000000.A${token}', 'v1.00000000.B${token}', 3600, null, 10)`,
  );
}

function disconnecting({ id, provider, dice }: Mine): string {
  const one = `(select id from public.calendar_connections limit 1)`;
  const which = dice.pick(["", `, '${provider}'`, `, null, ${one}`]);
  return asUser(id, `select public.calendar_disconnect('${id}'${which})`);
}

function others(mine: Mine): string {
  const { id, dice } = mine;
  const status = dice.pick(["active", "expired", "revoked"]);
  const state = String(dice.below(2 ** 32)).padStart(43, "s");
  return dice.pick([
    asUser(
      id,
      `select public.calendar_open_state('${id}', 'google', '${state}', 'v1.00000000.AAAA')`,
    ),
    asUser(
      id,
      `select public.calendar_take_state('${id}', open.state_hash)
       from (select state_hash from public.calendar_oauth_states limit 1) as open`,
    ),
    asUser(id, `select public.calendar_status('${id}')`),
    asUser(
      id,
      `insert into public.calendar_settings (max_actions) values (3)
       on conflict (user_id) do update set max_actions = excluded.max_actions`,
    ),
    flipped(mine, status),
    flipped(mine, status),
    mine.users === "app" ? forged(mine, "authenticated") : forged(mine, "service_role"),
    `delete from public.users where id = '${id}'`,
    lateRow(mine),
  ]);
}

/** As a worker does: one connection in a transaction, locked in the order of all. */
function flipped({ id, dice }: Mine, status: string): string {
  return `begin; do $$
    declare
      chosen uuid := (
        select connection.id from public.calendar_connections as connection
        where connection.user_id = '${id}' order by connection.id offset ${dice.below(2)} limit 1
      );
    begin
      perform from public.calendar_connections as connection
      where connection.id = chosen for no key update;
      if not found then
        return;
      end if;
      perform from public.calendar_sync_states as state
      where state.connection_id = chosen for update;
      update public.calendar_connections as connection set status = '${status}',
        sealed_refresh_token = 'v1.00000000.W${dice.below(2 ** 32)}'
      where connection.id = chosen;
      update public.calendar_sync_states as state set tried_at = now(), verified_account = 'ann'
      where state.connection_id = chosen;
      insert into public.calendar_calendars (connection_id, calendar_id, user_id)
      values (chosen, 'c', '${id}') on conflict do nothing;
      perform calendar_private.log('${id}', chosen, null, 'flipped');
    end $$; commit`;
}

/** An app lets its users write their own row; without such a table only the service could. */
function forged({ id, dice, users }: Mine, role: "authenticated" | "service_role"): string {
  const set = `update public.users set calendar_connected = ${dice.pick(["true", "false"])}
    where id = '${id}'`;
  if (users === "app" && role === "authenticated") return asUser(id, set);
  return `begin; set local role service_role; ${set}; commit`;
}

function lateRow({ id, users, dice }: Mine): string {
  const flag = dice.pick(["true", "false"]);
  const [columns, values] = users === "app"
    ? ["id, email, display_name, calendar_connected", `'late@example.com', 'Late', ${flag}`]
    : ["id, calendar_connected", flag];
  return `insert into public.users (${columns})
    select id, ${values} from auth.users where id = '${id}' on conflict do nothing`;
}

function signUp(id: string): string {
  return `insert into auth.users (id, email) values ('${id}', 'user@example.com')`;
}

async function assertNothingIsLeftOfTheDeleted(observer: Sql): Promise<void> {
  const left = await observer.unsafe(`
    select user_id from public.calendar_connections
    union all select user_id from public.calendar_oauth_states
    union all select user_id from public.calendar_sync_states
    union all select user_id from public.calendar_calendars
    union all select user_id from public.calendar_sync_logs
    union all select user_id from public.calendar_settings
    union all select user_id from calendar_private.take_counts
    union all select id from public.users
    except select id from auth.users`);
  if (left.length > 0) throw new Error(`${left.length} rows are of deleted accounts`);
}

/** What Postgres says beside its message, such as who waited for whom. */
function detail(error: unknown): string {
  return error instanceof Error && "detail" in error ? String(error.detail) : "";
}
