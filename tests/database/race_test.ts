/**
 * The races of the flag, one by one: two transactions open at a time, in the order that goes wrong
 * when nobody waits.
 *
 * Seen to fail when the defence is out: see `mutations.ts`, entries named "race:".
 */
import { connect, type Server, servers, withDatabase } from "./servers.ts";
import { describe, type World } from "./worlds.ts";

type Sql = ReturnType<typeof connect>;

const id = "00000000-0000-4000-8000-000000000200";
const world: World = { users: "app", grants: "all" };

const row = (provider: string) =>
  `insert into public.calendar_connections (
     user_id, provider, calendar_id, scopes, sealed_access_token, sealed_refresh_token
   ) values ('${id}', '${provider}', 'c', '{}', 'v1.00000000.AAAA', 'v1.00000000.BBBB')`;
const removal = (provider: string) =>
  `delete from public.calendar_connections where user_id = '${id}' and provider = '${provider}'`;
const profile = `insert into public.users (id, email, display_name)
  values ('${id}', 'late@example.com', 'Late')`;
const noProfile = `delete from public.users where id = '${id}'`;

interface Race {
  what: string;
  before: string[];
  first: string;
  second: string;
  connected: boolean;
}

const races: Race[] = [
  {
    what: "connecting Outlook while Google is disconnected",
    before: [row("google")],
    first: removal("google"),
    second: row("outlook"),
    connected: true,
  },
  {
    what: "disconnecting Google while Outlook is connected",
    before: [row("google")],
    first: row("outlook"),
    second: removal("google"),
    connected: true,
  },
  {
    what: "disconnecting both at a time",
    before: [row("google"), row("outlook")],
    first: removal("google"),
    second: removal("outlook"),
    connected: false,
  },
  {
    what: "a users row inserted while the connection is made",
    before: [noProfile],
    first: row("google"),
    second: profile,
    connected: true,
  },
  {
    what: "a connection made while the users row is inserted",
    before: [noProfile],
    first: profile,
    second: row("google"),
    connected: true,
  },
  {
    what: "a users row inserted while the connection goes",
    before: [row("google"), noProfile],
    first: removal("google"),
    second: profile,
    connected: false,
  },
  {
    what: "a connection going while the users row is inserted",
    before: [row("google"), noProfile],
    first: profile,
    second: removal("google"),
    connected: false,
  },
  {
    what: "the flag forged while the connection is made",
    before: [],
    first: row("google"),
    second: `update public.users set calendar_connected = false where id = '${id}'`,
    connected: true,
  },
  {
    what: "a connection made while the flag is forged",
    before: [row("google")],
    first: `update public.users set calendar_connected = false where id = '${id}'`,
    second: removal("google"),
    connected: false,
  },
];

for (const server of servers()) {
  for (const race of races) {
    Deno.test(`Postgres ${server.version}, ${describe(world)}: ${race.what} leaves the flag true to the rows`, () =>
      run(server, race));
  }
}

async function run(server: Server, race: Race): Promise<void> {
  await withDatabase(server, world, async (url) => {
    const [one, two, observer] = [connect(url), connect(url), connect(url)];
    try {
      await observer.unsafe(`insert into auth.users (id, email) values ('${id}', 'a@example.com')`);
      for (const statement of race.before) await observer.unsafe(statement);
      await one.unsafe(`begin; ${race.first}`);
      const second = begun(two, race.second);
      await untilItWaits(observer, second);
      await one.unsafe("commit");
      await second.done;
      await two.unsafe("commit");
      const [user] = await observer.unsafe(
        `select calendar_connected from public.users where id = '${id}'`,
      );
      if (user?.calendar_connected !== race.connected) {
        throw new Error(`calendar_connected is ${user?.calendar_connected}, not ${race.connected}`);
      }
    } finally {
      await Promise.all([one.end(), two.end(), observer.end()]);
    }
  });
}

interface Begun {
  done: Promise<void>;
  ended: () => boolean;
}

function begun(sql: Sql, statement: string): Begun {
  let ended = false;
  const done = sql.unsafe(`begin; ${statement}`).then(() => {}).finally(() => ended = true);
  done.catch(() => {});
  return { done, ended: () => ended };
}

/** The second transaction either waits for the first or is through: then the order is settled. */
async function untilItWaits(observer: Sql, second: Begun): Promise<void> {
  while (!second.ended()) {
    const waiting = await observer.unsafe(`
      select from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`);
    if (waiting.length > 0) return;
  }
}
