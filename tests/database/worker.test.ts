/**
 * What the worker asks of the database: claims, settlements, and when something is due again. The clock
 * and the dice are given, so that every time below can be computed by hand.
 *
 * Seen to fail when the defence is out: see `defences.ts`, entries named "worker:".
 */
import { asUser } from "./actors.ts";
import { connect, type Server, servers, withDatabase } from "./servers.ts";
import { describe, type World } from "./worlds.ts";

type Sql = ReturnType<typeof connect>;
type Json = Record<string, unknown>;

const world: World = { users: "made", grants: "none" };
const start = Date.parse("2026-03-30T06:00:00Z");
const minutes = 60;
const hours = 60 * minutes;
const days = 24 * hours;

/** A database with its own time. */
class Scene {
  seconds = 0;
  #users = 0;

  constructor(readonly sql: Sql) {}

  get now(): string {
    return new Date(start + this.seconds * 1000).toISOString();
  }

  async connection(provider = "google", user = this.user()): Promise<string> {
    const [row] = await this.sql.unsafe(
      `insert into public.calendar_connections (
         user_id, provider, calendar_id, account_id, scopes, sealed_access_token, sealed_refresh_token,
         access_token_expires_at
       ) values (
         '${await user}', '${provider}', 'primary', gen_random_uuid()::text, '{s}', 'v1.00000000.AAAA',
         'v1.00000000.BBBB', '${this.now}'::timestamptz + interval '1 hour'
       ) returning id`,
    );
    await this.sql.unsafe(
      `update public.calendar_sync_states set due_at = '${this.now}', last_seen_at = '${this.now}'
       where connection_id = '${row!.id}'`,
    );
    return row!.id;
  }

  async user(): Promise<string> {
    const id = `00000000-0000-4000-8000-${String(++this.#users).padStart(12, "0")}`;
    await this.sql.unsafe(`insert into auth.users (id) values ('${id}')`);
    return id;
  }

  async call(name: string, p: Json, random = 0.5): Promise<Json> {
    const argument = { ...p, now: this.now, random };
    const [row] = await this.sql.unsafe(
      `select calendar_private.${name}($1::text::jsonb) as answer`,
      [
        JSON.stringify(argument),
      ],
    );
    return row!.answer;
  }

  async claim(p: Json = {}): Promise<{ run: string | null; items: Json[] }> {
    const defaults = { run: null, purpose: "read", provider: "google", limit: 16, clock: 0 };
    return await this.call("claim", { ...defaults, ...p }) as { run: string; items: Json[] };
  }

  /** The next item that is due, in a run of its own that ends at once. */
  async next(): Promise<Json> {
    const { run, items: [item] } = await this.claim({ limit: 1 });
    await this.call("report", { run, end: true });
    if (item === undefined) throw new Error("Nothing is due.");
    return item;
  }

  /** The connections are all due now. */
  async due(): Promise<void> {
    await this.sql.unsafe(`update public.calendar_sync_states set due_at = '${this.now}'`);
  }

  async settle(item: Json, random = 0.5): Promise<string> {
    const { answers } = await this.call("settle", { run: null, items: [item] }, random);
    return (answers as string[])[0]!;
  }

  async fail(connection: string, fence: unknown, more: Json, random = 0.5): Promise<string> {
    return await this.settle(
      { kind: "failed", connection, fence, retry_after: null, ...more },
      random,
    );
  }

  async read(connection: string, fence: unknown, more: Json = {}, random = 0.5): Promise<string> {
    const item = {
      account: null,
      label: null,
      listed: null,
      calendars: [],
      refreshed: false,
      ...more,
    };
    return await this.settle({ kind: "read", connection, fence, ...item }, random);
  }

  /** The state, with times as seconds since the start. */
  async state(connection: string): Promise<Json> {
    const [row] = await this.sql.unsafe(
      `select to_jsonb(state) || jsonb_build_object(
         'due_at', case when isfinite(due_at) then extract(epoch from due_at) - ${start / 1000} end,
         'status', (select status from public.calendar_connections where id = connection_id)
       ) as state
       from public.calendar_sync_states as state where connection_id = '${connection}'`,
    );
    return row!.state;
  }

  async events(connection: string): Promise<string[]> {
    const rows = await this.sql.unsafe(
      `select event from public.calendar_sync_logs where connection_id = '${connection}' order by id`,
    );
    return rows.map((row) => row.event as string);
  }
}

