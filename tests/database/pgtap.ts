/** Runs `supabase/tests` with pg_prove in every world on every server. */
import { connect, databaseUrl, type Server, template } from "./servers.ts";
import { describe, worlds } from "./worlds.ts";

const root = new URL("../../", import.meta.url).pathname;

/** Where Debian's package `pgtap` puts the extension; its SQL runs on any Postgres. */
const extensionFolders = ["/usr/share/postgresql"];

export interface Pgtap {
  sql: string;
}

const programs: Record<string, string> = {
  pg_prove: "libtap-parser-sourcehandler-pgtap-perl",
  psql: "postgresql-client",
};

export async function findPgtap(): Promise<Pgtap> {
  for (const [program, debianPackage] of Object.entries(programs)) {
    try {
      await new Deno.Command(program, { args: ["--version"], stdout: "null" }).output();
    } catch {
      throw new Error(`${program} is missing. Install the Debian package ${debianPackage}.`);
    }
  }
  return { sql: await extensionSql() };
}

async function extensionSql(): Promise<string> {
  for (const folder of extensionFolders) {
    for (const version of entries(folder)) {
      const extensions = `${folder}/${version}/extension`;
      const newest = entries(extensions).filter((name) => /^pgtap--[\d.]+\.sql$/.test(name)).at(-1);
      if (newest === undefined) continue;
      const text = await Deno.readTextFile(`${extensions}/${newest}`);
      // Lines with a backslash are for psql alone.
      return text.split("\n").filter((line) => !line.startsWith("\\")).join("\n");
    }
  }
  throw new Error("pgTAP is missing. Install the Debian package pgtap (postgresql-15-pgtap).");
}

function entries(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].map((entry) => entry.name).sort();
  } catch {
    return [];
  }
}

type Output = "shown" | "quiet";

export async function runPgtap(
  pgtap: Pgtap,
  servers: Server[],
  progress: (text: string) => void,
  output: Output = "shown",
): Promise<boolean> {
  let proven = true;
  for (const server of servers) {
    for (const world of worlds) {
      progress(`pgTAP: Postgres ${server.version}, ${describe(world)}`);
      const database = `pgtap_${template(world)}`;
      await copyWithPgtap(server, template(world), database, pgtap);
      proven = await prove(databaseUrl(server, database), output) && proven;
      // What is not shown needs not be complete.
      if (!proven && output === "quiet") return false;
    }
  }
  return proven;
}

async function copyWithPgtap(
  server: Server,
  origin: string,
  database: string,
  pgtap: Pgtap,
): Promise<void> {
  const admin = connect(server.url);
  await admin.unsafe(`drop database if exists ${database} with (force)`);
  await admin.unsafe(`create database ${database} template ${origin}`);
  await admin.end();
  const sql = connect(databaseUrl(server, database));
  try {
    await sql.unsafe(`
      create schema extensions;
      grant usage on schema extensions to public;
      alter database ${database} set search_path = public, extensions;
      set search_path = extensions;
      set client_min_messages = error;
    `);
    await sql.unsafe(pgtap.sql);
  } finally {
    await sql.end();
  }
}

async function prove(url: string, output: Output): Promise<boolean> {
  const { hostname, port, username, password, pathname } = new URL(url);
  const child = new Deno.Command("pg_prove", {
    args: ["--ext", ".sql", "--recurse", "supabase/tests"],
    env: {
      PGHOST: hostname,
      PGPORT: port,
      PGUSER: username,
      PGPASSWORD: password,
      PGDATABASE: pathname.slice(1),
    },
    cwd: root,
    stdin: "null",
    stdout: output === "shown" ? "inherit" : "null",
    stderr: output === "shown" ? "inherit" : "null",
  }).spawn();
  return (await child.status).success;
}
