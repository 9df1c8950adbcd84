/** Tries every line of the table of expectations through SQL and reports what comes out otherwise. */
import { becomeActor, literal, owner, stranger } from "./actors.ts";
import {
  type Expectation,
  expectations,
  type FunctionExpectation,
  functionExpectations,
  type Outcome,
  samples,
} from "./rls_expectations.ts";
import type { World } from "./worlds.ts";

/** One connection; rejects with an error that carries Postgres's `code`. */
export interface Session {
  rows(text: string): Promise<Record<string, unknown>[]>;
}

const state = "s".repeat(43);

/** The owner has one row of everything, the stranger an account and no row. */
const scene = `
  insert into auth.users (id, email) values
    ('${owner}', 'owner@example.com'), ('${stranger}', 'stranger@example.com');
  insert into public.calendar_connections (
    user_id, provider, calendar_id, account_id, scopes, sealed_access_token, sealed_refresh_token
  ) values ('${owner}', 'google', 'primary', 'secret-account', '{seen}',
    'v1.11111111.aaaa', 'v1.11111111.bbbb');
  delete from public.users where id = '${stranger}';
  insert into public.calendar_oauth_states (user_id, state_hash, provider, sealed_verifier)
  values ('${owner}', '${state}', 'google', 'v1.11111111.cccc');
  insert into public.calendar_calendars (connection_id, calendar_id, user_id, selected, busy)
  select id, 'seen', user_id, true, '{[1,2)}' from public.calendar_connections;
  insert into public.calendar_settings (user_id) values ('${owner}');
`;

/** A user has one row of settings: it has to go where an insert is to be tried. */
const noSettings = "delete from public.calendar_settings";

/** How many lines were tried, and a sentence for each that does not hold. */
export async function checkExpectations(
  session: Session,
  world: World,
): Promise<{ tried: number; broken: string[] }> {
  const lines = expectations.filter(({ relation }) =>
    relation !== "users" || world.users === "made"
  );
  const broken: string[] = [];
  await session.rows(scene);
  const whole = await fingerprint(session, owner);
  await session.rows(`begin; ${noSettings}`);
  const withoutSettings = await fingerprint(session, owner);
  await session.rows("rollback");
  for (const line of lines) {
    const before = line.verb === "insert" ? withoutSettings : whole;
    const found = await tryColumn(session, line, before);
    const what = `${line.actor} ${line.verb} ${line.relation}.${line.column}`;
    if (found !== line.outcome) broken.push(`${what}: expected ${line.outcome}, found ${found}`);
  }
  for (const line of functionExpectations) {
    const found = await tryFunction(session, line, whole);
    const what = `${line.actor} calls ${line.call}`;
    if (found !== line.outcome) broken.push(`${what}: expected ${line.outcome}, found ${found}`);
  }
  return { tried: lines.length + functionExpectations.length, broken };
}

/** Every try is taken back, so what the owner had before is the same each time. */
async function tryColumn(session: Session, line: Expectation, before: string): Promise<string> {
  const first = line.verb === "insert" ? noSettings : "";
  return await attempt(session, line.actor, first, statement(line), async (rows) => {
    if (rows.length === 0) return "no row";
    if (line.verb === "select") return "owner's row";
    if (await fingerprint(session, owner) === before) {
      return await countRows(session, stranger) > 0 ? "own row" : "no row";
    }
    return line.verb === "insert" ? "own row" : "owner's row";
  });
}

function statement({ relation, verb, column }: Expectation): string {
  const table = `public.${relation}`;
  const value = (name: string) => literal(samples[relation]?.[name]?.value ?? null);
  switch (verb) {
    case "select":
      return `select ${column} from ${table}`;
    case "update":
      return `update ${table} set ${column} = ${value(column)} returning 1`;
    case "delete":
      return `delete from ${table} returning 1`;
    case "insert": {
      const required = Object.entries(samples[relation] ?? {}).filter(([, { required }]) =>
        required
      );
      const names = [...new Set([...required.map(([name]) => name), column])];
      return `insert into ${table} (${names.join(", ")}) values (${names.map(value).join(", ")})
        returning 1`;
    }
  }
}

async function tryFunction(
  session: Session,
  line: FunctionExpectation,
  before: string,
): Promise<string> {
  const call = line.call.replace("$owner", owner).replace("$state", state);
  return await attempt(session, line.actor, "", `select * from public.${call}`, async (rows) => {
    const told = JSON.stringify(rows).match(/google|secret-account|v1\.1/) !== null;
    const changed = await fingerprint(session, owner) !== before;
    return told || changed ? "done" : "nothing";
  });
}

/** Runs a statement as the actor, asks as the superuser what came of it, and takes it back. */
async function attempt(
  session: Session,
  actor: Expectation["actor"],
  first: string,
  text: string,
  judge: (rows: Record<string, unknown>[]) => Promise<Outcome | string>,
): Promise<string> {
  await session.rows(`begin; ${first}; ${becomeActor(actor)}`);
  try {
    const rows = await session.rows(text);
    await session.rows("reset role");
    return await judge(rows);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    return code === "42501" || code === "428C9" ? "denied" : `error ${code}: ${error}`;
  } finally {
    await session.rows("rollback");
  }
}

/** Everything that belongs to a user, as one text. */
async function fingerprint(session: Session, userId: string): Promise<string> {
  const [row] = await session.rows(`select jsonb_build_array(
    (select jsonb_agg(t order by provider) from public.calendar_connections t where user_id = '${userId}'),
    (select jsonb_agg(t order by state_hash) from public.calendar_oauth_states t where user_id = '${userId}'),
    (select jsonb_agg(t) from public.calendar_sync_states t where user_id = '${userId}'),
    (select jsonb_agg(t) from public.calendar_calendars t where user_id = '${userId}'),
    (select jsonb_agg(t order by id) from public.calendar_sync_logs t where user_id = '${userId}'),
    (select jsonb_agg(t) from public.calendar_settings t where user_id = '${userId}'),
    (select jsonb_agg(t) from public.users t where id = '${userId}')
  )::text as all`);
  return String(row?.all);
}

async function countRows(session: Session, userId: string): Promise<number> {
  const [row] = await session.rows(`select (
    (select count(*) from public.calendar_connections where user_id = '${userId}') +
    (select count(*) from public.calendar_oauth_states where user_id = '${userId}') +
    (select count(*) from public.calendar_settings where user_id = '${userId}')
  )::int as rows`);
  return Number(row?.rows);
}
