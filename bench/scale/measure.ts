/** One size: every operation's plans, pages and time; what follows a deletion; expired states. */
import postgres from "postgres";
import { median } from "../statistics.ts";
import { asUser, operations } from "./operations.ts";
import { type Explained, indexesIn, pagesOf, parseNotice, scansIn } from "./plans.ts";

export interface OperationResult {
  name: string;
  /** Milliseconds in the database, median over users. */
  ms: number;
  /** Pages of 8 KiB touched, nested statements and triggers included; median over users. */
  pages: number;
  indexes: string[];
}

export interface SizeResult {
  users: number;
  connections: number;
  states: number;
  operations: OperationResult[];
  /** Milliseconds of what follows one deleted connection: its state, log and flag. */
  deletionTriggerMs: number;
  /** Expired states of the probed users that an open left behind; must be none. */
  expiredLeft: number;
  /** Every read of a large table that no index made; must be none. */
  scans: string[];
}

const timedUsers = 300;
const explainedUsers = 20;

export async function measureSize(url: string, users: number): Promise<SizeResult> {
  const explained: Explained[] = [];
  const onnotice = ({ message }: { message?: string }) => {
    const plan = parseNotice(message ?? "");
    if (plan) explained.push(plan);
  };
  const sql = postgres(url, { max: 1, onnotice, fetch_types: false });
  try {
    const timed = await timeOperations(sql, users);
    const deletionTriggerMs = await timeDeletionTrigger(sql, users);
    const expiredLeft = await expiredStatesLeft(sql, users);
    await sql.unsafe(explaining);
    const seen = await explainOperations(sql, users, explained);
    const [counts] = await sql.unsafe(`select
      (select count(*)::int from public.calendar_connections) as connections,
      (select count(*)::int from public.calendar_oauth_states) as states`);
    return {
      users,
      connections: counts?.connections,
      states: counts?.states,
      operations: timed.map(([name, ms]) => ({
        name,
        ms,
        pages: median(seen.get(name)?.pages ?? []),
        indexes: [...seen.get(name)?.indexes ?? []].sort(),
      })),
      deletionTriggerMs,
      expiredLeft,
      scans: [...seen.values()].flatMap((one) => one.scans),
    };
  } finally {
    await sql.end();
  }
}

const explaining = `
  load 'auto_explain';
  set auto_explain.log_min_duration = 0;
  set auto_explain.log_analyze = on;
  set auto_explain.log_buffers = on;
  set auto_explain.log_timing = off;
  set auto_explain.log_nested_statements = on;
  set auto_explain.log_format = json;
  set auto_explain.log_level = notice;
`;

/** Every fourth user has expired states, and so is asked most of. */
async function drawUsers(sql: postgres.Sql, users: number, count: number): Promise<string[]> {
  const rows = await sql.unsafe(`
    select md5('user ' || 4 * (1 + (random() * (${users} / 4 - 1))::int))::uuid::text as id
    from generate_series(1, ${count})`);
  return rows.map((row) => row.id);
}

/** Once to bring their pages into memory, which is a matter of its size, and once to be timed. */
function twice<T>(items: readonly T[]): T[] {
  return [...items, ...items];
}

/** The database's own clock before and after each statement, in one batch: no round trip is in it. */
async function timeOperations(sql: postgres.Sql, users: number): Promise<[string, number][]> {
  const taken = new Map<string, number[]>();
  for (const [turn, user] of twice(await drawUsers(sql, users, timedUsers)).entries()) {
    const clock = "select extract(epoch from clock_timestamp()) * 1000 as at";
    const steps = operations(user, hashOf(turn));
    const batch = steps.map(({ statement }) => `${statement}; ${clock}`).join("; ");
    const answers = await sql.unsafe(`${asUser(user)}; ${clock}; ${batch}; rollback`).simple();
    const clocks = (answers as unknown as { at?: string }[][])
      .flatMap((rows) => rows[0]?.at === undefined ? [] : [Number(rows[0].at)]);
    if (turn < timedUsers) continue;
    for (const [index, { name }] of steps.entries()) {
      const ms = (clocks[index + 1] ?? NaN) - (clocks[index] ?? NaN);
      taken.set(name, [...taken.get(name) ?? [], ms]);
    }
  }
  return [...taken].map(([name, all]) => [name, median(all)]);
}

async function timeDeletionTrigger(sql: postgres.Sql, users: number): Promise<number> {
  const taken: number[] = [];
  for (const [turn, user] of twice(await drawUsers(sql, users, timedUsers)).entries()) {
    const deletion = `explain (analyze, format json) delete from public.calendar_connections
      where user_id = '${user}' and provider = 'google'`;
    const answers = await sql.unsafe(`${asUser(user)}; ${deletion}; rollback`).simple();
    const [plan] = (answers as unknown as Record<string, Trigger[]>[][])
      .flatMap((rows) => rows[0]?.["QUERY PLAN"] ?? []);
    const trigger = plan?.Triggers.find((each) =>
      each["Trigger Name"] === "Calendar_connection_gone"
    );
    if (turn >= timedUsers) taken.push(trigger?.Time ?? NaN);
  }
  return median(taken);
}

interface Trigger {
  Triggers: { "Trigger Name": string; Time: number }[];
}

async function expiredStatesLeft(sql: postgres.Sql, users: number): Promise<number> {
  let left = 0;
  for (const user of await drawUsers(sql, users, explainedUsers)) {
    const [, open] = operations(user, hashOf(0));
    const count = `select count(*)::int as expired from public.calendar_oauth_states
      where user_id = '${user}' and expires_at <= now()`;
    const answers = await sql
      .unsafe(`${asUser(user)}; ${count}; ${open?.statement}; ${count}; rollback`).simple();
    const [before, after] = (answers as unknown as { expired?: string }[][])
      .flatMap((rows) => rows[0]?.expired ?? []).map(Number);
    if (before !== 3 || after === undefined) throw new Error("a drawn user has no expired states");
    left += after;
  }
  return left;
}

interface Seen {
  pages: number[];
  indexes: Set<string>;
  scans: string[];
}

async function explainOperations(
  sql: postgres.Sql,
  users: number,
  explained: Explained[],
): Promise<Map<string, Seen>> {
  const seen = new Map<string, Seen>();
  for (const [turn, user] of (await drawUsers(sql, users, explainedUsers)).entries()) {
    await sql.unsafe(asUser(user)).simple();
    for (const { name, statement } of operations(user, hashOf(turn))) {
      explained.length = 0;
      await sql.unsafe(statement).simple();
      const one = seen.get(name) ?? { pages: [], indexes: new Set(), scans: [] };
      // The statement itself ends last; its pages hold those of all that ran inside it.
      const outer = explained.at(-1);
      if (outer === undefined) throw new Error(`auto_explain said nothing of ${name}`);
      one.pages.push(pagesOf(outer));
      for (const plan of explained) {
        for (const index of indexesIn(plan)) one.indexes.add(index);
        one.scans.push(...scansIn(plan));
      }
      seen.set(name, one);
    }
    await sql.unsafe("rollback").simple();
  }
  return seen;
}

function hashOf(turn: number): string {
  return String(turn).padStart(43, "s");
}
