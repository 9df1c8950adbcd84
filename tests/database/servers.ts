/** The real Postgres servers that `run.ts` started, and a database of its own for every test. */
import postgres from "postgres";
import { describe, migrate, prepare, type World, worlds } from "./worlds.ts";

export interface Server {
  version: number;
  url: string;
}

const variable = "CALENDAR_TEST_POSTGRES";

export function announce(servers: Server[]): Record<string, string> {
  return { [variable]: JSON.stringify(servers) };
}

export function servers(): Server[] {
  const announced = Deno.env.get(variable);
  if (announced === undefined) {
    throw new Error("These tests need Postgres servers. Run: deno run -A tests/database/run.ts");
  }
  return JSON.parse(announced);
}

export function template(world: World): string {
  return `calendar_${world.users}_${world.grants}`;
}

export function databaseUrl(server: Server, database: string): string {
  const url = new URL(server.url);
  url.pathname = `/${database}`;
  return url.href;
}

export function connect(url: string): postgres.Sql {
  return postgres(url, { max: 1, onnotice: () => {}, fetch_types: false });
}

/** Connections that wait for nothing but the database. */
export function crowd(
  url: string,
  size: number,
): { members: postgres.Sql[]; end(): Promise<void> } {
  const members = Array.from({ length: size }, () => connect(url));
  return { members, end: async () => void await Promise.all(members.map((sql) => sql.end())) };
}

/** Makes the four migrated databases from which every test's database is copied, or makes them anew. */
export async function makeTemplates(server: Server): Promise<void> {
  const admin = connect(server.url);
  try {
    for (const world of worlds) {
      await admin.unsafe(`drop database if exists ${template(world)} with (force)`);
      await admin.unsafe(`create database ${template(world)}`);
      const sql = connect(databaseUrl(server, template(world)));
      try {
        const runner = { script: async (text: string) => void await sql.unsafe(text) };
        await prepare(runner, world);
        await migrate(runner);
      } catch (error) {
        throw new Error(`Postgres ${server.version}, ${describe(world)}`, { cause: error });
      } finally {
        await sql.end();
      }
    }
  } finally {
    await admin.end();
  }
}

let made = 0;

/** Gives a test a fresh copy of a template, or of an empty database, and drops it afterwards. */
export async function withDatabase(
  server: Server,
  from: World | "empty",
  test: (url: string) => Promise<void>,
): Promise<void> {
  const name = `test_${Deno.pid}_${made++}`;
  const origin = from === "empty" ? "template0" : template(from);
  const admin = connect(server.url);
  try {
    await admin.unsafe(`create database ${name} template ${origin}`);
    try {
      await test(databaseUrl(server, name));
    } finally {
      await admin.unsafe(`drop database ${name} with (force)`);
    }
  } finally {
    await admin.end();
  }
}
