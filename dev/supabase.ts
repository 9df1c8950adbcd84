/**
 * Supabase Lite, which speaks Supabase's Auth API and PostgREST's API, over PGlite or Postgres.
 *
 * It runs inside this process. At its first request Lite grants everything on every table of a
 * schema with row-level security to the request roles, which undoes the migrations' column grants.
 * `withholdGrants` keeps it from doing so; the roles come from `baseline.ts` instead, so the only
 * privileges in force are the platform's defaults and the migrations' own.
 */
import { App, type Connection } from "@supabase/lite";
import { createPgliteConnection } from "@supabase/lite/pglite";
import { createPostgresConnection } from "@supabase/lite/postgres";
import { baseline, type DefaultGrants } from "./baseline.ts";
import { type Database, exclusively, onPglite, onPostgres, type Turn } from "./database.ts";
import { type Claims, signJwt } from "./jwt.ts";
import { applyMigrations, migrationsFolder } from "./migrations.ts";
import { openInMemory } from "./pglite.ts";
import type { PostgresServer } from "./postgres.ts";
import { quietly } from "./quiet.ts";

export interface SupabaseOptions {
  /** A server, or PGlite: in memory, or in a folder that is kept. */
  postgres: PostgresServer | { pglite: "memory" | string };
  migrations?: string;
  /** What the project grants on new objects of `public`; the older, wider regime unless told. */
  defaultGrants?: DefaultGrants;
  /** SQL to run before the migrations, such as an app's own `public.users`. */
  before?: string;
  siteUrl?: string;
}

export interface User {
  id: string;
  email: string;
  accessToken: string;
  refreshToken: string;
}

export interface Supabase {
  /** Answers what starts with /auth/v1 and /rest/v1. */
  fetch(request: Request): Promise<Response>;
  database: Database;
  publishableKey: string;
  secretKey: string;
  jwtSecret: string;
  /** The server's own version, such as 17.5 (PGlite) or 18.4. */
  postgresVersion: string;
  createUser(email: string, password: string): Promise<User>;
  signJwt(claims: Claims): Promise<string>;
  stop(): Promise<void>;
}

export async function startSupabase(options: SupabaseOptions): Promise<Supabase> {
  Deno.env.set("LITE_TELEMETRY", "0");
  const jwtSecret = crypto.randomUUID() + crypto.randomUUID();
  const keys = { publishable_key: fakeKey("publishable"), secret_key: fakeKey("secret") };
  const { connection, database, turn, close } = await connect(options.postgres);
  const app = new App({
    connection,
    auth: {
      enabled: true,
      jwt_secret: jwtSecret,
      ...keys,
      ...(options.siteUrl === undefined ? {} : { site_url: options.siteUrl }),
    },
  });
  const running = new Set<Promise<Response>>();
  const fetch = (request: Request) => {
    const answer = turn(() => quietly(() => app.fetch(request)));
    running.add(answer);
    return answer.finally(() => running.delete(answer));
  };
  try {
    await turn(() => app.ensureSystemSchema());
    withholdGrants(connection);
    await database.script(baseline(options.defaultGrants ?? "all"));
    if (options.before !== undefined) await database.script(options.before);
    await applyMigrations(database, options.migrations ?? migrationsFolder);
  } catch (error) {
    await close();
    throw error;
  }
  const [row] = await database.query<{ server_version: string }>("show server_version");
  return {
    fetch,
    database,
    publishableKey: keys.publishable_key,
    secretKey: keys.secret_key,
    jwtSecret,
    postgresVersion: row?.server_version ?? "unknown",
    createUser: (email, password) => signUp(fetch, keys.publishable_key, email, password),
    signJwt: (claims) => signJwt(claims, jwtSecret),
    stop: async () => {
      // Closing under a running transaction would wait for ever.
      await Promise.allSettled(running);
      await close();
    },
  };
}

interface Connected {
  connection: Connection;
  database: Database;
  turn: Turn;
  close(): Promise<void>;
}

async function connect(postgres: SupabaseOptions["postgres"]): Promise<Connected> {
  if ("pglite" in postgres) {
    const { pglite: place } = postgres;
    const pgliteOptions = { parsers: { [timestamptz]: asInJson } };
    const turn = exclusively();
    const connection = await turn(() =>
      place === "memory"
        ? openInMemory(pgliteOptions)
        : createPgliteConnection({ url: place, pgliteOptions })
    );
    const database = onPglite(connection.driver, turn);
    return { connection, database, turn, close: () => turn(() => connection.close()) };
  }
  const connection = createPostgresConnection({
    url: postgres.url,
    postgresOptions: {
      onnotice: () => {},
      types: {
        timestamptz: {
          to: timestamptz,
          from: [timestamptz],
          serialize: (value: unknown) => value,
          parse: asInJson,
        },
      },
    },
  });
  return {
    connection,
    database: onPostgres(connection.driver),
    turn: (work) => work(),
    close: () => connection.driver.end({ timeout: 5 }),
  };
}

/** The type's number in Postgres's catalogue. */
const timestamptz = 1184;

/** Lite answers with Postgres's text form; PostgREST, like Postgres's own JSON, with ISO 8601. */
function asInJson(text: string): string {
  return text.replace(" ", "T").replace(/([+-]\d\d)$/, "$1:00");
}

/** Tells Lite's connection that row-level security is in force and its grants were made already. */
function withholdGrants(connection: object): void {
  if (!("rlsState" in connection && connection.rlsState === "unknown")) {
    throw new Error(
      "This version of @supabase/lite keeps its grants in another way: the migrations' column " +
        "grants would be undone. Install the version that package.json names: npm ci",
    );
  }
  connection.rlsState = "active";
}

function fakeKey(kind: string): string {
  return `sb_${kind}_local_stack_${crypto.randomUUID().replaceAll("-", "")}`;
}

async function signUp(
  fetch: Supabase["fetch"],
  apikey: string,
  email: string,
  password: string,
): Promise<User> {
  const response = await fetch(
    new Request("http://localhost/auth/v1/signup", {
      method: "POST",
      headers: { apikey, "content-type": "application/json" },
      body: JSON.stringify({ email, password }),
    }),
  );
  if (!response.ok) {
    throw new Error(`Sign-up of ${email} failed: ${response.status} ${await response.text()}`);
  }
  const session = await response.json();
  return {
    id: session.user.id,
    email,
    accessToken: session.access_token,
    refreshToken: session.refresh_token,
  };
}
