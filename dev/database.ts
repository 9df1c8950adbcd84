/** SQL as the superuser, for setting up and for looking from outside; PGlite and Postgres alike. */
import type { PGlite } from "@supabase/lite/pglite";
import type postgres from "postgres";

export type Row = Record<string, unknown>;

export interface Database {
  /** One statement with parameters `$1`, `$2`, …. */
  query<R extends Row = Row>(text: string, parameters?: Parameter[]): Promise<R[]>;
  /** Any number of statements, all or none of which take effect. */
  script(text: string): Promise<void>;
}

export type Parameter = string | number | boolean | null | string[];

/** Runs one piece of work after another; see `exclusively`. */
export type Turn = <T>(work: () => Promise<T>) => Promise<T>;

/**
 * PGlite is a single session and Supabase Lite opens its transactions on it without waiting for the
 * one before: two requests at a time would run under each other's role. So they take turns.
 *
 * PGlite also sets this process's exit code, when it starts and at every SQL error.
 */
export function exclusively(): Turn {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const mine = last.then(() => keepingExitCode(work));
    last = mine.catch(() => {});
    return mine;
  };
}

async function keepingExitCode<T>(work: () => Promise<T>): Promise<T> {
  const { exitCode } = Deno;
  try {
    return await work();
  } finally {
    Deno.exitCode = exitCode;
  }
}

export function onPglite(pglite: PGlite, turn: Turn): Database {
  return {
    query: <R extends Row>(text: string, parameters: Parameter[] = []) =>
      turn(async () => (await pglite.query<R>(text, parameters)).rows),
    script: (text) =>
      turn(() => pglite.transaction((session) => session.exec(text)).then(() => {})),
  };
}

export function onPostgres(sql: postgres.Sql): Database {
  return {
    query: async <R extends Row>(
      text: string,
      parameters: Parameter[] = [],
    ) => [...await sql.unsafe<R[]>(text, parameters)],
    script: (text) => sql.begin((session) => session.unsafe(text)).then(() => {}),
  };
}
