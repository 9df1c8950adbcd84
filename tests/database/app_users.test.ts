/**
 * An app's own `public.users` stays as it was but for one column, and a table that does not fit
 * makes the migrations stop with a sentence.
 *
 * Seen to fail when the defence is out: see `defences.ts`, entries named "app:".
 */
import { PGlite } from "@electric-sql/pglite";
import { connect, servers, withDatabase } from "./servers.ts";
import { describe, migrate, prepare, reason, type Runner, type World, worlds } from "./worlds.ts";

interface Session extends Runner {
  rows(text: string): Promise<Record<string, unknown>[]>;
}

/** Everything about the table that the migrations might touch, but for what they may add. */
const portrait = `
  select jsonb_pretty(jsonb_build_object(
    'table', (
      select to_jsonb(t) - 'relnatts' from (
        select relacl::text, relowner::regrole, relrowsecurity, relforcerowsecurity, reloptions,
          relnatts
        from pg_class where oid = 'public.users'::regclass
      ) as t
    ),
    'columns', (
      select jsonb_agg(t order by attnum) from (
        select attnum, attname, atttypid::regtype, attnotnull, attacl::text,
          pg_get_expr(adbin, adrelid) as default,
          col_description(attrelid, attnum) as comment
        from pg_attribute left join pg_attrdef on adrelid = attrelid and adnum = attnum
        where attrelid = 'public.users'::regclass and attnum > 0
          and attname <> 'calendar_connected'
      ) as t
    ),
    'policies', (
      select jsonb_agg(t order by policyname)
      from pg_policies as t where schemaname = 'public' and tablename = 'users'
    ),
    'constraints', (
      select jsonb_agg(pg_get_constraintdef(oid) order by conname)
      from pg_constraint
      -- Postgres 18 lists not null too; the columns above say it on every version.
      where conrelid = 'public.users'::regclass and contype <> 'n'
    ),
    'indexes', (
      select jsonb_agg(indexdef order by indexname)
      from pg_indexes where schemaname = 'public' and tablename = 'users'
    ),
    'triggers', (
      select jsonb_agg(pg_get_triggerdef(oid) order by tgname) from pg_trigger
      where tgrelid in ('public.users'::regclass, 'auth.users'::regclass)
        and tgname not ilike 'calendar\\_%' and not tgisinternal
    ),
    'comment', obj_description('public.users'::regclass, 'pg_class'),
    'default privileges', (select jsonb_agg(t) from pg_default_acl as t),
    'rows', (select jsonb_agg(to_jsonb(t) - 'calendar_connected' order by id) from public.users as t)
  )) as portrait`;

/** The triggers that the migrations may add, and no other. */
const added = `
  select tgrelid::regclass::text || ' ' || tgname as trigger from pg_trigger
  where tgname ilike 'calendar\\_%' and tgrelid in ('public.users'::regclass, 'auth.users'::regclass)
  order by 1`;

const expectedTriggers: Record<World["users"], string[]> = {
  app: [
    "auth.users Calendar_forget_user",
    "users calendar_late_user",
    "users calendar_restate_the_fact",
    "users calendar_state_the_fact",
  ],
  made: [
    "auth.users Calendar_forget_user",
    "auth.users calendar_create_user",
    "users calendar_late_user",
    "users calendar_restate_the_fact",
    "users calendar_state_the_fact",
  ],
};

/** Runs a test on an unmigrated database of each server. */
function onServers(what: string, test: (session: Session) => Promise<void>): void {
  for (const server of servers()) {
    Deno.test(`Postgres ${server.version}: ${what}`, () =>
      withDatabase(server, "empty", async (url) => {
        const sql = connect(url);
        const rows = async (text: string) => [...await sql.unsafe(text)];
        try {
          await test({ rows, script: async (text) => void await rows(text) });
        } finally {
          await sql.end();
        }
      }));
  }
}

/** The same on PGlite, which is slow to start: for what is not said of it elsewhere. */
function everywhere(what: string, test: (session: Session) => Promise<void>): void {
  onServers(what, test);
  Deno.test(`PGlite: ${what}`, async () => {
    const pglite = await PGlite.create();
    const rows = async (text: string) => (await pglite.exec(text)).at(-1)?.rows ?? [];
    try {
      await test({ rows, script: async (text) => void await rows(text) });
    } finally {
      await pglite.close();
    }
  });
}

for (const world of worlds.filter(({ users }) => users === "app")) {
  const where = world.grants === "all" ? everywhere : onServers;
  where(`${describe(world)}, keep their grants, policies, flags and rows`, async (session) => {
    await prepare(session, world);
    const before = await session.rows(portrait);
    await migrate(session);
    assertEqual(await session.rows(portrait), before);
    assertEqual((await session.rows(added)).map((row) => row.trigger), expectedTriggers.app);
    assertEqual(
      await session.rows("select distinct calendar_connected from public.users"),
      [{ calendar_connected: false }],
    );
  });
}

everywhere(
  "without a users table, every auth user present and to come gets a row",
  async (session) => {
    await prepare(session, { users: "made", grants: "all" });
    await session.script(
      "insert into auth.users (email) select n from generate_series(1, 100) as n",
    );
    await migrate(session);
    await session.script(
      "insert into auth.users (email) select n from generate_series(1, 100) as n",
    );
    assertEqual((await session.rows(added)).map((row) => row.trigger), expectedTriggers.made);
    assertEqual(
      await session.rows(
        "select count(*)::int as rows from auth.users join public.users using (id)",
      ),
      [{ rows: 200 }],
    );
  },
);

const authId = "aaaaaaaa-0000-4000-8000-000000000001";
const otherId = "bbbbbbbb-0000-4000-8000-000000000001";

