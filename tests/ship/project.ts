/** A database as a Supabase project has it before the first migration, and a login that is no superuser. */
import postgres from "postgres";
import { prepare, type World } from "../database/worlds.ts";

export interface Project {
  /** As the role that owns the app's tables, like Supabase's `postgres`. */
  url: string;
  /** The same database as the superuser. */
  superuserUrl: string;
}

/** What the CLI needs to reset a database: it spares what belongs to supabase_admin. */
const forReset = `
  do $$
  begin
    if not exists (select from pg_roles where rolname = 'supabase_admin') then
      create role supabase_admin;
    end if;
  end;
  $$;
  alter schema auth owner to supabase_admin;
  grant create, usage on schema auth to supabase_auth_admin;
  grant usage on schema auth to project_owner;
  grant truncate on auth.users to project_owner;
  alter role project_owner login password 'owner-not-real';
`;

let made = 0;

export async function makeProject(serverUrl: string, world: World): Promise<Project> {
  const url = new URL(serverUrl);
  const name = `project_${Deno.pid}_${made++}`;
  await withSql(serverUrl, (sql) => sql.unsafe(`create database ${name} template template0`));
  url.pathname = `/${name}`;
  const superuserUrl = url.href;
  await withSql(superuserUrl, async (sql) => {
    await prepare({ script: async (text) => void await sql.unsafe(text) }, world);
    await sql.unsafe(forReset);
  });
  url.username = "project_owner";
  url.password = "owner-not-real";
  return { url: url.href, superuserUrl };
}

export async function withSql<T>(url: string, work: (sql: postgres.Sql) => Promise<T>): Promise<T> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    return await work(sql);
  } finally {
    await sql.end();
  }
}
