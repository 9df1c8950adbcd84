/**
 * The races of the flag, one by one: two transactions open at a time, in the order that goes wrong
 * when nobody waits.
 *
 * Seen to fail when the defence is out: see `defences.ts`, entries named "race:".
 */
import { asUser } from "./actors.ts";
import { connect, type Server, servers, withDatabase } from "./servers.ts";
import { describe, type World } from "./worlds.ts";

type Sql = ReturnType<typeof connect>;

const id = "00000000-0000-4000-8000-000000000200";
const world: World = { users: "app", grants: "all" };

/** Outlook's comes first in the order of the locks, Google's in the table and its other index. */
const connectionIds: Record<string, string> = {
  google: "00000000-0000-4000-8000-0000000002c2",
  outlook: "00000000-0000-4000-8000-0000000002c1",
};
const row = (provider: string) =>
  `insert into public.calendar_connections (
     id, user_id, provider, calendar_id, scopes, sealed_access_token, sealed_refresh_token
   ) values ('${
    connectionIds[provider]
  }', '${id}', '${provider}', 'c', '{}', 'v1.00000000.AAAA', 'v1.00000000.BBBB')`;
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

for (const server of servers()) {
  const title = `Postgres ${server.version}, ${describe(world)}`;
  Deno.test(`${title}: an account is deleted while the app holds its row and its user disconnects`, () =>
    deletion(server));
  Deno.test(`${title}: a user disconnects twice at a time while a connection is added`, () =>
    twoDisconnect(server));
  const all = {
    "the user disconnects": asUser(id, `select public.calendar_disconnect('${id}')`),
    "the account is deleted": `delete from auth.users where id = '${id}'`,
  };
  for (const [what, statement] of Object.entries(all)) {
    Deno.test(`${title}: ${what} while a worker writes both connections by their ids`, () =>
      besideAWorker(server, statement));
  }
}

for (const server of servers()) {
  Deno.test(`Postgres ${server.version}: 20,000 users rows in one transaction take at most 64 locks`, () =>
    withDatabase(server, { users: "made", grants: "none" }, async (url) => {
      const sql = connect(url);
      try {
        await sql.unsafe(`begin; insert into auth.users (email)
          select n || '@example.com' from generate_series(1, 20000) as n`);
        const [made] = await sql.unsafe("select count(*)::int as rows from public.users");
        const [held] = await sql.unsafe(
          "select count(*)::int as locks from pg_locks where locktype = 'advisory'",
        );
        await sql.unsafe("rollback");
        if (made?.rows !== 20000) throw new Error(`${made?.rows} rows were made`);
        if (held?.locks > 64) throw new Error(`${held?.locks} locks are held`);
      } finally {
        await sql.end();
      }
    }));
}

/** Foreign keys alone lock the users row before the connections: then two wait for each other. */
async function deletion(server: Server): Promise<void> {
  await crossing(server, async ({ app, one, two, observer }) => {
    await app.unsafe(`begin; select from public.users where id = '${id}' for update`);
    const deleted = begun(one, `begin; delete from auth.users where id = '${id}'; commit`);
    await untilWaiting(observer, 1, deleted);
    const disconnected = begun(two, `begin; ${removal("google")}; commit`);
    await untilWaiting(observer, 2, disconnected);
    await app.unsafe("commit");
    await Promise.all([deleted.done, disconnected.done]);
  });
}

/** The first sees Google alone and then both, the second both: without turns each has what the other wants. */
async function twoDisconnect(server: Server): Promise<void> {
  const disconnect = asUser(id, `select public.calendar_disconnect('${id}')`);
  await crossing(server, async ({ app, one, two, observer }) => {
    await app.unsafe(`begin; select from public.calendar_connections for update`);
    const first = begun(one, disconnect);
    await untilWaiting(observer, 1, first);
    await observer.unsafe(row("outlook"));
    const second = begun(two, disconnect);
    await untilWaiting(observer, 2, second);
    await app.unsafe("commit");
    await Promise.all([first.done, second.done]);
  });
}

/** What deletes in the order of the table has Google's when it waits for Outlook's, and the worker wants it next. */
async function besideAWorker(server: Server, statement: string): Promise<void> {
  const hold = (provider: string) =>
    `select from public.calendar_connections where id = '${
      connectionIds[provider]
    }' for no key update`;
  await crossing(server, async ({ one: worker, two, observer }) => {
    await observer.unsafe(row("outlook"));
    await worker.unsafe(`begin; ${hold("outlook")}`);
    const deleted = begun(two, statement);
    await untilWaiting(observer, 1, deleted);
    await worker.unsafe(`${hold("google")}; commit`);
    await deleted.done;
  });
}

interface Crossing {
  app: Sql;
  one: Sql;
  two: Sql;
  observer: Sql;
}

/** A user with Google connected, and four who act on it; in the end no connection is left. */
async function crossing(server: Server, act: (sessions: Crossing) => Promise<void>): Promise<void> {
  await withDatabase(server, world, async (url) => {
    const sessions = {
      app: connect(url),
      one: connect(url),
      two: connect(url),
      observer: connect(url),
    };
    const { observer } = sessions;
    try {
      await observer.unsafe(`insert into auth.users (id, email) values ('${id}', 'a@example.com')`);
      await observer.unsafe(row("google"));
      await act(sessions);
      const left = await observer.unsafe("select user_id from public.calendar_connections");
      if (left.length > 0) throw new Error(`${left.length} connections are left`);
    } finally {
      await Promise.all(Object.values(sessions).map((sql) => sql.end()));
    }
  });
}

async function run(server: Server, race: Race): Promise<void> {
  await withDatabase(server, world, async (url) => {
    const [one, two, observer] = [connect(url), connect(url), connect(url)];
    try {
      await observer.unsafe(`insert into auth.users (id, email) values ('${id}', 'a@example.com')`);
      for (const statement of race.before) await observer.unsafe(statement);
      await one.unsafe(`begin; ${race.first}`);
      const second = begun(two, `begin; ${race.second}`);
      await untilWaiting(observer, 1, second);
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
  const done = sql.unsafe(statement).then(() => {}).finally(() => ended = true);
  done.catch(() => {});
  return { done, ended: () => ended };
}

/** So many transactions wait for others, or the last one is through: then the order is settled. */
async function untilWaiting(observer: Sql, count: number, last: Begun): Promise<void> {
  while (!last.ended()) {
    const waiting = await observer.unsafe(`
      select from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`);
    if (waiting.length >= count) return;
  }
}
