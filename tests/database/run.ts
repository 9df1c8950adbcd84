/**
 * Proves the database: migrations on Postgres 15, Postgres 18 and PGlite in every world, pgTAP,
 * row-level security, concurrency.
 *
 *   deno run -A tests/database/run.ts
 */
import { startPostgres } from "../../dev/postgres.ts";
import { findPgtap, runPgtap } from "./pgtap.ts";
import { announce, makeTemplates, type Server } from "./servers.ts";
import { reason } from "./worlds.ts";

const started = performance.now();

function progress(text: string): void {
  const seconds = ((performance.now() - started) / 1000).toFixed(1).padStart(6);
  console.log(`database ${seconds} s  ${text}`);
}

async function runDenoTests(servers: Server[]): Promise<boolean> {
  const folder = new URL(".", import.meta.url).pathname;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["test", "--allow-all", "--no-check", folder],
    env: announce(servers),
    stdin: "null",
  }).spawn();
  return (await child.status).success;
}

async function main(): Promise<boolean> {
  const pgtap = await findPgtap();
  const running = await Promise.all(
    ([18, 15] as const).map((version) => startPostgres({ version })),
  );
  try {
    const servers = running.map(({ version, url }) => ({ version: Number.parseInt(version), url }));
    progress("Postgres 18 and 15 run; applying the migrations to four databases on each");
    for (const server of servers) await makeTemplates(server);
    progress("pgTAP");
    const proven = await runPgtap(pgtap, servers, progress);
    progress("row-level security, concurrency, an app's own users");
    const tested = await runDenoTests(servers);
    progress(proven && tested ? "all hold" : "something does not hold");
    return proven && tested;
  } finally {
    await Promise.all(running.map((server) => server.stop()));
  }
}

try {
  Deno.exit(await main() ? 0 : 1);
} catch (error) {
  console.error(`database: ${reason(error)}`);
  if (error instanceof Error && error.cause) console.error(`  because: ${reason(error.cause)}`);
  Deno.exit(1);
}
