/**
 * Connections under load: one row per account and no more than the limit, whoever comes at one time;
 * many rows in one statement; and a worker that writes tokens while the app holds its users row.
 *
 * Seen to fail when the defence is out: see `defences.ts`, entries named "connections:".
 */
import { asUser, beginAsUser } from "./actors.ts";
import { connect, crowd, type Server, servers, withDatabase } from "./servers.ts";
import { describe, type World } from "./worlds.ts";

type Sql = ReturnType<typeof connect>;

const world: World = { users: "app", grants: "all" };
const id = "00000000-0000-4000-8000-000000000400";

for (const server of servers()) {
  const title = `Postgres ${server.version}, ${describe(world)}`;
  Deno.test(`${title}: of 20 accounts connected at one time, as many are saved as there may be`, () =>
    scene(server, 20, atTheLimit));
  Deno.test(`${title}: 20 accounts inserted at one time past the function are ten`, () =>
    scene(server, 20, pastTheFunction));
  Deno.test(`${title}: one account connected 20 times at one time is one connection`, () =>
    scene(server, 20, oneAccount));
  Deno.test(`${title}: 8,000 connections in one insert are refused at the eleventh`, () =>
    scene(server, 1, bulk));
  Deno.test(`${title}: a worker that writes tokens does not wait for the app's users row`, () =>
    scene(server, 2, tokensBesideTheApp));
  Deno.test(`${title}: an account is deleted while a worker holds its connection and writes a log`, () =>
    scene(server, 2, deletionBesideAWorker));
}

function save(account: string, token: number | string, limit = 10): string {
  return `select public.calendar_save_connection('${id}', 'google', null, '${account}', null, null,
    '{}', 'v1.00000000.A${token}', 'v1.00000000.B${token}', 3600, null, ${limit})::text as answer`;
}

async function asOwner(sql: Sql, statement: string): Promise<string> {
  await sql.unsafe(beginAsUser(id));
  const [row] = await sql.unsafe(statement);
  await sql.unsafe("commit");
  return String(row?.answer);
}

async function atTheLimit(members: Sql[], observer: Sql): Promise<void> {
  for (const limit of [1, 3]) {
    const answers = await Promise.all(
      members.map((sql, n) => asOwner(sql, save(`account-${n}`, `${limit}x${n}`, limit))),
    );
    const refused = answers.filter((answer) => answer === '{"refused": "account_limit"}').length;
    await assertRows(observer, limit);
    if (refused !== 20 - limit) throw new Error(`${refused} of 20 were refused, limit ${limit}`);
    await observer.unsafe("delete from public.calendar_connections");
  }
}

async function pastTheFunction(members: Sql[], observer: Sql): Promise<void> {
  const outcomes = await Promise.all(
    members.map((sql, n) =>
      sql.unsafe(asUser(id, inserted("google", n, 1))).then(() => "made", async (error) => {
        await sql.unsafe("rollback");
        return String(error.code);
      })
    ),
  );
  await assertRows(observer, 10);
  const others = outcomes.filter((outcome) => !["made", "23514"].includes(outcome));
  if (others.length > 0) throw new Error(`Some failed otherwise: ${others}`);
}

async function oneAccount(members: Sql[], observer: Sql): Promise<void> {
  const answers = await Promise.all(members.map((sql, n) => asOwner(sql, save("account", n))));
  const ids = new Set(answers.map((answer) => JSON.parse(answer).saved));
  if (ids.size !== 1) throw new Error(`${ids.size} ids were answered for one account`);
  await assertRows(observer, 1);
  const [row] = await observer.unsafe("select token_version from public.calendar_connections");
  if (row?.token_version !== 20) throw new Error(`${row?.token_version} of 20 connects count`);
}

async function bulk([sql]: Sql[], observer: Sql): Promise<void> {
  const started = performance.now();
  const code = await sql?.unsafe(asUser(id, inserted("google", 0, 8000)))
    .then(() => "made", (error) => String(error.code));
  await sql?.unsafe("rollback");
  const seconds = (performance.now() - started) / 1000;
  if (code !== "23514") throw new Error(`${code}, not 23514`);
  if (seconds > 2) throw new Error(`It took ${seconds} s to refuse.`);
  await assertRows(observer, 0);
}

async function tokensBesideTheApp([app, worker]: Sql[], observer: Sql): Promise<void> {
  await observer.unsafe(inserted("google", 0, 1, id));
  await app?.unsafe(`begin; select from public.users where id = '${id}' for update`);
  await worker?.unsafe(`begin; set local lock_timeout = '3s';
    update public.calendar_connections set sealed_access_token = 'v1.00000000.CCCC',
      token_version = token_version + 1, updated_at = now();
    update public.calendar_sync_states set last_ok_at = now(); commit`);
  await app?.unsafe("commit");
}

async function deletionBesideAWorker([worker, deletion]: Sql[], observer: Sql): Promise<void> {
  await observer.unsafe(inserted("google", 0, 1, id));
  await worker?.unsafe(`begin; select from public.calendar_connections for no key update`);
  const deleted = deletion?.unsafe(`delete from auth.users where id = '${id}'`);
  deleted?.catch(() => {});
  while ((await observer.unsafe("select from pg_locks where not granted")).length === 0);
  await worker?.unsafe(`select calendar_private.log('${id}', id, provider, 'recovered')
    from public.calendar_connections; commit`);
  await deleted;
  const left = await observer.unsafe(`
    select from public.calendar_sync_logs where user_id = '${id}'
    union all select from public.calendar_connections where user_id = '${id}'`);
  if (left.length > 0) throw new Error(`${left.length} rows of the deleted account are left`);
}

/** So many connections in one statement: of the caller, or of the user who is named. */
function inserted(provider: string, from: number, rows: number, userId?: string): string {
  const [columns, values] = userId === undefined
    ? ["", ""]
    : ["user_id, calendar_id, ", `'${userId}', 'c', `];
  return `insert into public.calendar_connections (${columns}
      provider, account_id, scopes, sealed_access_token, sealed_refresh_token
    )
    select ${values} '${provider}', 'account-' || n, '{}', 'v1.00000000.A' || n,
      'v1.00000000.B' || n
    from generate_series(${from}, ${from + rows - 1}) as n`;
}

async function assertRows(observer: Sql, expected: number): Promise<void> {
  const rows = await observer.unsafe("select id from public.calendar_connections");
  if (rows.length !== expected) throw new Error(`${rows.length} connections, not ${expected}`);
}

async function scene(
  server: Server,
  size: number,
  test: (members: Sql[], observer: Sql) => Promise<void>,
): Promise<void> {
  await withDatabase(server, world, async (url) => {
    const { members, end } = crowd(url, size);
    const observer = connect(url);
    try {
      await observer.unsafe(`insert into auth.users (id, email) values ('${id}', 'a@example.com')`);
      await test(members, observer);
    } finally {
      await Promise.all([end(), observer.end()]);
    }
  });
}