/** JSON with the members of objects in one order. */
function text(value: unknown): string {
  return JSON.stringify(
    value,
    (_, part) =>
      part !== null && typeof part === "object" && !Array.isArray(part)
        ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => a < b ? -1 : 1))
        : part,
  );
}

function expect(actual: unknown, expected: unknown, about: string): void {
  const [a, b] = [text(actual), text(expected)];
  if (a !== b) throw new Error(`${about}: ${a}, not ${b}`);
}

function expectMembers(actual: Json, expected: Json, about: string): void {
  for (const [name, value] of Object.entries(expected)) {
    expect(actual[name], value, `${about}, ${name}`);
  }
}

function test(name: string, work: (scene: Scene) => Promise<void>): void {
  for (const server of servers()) {
    Deno.test(`Postgres ${server.version}, ${describe(world)}: ${name}`, () => scene(server, work));
  }
}

async function scene(server: Server, work: (scene: Scene) => Promise<void>): Promise<void> {
  await withDatabase(server, world, async (url) => {
    const sql = connect(url);
    try {
      await work(new Scene(sql));
    } finally {
      await sql.end();
    }
  });
}

test("a claim leases what is due for 90 seconds, the longest due first", async (scene) => {
  const first = await scene.connection();
  scene.seconds = 1;
  const second = await scene.connection();
  scene.seconds = 100;
  await scene.connection("outlook");
  const { run, items } = await scene.claim();
  expect(items.map((item) => item.connection), [first, second], "claimed");
  expectMembers(await scene.state(first), { due_at: 190, fence: 1, unsettled: 1 }, "leased");
  expectMembers(items[0]!, {
    fence: 1,
    token_version: 1,
    access_expires_in: 3500,
    list_due: true,
    tentative_counts: true,
    window: { from: "2026-03-29T00:00:00Z", until: "2026-05-14T00:00:00Z" },
    calendars: [],
  }, "item");
  expect((await scene.claim({ run })).items, [], "nothing twice");
  scene.seconds = 190;
  const again = await scene.claim();
  expect(
    again.items.map((item) => item.fence),
    [2, 2],
    "a dead worker's rows come back by themselves",
  );
});

test("nothing due is no run, four runs are alive at most, and a run claims for a minute", async (scene) => {
  expect(await scene.claim(), { run: null, items: [] }, "nothing due");
  const [{ count }] = await scene.sql.unsafe(
    "select count(*)::int from calendar_private.sync_runs",
  ) as unknown as [{ count: number }];
  expect(count, 0, "runs written for nothing");
  for (let n = 0; n < 6; n++) await scene.connection();
  const runs = [];
  for (let n = 0; n < 5; n++) runs.push((await scene.claim({ limit: 1 })).run);
  expect(runs.map((run) => run !== null), [true, true, true, true, false], "a fifth run");
  scene.seconds = 59;
  expect((await scene.claim({ run: runs[0], limit: 1 })).items.length, 1, "in its first minute");
  scene.seconds = 60;
  expect((await scene.claim({ run: runs[0], limit: 1 })).run, null, "after its first minute");
  expect((await scene.claim({ limit: 1 })).run !== null, true, "runs without a heartbeat are dead");
});

test("a settlement counts only under the newest lease, and tokens only over their own version", async (scene) => {
  const connection = await scene.connection();
  await scene.claim();
  scene.seconds = 95;
  await scene.claim();
  const tokens = {
    kind: "tokens",
    connection,
    token_version: 1,
    sealed_access_token: "v1.00000000.CCCC",
    sealed_refresh_token: null,
    expires_in: 3600,
    grant_expires_in: null,
  };
  expect(await scene.read(connection, 1), "fenced", "a read of the first lease");
  expect(
    await scene.fail(connection, 1, { class: "user", reason: "grant_ended" }),
    "fenced",
    "its failure",
  );
  expect(await scene.settle({ kind: "release", connection, fence: 1 }), "fenced", "its release");
  expectMembers(await scene.state(connection), { fence: 2, strikes: 0, due_at: 185 }, "untouched");
  expect(await scene.settle(tokens), "ok", "tokens by a slow worker");
  expect(await scene.settle(tokens), "stale", "the same once more");
  expect(await scene.settle({ ...tokens, token_version: 2 }), "ok", "over the new version");
  const [row] = await scene.sql.unsafe(
    `select sealed_refresh_token, token_version, extract(epoch from access_token_expires_at)::int as ends
     from public.calendar_connections`,
  );
  expect(row, {
    sealed_refresh_token: "v1.00000000.BBBB",
    token_version: 3,
    ends: start / 1000 + 3695,
  }, "row");
  await scene.sql.unsafe("delete from public.calendar_connections");
  expect(await scene.read(connection, 2), "gone", "after the disconnect");
  expect(await scene.settle(tokens), "gone", "tokens after the disconnect");
});