/** A users table of the app's own, and whether its id is taken for the auth user's. */
const usersTables: { what: string; made: string; fits: boolean }[] = [
  { what: "id is no uuid", made: "(id bigint primary key)", fits: false },
  {
    what: "id refers to auth.users",
    made: "(id uuid primary key default gen_random_uuid() references auth.users (id))",
    fits: true,
  },
  {
    what: "id refers to nothing and holds no auth user's id",
    made: `(id uuid primary key); insert into public.users values ('${otherId}')`,
    fits: false,
  },
  {
    what: "id refers to nothing and holds an auth user's id, among invited people's",
    made: `(id uuid primary key, invited_by uuid references auth.users (id));
      insert into public.users values ('${authId}'), ('${otherId}')`,
    fits: true,
  },
  { what: "id refers to nothing and no row is there", made: "(id uuid primary key)", fits: true },
  {
    what: "id is made by the table and no row is there",
    made: "(id uuid primary key default gen_random_uuid())",
    fits: false,
  },
  {
    what: "another column refers to auth.users and no row is there",
    made: "(id uuid primary key, auth_id uuid references auth.users (id))",
    fits: false,
  },
];

for (const { what, made, fits } of usersTables) {
  onServers(
    `a users table whose ${what} ${fits ? "fits" : "stops the migrations with a sentence"}`,
    async (session) => {
      await prepare(session, { users: "made", grants: "all" });
      await session.script(
        `set role project_owner; insert into auth.users (id) values ('${authId}');
        create table public.users ${made}; reset role`,
      );
      const said = await migrate(session).then(() => "nothing", reason);
      await session.script("rollback; reset role");
      const stopped = said.includes("public.users needs a column id of type uuid");
      if (stopped === fits || (fits && said !== "nothing")) throw new Error(said);
      const added = await session.rows(`select attname from pg_attribute
        where attrelid = 'public.users'::regclass and attname = 'calendar_connected'`);
      assertEqual(added.length, fits ? 1 : 0);
    },
  );
}

onServers(
  "a project without auth users yet judges the users table by its definition",
  async (session) => {
    await prepare(session, { users: "made", grants: "all" });
    await session.script(`set role project_owner;
      create table public.users (id uuid primary key);
      insert into public.users values ('${otherId}'); reset role`);
    await migrate(session);
  },
);

onServers(
  "signing up survives what the app adds to the users table made here",
  async (session) => {
    await prepare(session, { users: "made", grants: "all" });
    await migrate(session);
    const rows = () => session.rows("select id from public.users order by id");
    await session.script(`insert into auth.users (id) values ('${authId}');
      alter table public.users add column nickname text;
      update public.users set nickname = 'Nick';
      alter table public.users alter column nickname set not null`);
    await session.script(`insert into auth.users (id) values ('${otherId}')`);
    assertEqual(await rows(), [{ id: authId }]);
    await session.script(`
      insert into public.calendar_connections (
        user_id, provider, calendar_id, scopes, sealed_access_token, sealed_refresh_token
      ) values ('${otherId}', 'google', 'c', '{}', 'v1.00000000.AAAA', 'v1.00000000.BBBB');
      insert into public.users (id, nickname) values ('${otherId}', 'Late')`);
    assertEqual(
      await session.rows(`select calendar_connected from public.users where id = '${otherId}'`),
      [{ calendar_connected: true }],
    );
  },
);

onServers(
  "an update that does not change the flag costs none of this project's functions",
  async (session) => {
    await prepare(session, { users: "app", grants: "none" });
    await migrate(session);
    const called = () =>
      session.rows(`select funcname, calls::int as calls from pg_stat_xact_user_functions
        where schemaname = 'calendar_private' order by 1`);
    await session.script("set track_functions = 'all'; begin");
    await session.script(`update public.users set plan = 'paid';
      update public.users set calendar_connected = false, plan = 'free'`);
    assertEqual(await called(), []);
    await session.script("update public.users set calendar_connected = true");
    assertEqual(
      (await called()).find(({ funcname }) => funcname === "state_the_fact"),
      { funcname: "state_the_fact", calls: 3 },
    );
    await session.script("rollback");
  },
);

for (const type of ["text", "boolean generated always as (true) stored"]) {
  onServers(`a column calendar_connected of type ${type} stops the migrations`, async (session) => {
    await prepare(session, { users: "app", grants: "none" });
    await session.script(`alter table public.users add column calendar_connected ${type}`);
    const said = await migrate(session).then(() => "nothing", reason);
    await session.script("rollback; reset role");
    if (!said.includes("must be a plain boolean column")) throw new Error(said);
  });
}

onServers("a column calendar_connected that is there already is taken over", async (session) => {
  await prepare(session, { users: "app", grants: "none" });
  await session.script(`alter table public.users add column calendar_connected boolean;
    update public.users set calendar_connected = true where display_name = 'One'`);
  await migrate(session);
  assertEqual(
    await session.rows("select distinct calendar_connected from public.users"),
    [{ calendar_connected: false }],
  );
});

function assertEqual(found: unknown, expected: unknown): void {
  const [is, should] = [found, expected].map((value) => JSON.stringify(value, null, 1));
  if (is === should) return;
  const lines = (text?: string) => text?.replaceAll("\\n", "\n").split("\n") ?? [];
  const only = (one: string[], other: string[]) => one.filter((line) => !other.includes(line));
  const [added, missing] = [only(lines(is), lines(should)), only(lines(should), lines(is))];
  throw new Error(`found:\n${added.join("\n")}\nexpected:\n${missing.join("\n")}`);
}
