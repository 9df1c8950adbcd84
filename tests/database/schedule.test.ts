/**
 * Waking the worker: `calendar_private.schedule` and `tick`, with stand-ins for pg_cron and pg_net that
 * remember what they were asked.
 */
import { connect, type Server, servers, withDatabase } from "./servers.ts";
import { describe, type World } from "./worlds.ts";

type Sql = ReturnType<typeof connect>;

const world: World = { users: "made", grants: "none" };
const url = "https://ref.supabase.co/functions/v1/calendar-sync";

const cron = `
  create schema cron;
  create table cron.job (
    jobid bigint generated always as identity primary key,
    jobname text, schedule text, command text, active boolean default true
  );
  create function cron.schedule(job_name text, schedule text, command text) returns bigint
  language sql as
    'insert into cron.job (jobname, schedule, command) values (job_name, schedule, command) returning jobid';
  create function cron.unschedule(job_id bigint) returns boolean language sql as
    'delete from cron.job where jobid = job_id returning true';
`;
const net = `
  create schema net;
  create table net.asked (id bigint generated always as identity, url text, body jsonb, headers jsonb, ms integer);
  create function net.http_post(
    url text, body jsonb default '{}', params jsonb default '{}', headers jsonb default '{}',
    timeout_milliseconds integer default 1000
  ) returns bigint language sql as
    'insert into net.asked (url, body, headers, ms) values (url, body, headers, timeout_milliseconds) returning id';
`;

/** The migrations ran as this role, which on Supabase may use both extensions. */
const rights = `
  grant usage on schema cron, net to project_owner;
  grant all on all tables in schema cron, net to project_owner;
`;

function test(name: string, work: (sql: Sql) => Promise<void>): void {
  for (const server of servers()) {
    Deno.test(`Postgres ${server.version}, ${describe(world)}: ${name}`, () => scene(server, work));
  }
}

async function scene(server: Server, work: (sql: Sql) => Promise<void>): Promise<void> {
  await withDatabase(server, world, async (at) => {
    const sql = connect(at);
    try {
      await work(sql);
    } finally {
      await sql.end();
    }
  });
}

async function one(sql: Sql, query: string): Promise<unknown> {
  const [row] = await sql.unsafe(query);
  return Object.values(row!)[0];
}

function expect(actual: unknown, expected: unknown, about: string): void {
  const [a, b] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (a !== b) throw new Error(`${about}: ${a}, not ${b}`);
}

async function refusal(sql: Sql, query: string): Promise<string> {
  try {
    await sql.unsafe(query);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  throw new Error(`accepted: ${query}`);
}

const schedule = (address: string | null, on = true) =>
  `select calendar_private.schedule(${address === null ? "null" : `'${address}'`}, ${on})`;
const jobs =
  "select coalesce(jsonb_agg(jsonb_build_array(jobname, schedule, command) order by jobid), '[]') from cron.job";

async function connections(sql: Sql, count: number): Promise<void> {
  await sql.unsafe(`
    with person as (
      insert into auth.users (id) select gen_random_uuid() from generate_series(1, ${count}) returning id
    )
    insert into public.calendar_connections (
      user_id, provider, calendar_id, scopes, sealed_access_token, sealed_refresh_token
    )
    select id, 'google', 'primary', '{s}', 'v1.00000000.AAAA', 'v1.00000000.BBBB' from person`);
}

test("what is missing is named, and nothing is turned on by half", async (sql) => {
  expect(await refusal(sql, schedule(url)), "the database lacks pg_cron and pg_net", "neither");
  await sql.unsafe(cron);
  expect(await refusal(sql, schedule(url)), "the database lacks pg_net", "no pg_net");
  expect(await one(sql, "select function_url from calendar_private.config"), null, "url");
  expect(await one(sql, jobs), [], "jobs");
});

test("only the function's own address is taken", async (sql) => {
  await sql.unsafe(cron + net + rights);
  for (
    const bad of [
      null,
      "",
      "http://ref.supabase.co/functions/v1/calendar-sync",
      "https://ref.supabase.co/functions/v1/calendar",
      "https://ref.supabase.co/functions/v1/calendar-sync/tick",
      "https://ref.supabase.co/functions/v1/calendar-sync?x=1",
      "https://user@ref.supabase.co/calendar-sync",
      "https://ref.supabase.co/../calendar-sync#x",
      "file:///calendar-sync",
    ]
  ) {
    const said = await refusal(sql, schedule(bad));
    if (!said.startsWith("p_url must be")) throw new Error(`${bad}: ${said}`);
  }
  await sql.unsafe(schedule("http://127.0.0.1:54321/functions/v1/calendar-sync"));
});

test("it is turned on and off any number of times, and one job is left", async (sql) => {
  await sql.unsafe(cron + net + rights);
  await sql.unsafe(
    "select cron.schedule('calendar-sync', '*/5 * * * *', 'select 1'), cron.schedule('of the app', '0 0 * * *', 'select 2')",
  );
  const own = ["calendar-sync", "* * * * *", "select calendar_private.tick()"];
  const theirs = ["of the app", "0 0 * * *", "select 2"];
  for (let n = 0; n < 3; n++) await sql.unsafe(schedule(url));
  expect(await one(sql, jobs), [theirs, own], "on");
  expect(await one(sql, "select function_url from calendar_private.config"), url, "url");
  for (let n = 0; n < 2; n++) await sql.unsafe(schedule(null, false));
  expect(await one(sql, jobs), [theirs], "off");
  expect(await one(sql, "select function_url from calendar_private.config"), null, "url");
});

test("nothing due costs no call, and what is due is asked for without a secret", async (sql) => {
  await sql.unsafe(cron + net + rights);
  await connections(sql, 1);
  expect(await one(sql, "select calendar_private.tick()"), 0, "while it is off");
  await sql.unsafe(schedule(url));
  expect(await one(sql, "select calendar_private.tick()"), 1, "one due");
  expect(
    await one(sql, "select jsonb_agg(to_jsonb(asked) - 'id') from net.asked"),
    [{ ms: 5000, url: `${url}/tick`, body: {}, headers: {} }],
    "asked",
  );
  await sql.unsafe("update public.calendar_sync_states set due_at = now() + interval '1 minute'");
  expect(await one(sql, "select calendar_private.tick()"), 0, "nothing due");
});

test("a backlog is asked for four times at most", async (sql) => {
  await sql.unsafe(cron + net + rights);
  await sql.unsafe(schedule(url));
  await connections(sql, 250);
  expect(await one(sql, "select calendar_private.tick()"), 2, "250 due");
  await connections(sql, 1000);
  expect(await one(sql, "select calendar_private.tick()"), 4, "1,250 due");
});

test("no client may schedule, tick or see what is scheduled", async (sql) => {
  for (const role of ["anon", "authenticated", "service_role"]) {
    for (
      const statement of [
        schedule(url),
        "select calendar_private.tick()",
        "select * from calendar_private.config",
      ]
    ) {
      await sql.unsafe(`set role ${role}`);
      const said = await refusal(sql, statement);
      await sql.unsafe("reset role");
      if (!said.startsWith("permission denied")) throw new Error(`${role}: ${said}`);
    }
  }
});