test("how often a calendar is read follows when its user last looked", async (scene) => {
  for (
    const [ago, pause] of [[0, 4 * hours], [24 * hours, 4 * hours], [25 * hours, days], [
      14 * days,
      days,
    ], [15 * days, 7 * days]]
  ) {
    const connection = await scene.connection();
    await scene.sql.unsafe(
      `update public.calendar_sync_states set last_seen_at = '${scene.now}'::timestamptz - interval '${ago} seconds'
       where connection_id = '${connection}'`,
    );
    expect(await scene.read(connection, (await scene.next()).fence), "ok", "read");
    expect((await scene.state(connection)).due_at, pause, `seen ${ago} s ago`);
    for (const [random, factor] of [[0, 0.8], [0.999999, 1.2]] as const) {
      await scene.due();
      await scene.read(connection, (await scene.next()).fence, {}, random);
      const due = (await scene.state(connection)).due_at as number;
      if (Math.abs(due / pause! - factor) > 0.001) {
        throw new Error(`jitter ${random}: ${due} of ${pause}`);
      }
    }
    await scene.sql.unsafe("delete from public.calendar_connections");
  }
});

test("each class of failure waits as long as it should, and only a user's or an administrator's ends anything", async (scene) => {
  const failed = async (more: Json, random: number, times: number) => {
    const connection = await scene.connection();
    let state: Json = {};
    for (let n = 0; n < times; n++) {
      await scene.due();
      expect(
        await scene.fail(connection, (await scene.next()).fence, more, random),
        "ok",
        "failed",
      );
      state = await scene.state(connection);
    }
    await scene.sql.unsafe("delete from public.calendar_connections");
    return {
      due: state.due_at,
      status: state.status,
      reason: state.reason,
      failures: state.failures,
    };
  };
  const nearly = 0.9999999999;
  const round = ({ due, ...rest }: Json) => ({ due: Math.round(due as number), ...rest });
  const transient = { class: "transient", reason: "provider_unavailable" };
  expect(round(await failed(transient, 0, 1)), {
    due: 15,
    status: "active",
    reason: null,
    failures: 1,
  }, "at least 15 s");
  expect(round(await failed(transient, nearly, 1)).due, 60, "first");
  expect(round(await failed(transient, nearly, 4)).due, 480, "fourth");
  expect(round(await failed(transient, nearly, 40)).due, 6 * hours, "at most six hours");
  expect(
    round(await failed({ ...transient, retry_after: 900 }, 0, 1)).due,
    900,
    "as the provider asked",
  );
  const throttled = { class: "throttled", reason: "throttled" };
  expect(round(await failed({ ...throttled, retry_after: 77 }, 0.5, 3)), {
    due: 77,
    status: "active",
    reason: "throttled",
    failures: 0,
  }, "throttled");
  expect(round(await failed(throttled, 0.5, 1)).due, 60, "throttled without a time");
  const operator = { class: "operator", reason: "operator" };
  expect(round(await failed(operator, nearly, 1)), {
    due: 900,
    status: "active",
    reason: "operator",
    failures: 1,
  }, "operator");
  expect(round(await failed(operator, nearly, 30)), {
    due: 6 * hours,
    status: "active",
    reason: "operator",
    failures: 30,
  }, "operator, long");
  const admin = { class: "admin", reason: "admin_blocked" };
  expect(round(await failed(admin, 0.5, 7)), {
    due: days,
    status: "error",
    reason: "admin_blocked",
    failures: 7,
  }, "admin");
  expect(round(await failed(admin, 0.5, 8)).due, 7 * days, "admin, after a week");
  expect(round(await failed({ class: "sealed", reason: "sealed_unreadable" }, 0.5, 1)), {
    due: days,
    status: "error",
    reason: "sealed_unreadable",
    failures: 1,
  }, "damaged");
  expect(round(await failed({ class: "sealed", reason: "key_missing" }, 0.5, 1)), {
    due: days,
    status: "active",
    reason: "key_missing",
    failures: 1,
  }, "key missing");
});

