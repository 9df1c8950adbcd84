/** The worker's calls to a database whose clock and dice a test holds. */
import { connect, type Server, servers, withDatabase } from "./servers.ts";
import { describe, type World } from "./worlds.ts";

type Sql = ReturnType<typeof connect>;
export type Json = Record<string, unknown>;

const world: World = { users: "made", grants: "none" };
export const start = Date.parse("2026-03-30T06:00:00Z");
export const minutes = 60;
export const hours = 60 * minutes;
export const days = 24 * hours;

/** A database with its own time. */
export class Scene {
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

export function expect(actual: unknown, expected: unknown, about: string): void {
  const [a, b] = [text(actual), text(expected)];
  if (a !== b) throw new Error(`${about}: ${a}, not ${b}`);
}

export function expectMembers(actual: Json, expected: Json, about: string): void {
  for (const [name, value] of Object.entries(expected)) {
    expect(actual[name], value, `${about}, ${name}`);
  }
}

export function test(name: string, work: (scene: Scene) => Promise<void>): void {
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
