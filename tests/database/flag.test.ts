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

function connecting({ id, provider }: Mine): string {
  return asUser(
    id,
    `select public.calendar_save_connection('${id}', '${provider}', 'c', null, null, '{}',
      'v1.00000000.AAAA', 'v1.00000000.BBBB', null)`,
  );
}

function disconnecting({ id, provider, dice }: Mine): string {
  const which = dice.below(2) === 0 ? "" : `, '${provider}'`;
  return asUser(id, `select public.calendar_disconnect('${id}'${which})`);
}

function others(mine: Mine): string {
  const { id, provider, dice } = mine;
  const status = dice.pick(["active", "expired", "revoked"]);
  const state = String(dice.below(2 ** 32)).padStart(43, "s");
  return dice.pick([
    asUser(
      id,
      `select public.calendar_open_state('${id}', 'google', '${state}', 'v1.00000000.AAAA')`,
    ),
    asUser(
      id,
      `select taken.live from (select state_hash from public.calendar_oauth_states limit 1) as open,
        public.calendar_take_state('${id}', open.state_hash) as taken`,
    ),
    asUser(
      id,
      `update public.calendar_connections set status = '${status}' where provider = '${provider}'`,
    ),
    mine.users === "app" ? forged(mine, "authenticated") : forged(mine, "service_role"),
    `delete from public.users where id = '${id}'`,
    lateRow(mine),
  ]);
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
    union all select id from public.users
    except select id from auth.users`);
  if (left.length > 0) throw new Error(`${left.length} rows are of deleted accounts`);
}

/** What Postgres says beside its message, such as who waited for whom. */
function detail(error: unknown): string {
  return error instanceof Error && "detail" in error ? String(error.detail) : "";
}