test("two strikes at least ten minutes apart end a connection, and one success heals it for a week", async (scene) => {
  const connection = await scene.connection();
  const ended = { class: "user", reason: "grant_ended" };
  const strike = async () => {
    await scene.due();
    expect(await scene.fail(connection, (await scene.next()).fence, ended), "ok", "strike");
    return await scene.state(connection);
  };
  expectMembers(
    await strike(),
    { status: "active", reason: null, strikes: 1, due_at: 750 },
    "first",
  );
  scene.seconds = 9 * minutes;
  expectMembers(
    await strike(),
    { status: "active", reason: null, strikes: 1, due_at: 750 },
    "too soon",
  );
  scene.seconds = 10 * minutes;
  expectMembers(await strike(), {
    status: "expired",
    reason: "grant_ended",
    strikes: 2,
    due_at: 600 + days,
  }, "second");
  expect(await scene.events(connection), ["connected", "reconnect_needed"], "told once");
  scene.seconds = 6 * days;
  expectMembers(await strike(), { status: "expired", due_at: 7 * days }, "still tried daily");
  await scene.due();
  expect(await scene.read(connection, (await scene.next()).fence), "ok", "read");
  expectMembers(await scene.state(connection), {
    status: "active",
    reason: null,
    strikes: 0,
    failing_since: null,
    flipped_at: null,
  }, "healed");
  expect(await scene.events(connection), ["connected", "reconnect_needed", "recovered"], "told");
  await strike();
  scene.seconds += 11 * minutes;
  await strike();
  scene.seconds += 7 * days;
  expectMembers(
    await strike(),
    { status: "expired", due_at: null },
    "after a week nobody asks any more",
  );
});

test("a connection that ends its workers is read alone and rarely", async (scene) => {
  const killer = await scene.connection();
  for (let n = 0; n < 3; n++) {
    await scene.claim();
    scene.seconds += 90;
  }
  const others = [await scene.connection(), await scene.connection()];
  const { items } = await scene.claim();
  expect(
    items.map((item) => item.connection).sort(),
    others.sort(),
    "the others first, without it",
  );
  const alone = await scene.claim();
  expect(alone.items.map((item) => item.connection), [killer], "alone");
  expectMembers(
    await scene.state(killer),
    { due_at: 270 + hours, reason: "quarantined" },
    "an hour later",
  );
  expect(await scene.read(killer, alone.items[0]!.fence), "ok", "read");
  expectMembers(await scene.state(killer), { unsettled: 0, reason: null }, "healed");
});

test("a lease that is given back counts as no claim", async (scene) => {
  const connection = await scene.connection();
  for (let n = 0; n < 5; n++) {
    const { fence } = await scene.next();
    expect(await scene.settle({ kind: "release", connection, fence }), "ok", "released");
  }
  expectMembers(await scene.state(connection), { unsettled: 0, due_at: 0, fence: 5 }, "state");
});

test("what is read replaces what was known, and what fails stays and is unknown", async (scene) => {
  const connection = await scene.connection();
  const calendars = async () =>
    (await scene.sql.unsafe(
      `select jsonb_agg(jsonb_build_array(calendar_id, selected, busy, busy_days, covers, reason)
         order by calendar_id) as list from public.calendar_calendars`,
    ))[0]!.list;
  const claimed = async () => {
    await scene.due();
    return await scene.next();
  };
  const from = Date.parse("2026-03-29T00:00:00Z") / 60_000;
  const until = Date.parse("2026-05-14T00:00:00Z") / 60_000;
  expect(
    await scene.read(connection, (await claimed()).fence, {
      account: "account",
      label: "ann@example.com",
      listed: [
        { id: "own", name: "Own", time_zone: "Europe/Berlin", primary: true },
        { id: "team", name: "Team", time_zone: "Nowhere/None", primary: false },
        { id: "team", name: "Twice", time_zone: null, primary: false },
      ],
      calendars: [{
        id: "own",
        busy: `{[${from + 60},${from + 90})}`,
        days: [["2026-04-01", "2026-04-03"]],
        until: null,
      }],
    }),
    "ok",
    "read",
  );
  expect(await calendars(), [
    [
      "own",
      true,
      `{[${from + 60},${from + 90})}`,
      "{[2026-04-01,2026-04-03)}",
      `[${from},${until})`,
      null,
    ],
    ["team", false, "{}", "{}", null, null],
  ], "calendars");
  const next = await claimed();
  expect(next.calendars, ["own"], "selected");
  expect(next.list_due, false, "listed");
  await scene.read(connection, next.fence, {
    calendars: [{ id: "own", fault: "unknown" }, {
      id: "foreign",
      busy: "{}",
      days: [],
      until: null,
    }],
  });
  expect(await calendars(), [
    [
      "own",
      true,
      `{[${from + 60},${from + 90})}`,
      "{[2026-04-01,2026-04-03)}",
      `[${from},${until})`,
      "unknown",
    ],
    ["team", false, "{}", "{}", null, null],
  ], "after a fault");
  await scene.read(connection, (await claimed()).fence, {
    calendars: [{ id: "own", busy: "{}", days: [], until: from + 600 }],
  });
  expect(
    (await calendars())[0],
    ["own", true, "{}", "{}", `[${from},${from + 600})`, null],
    "cut short",
  );
  await scene.read(connection, (await claimed()).fence, {
    listed: [{ id: "new", name: "New", time_zone: null, primary: true }],
    calendars: [],
  });
  expect(await calendars(), [["new", true, "{}", "{}", null, null]], "another list");
  const [row] = await scene.sql.unsafe("select account_label from public.calendar_connections");
  expect(row!.account_label, "ann@example.com", "label");
  expectMembers(
    await scene.state(connection),
    { verified_account: "" },
    "account of the last read",
  );
});

test("one bad item spoils no other", async (scene) => {
  const [one, two] = [await scene.connection(), await scene.connection()];
  const { items } = await scene.claim();
  const fence = items[0]!.fence;
  const read = { kind: "read", fence, account: null, label: null, listed: null, refreshed: false };
  const { answers } = await scene.call("settle", {
    items: [
      {
        ...read,
        connection: one,
        calendars: [{ id: "primary", busy: "junk", days: [], until: null }],
      },
      { ...read, connection: two, calendars: [] },
      { kind: "nonsense", connection: two, fence },
      { ...read, connection: "no uuid", calendars: [] },
    ],
  });
  expect(answers, ["error", "ok", "error", "error"], "answers");
  expectMembers(await scene.state(one), { unsettled: 1, last_ok_at: null }, "still leased");
});

test("a user's own call marks their rows once a minute, and never before a pause has passed", async (scene) => {
  const user = await scene.user();
  const other = await scene.connection();
  const [fresh, failing] = [
    await scene.connection("google", Promise.resolve(user)),
    await scene.connection("outlook", Promise.resolve(user)),
  ];
  await scene.sql.unsafe(
    `update public.calendar_sync_states set due_at = now() + interval '1 hour', failures = 1, reason = 'throttled'
     where connection_id = '${failing}';
     update public.calendar_sync_states set due_at = now() + interval '1 day' where connection_id = '${fresh}'`,
  );
  const ask = async (as = user) => {
    const results = await scene.sql.unsafe(
      asUser(as, `select public.calendar_refresh_mine('${user}')::text as answer`),
    ) as unknown as { answer?: string }[][];
    return JSON.parse(results.flat().find((row) => row?.answer)!.answer!);
  };
  const first = await ask();
  expect(first.marked, 1, "marked");
  expectMembers(
    first.waiting[0],
    { connection: failing, reason: "throttled", retry_after: 3600 },
    "waiting",
  );
  const again = await ask();
  expect(again.marked, 0, "marked again at once");
  const { items } = await scene.claim({ user, provider: null });
  expect(items.map((item) => item.connection), [fresh], "claimed for the user");
  expect((await scene.claim({ user, provider: null })).items, [], "marked once, claimed once");
  let refused = false;
  const [{ user_id: stranger }] = await scene.sql.unsafe(
    `select user_id from public.calendar_connections where id = '${other}'`,
  ) as unknown as [{ user_id: string }];
  try {
    await ask(stranger);
  } catch {
    refused = true;
    await scene.sql.unsafe("rollback");
  }
  expect(refused, true, "in another's name");
});

test("reconnecting does not reset the minute between a user's reads", async (scene) => {
  const user = await scene.user();
  const save = (n: number) =>
    asUser(
      user,
      `select public.calendar_save_connection('${user}', 'google', null, 'acc', null, null, '{s}', 'v1.00000000.A${n}', 'v1.00000000.B${n}', 3600, null, 10)::text`,
    );
  const ask = async () => {
    const results = await scene.sql.unsafe(
      asUser(user, `select public.calendar_refresh_mine('${user}')::text as answer`),
    ) as unknown as { answer?: string }[][];
    return JSON.parse(results.flat().find((row) => row?.answer)!.answer!).marked;
  };
  const marked = [];
  for (let n = 0; n < 5; n++) {
    await scene.sql.unsafe(save(n));
    marked.push(await ask());
    await scene.sql.unsafe(asUser(user, `select public.calendar_disconnect('${user}')`));
  }
  expect(marked, [1, 0, 0, 0, 0], "marked");
});
