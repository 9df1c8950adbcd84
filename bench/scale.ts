/**
 * The database at scale: `deno run -A bench/scale.ts [--quick]`.
 *
 * A real Postgres 18 with the migrations of supabase/, filled from 1,000 users to 1,000,000 with 1,500,000 connections
 * (--quick: to 100,000). At every size each operation of the function is run as PostgREST runs it, for users drawn by
 * chance: its plans are read by auto_explain, nested ones and those of triggers and foreign keys too, and must use
 * indexes only; its time and the pages it touches are compared with those at 1,000 users. Fails on a plan that scans.
 *
 * Writes bench/scale.json and bench/scale.svg (with --quick into .cache/bench).
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import postgres from "postgres";
import { inRepository } from "../dev/paths.ts";
import { startPostgres } from "../dev/postgres.ts";
import { provenance } from "../scripts/provenance.ts";
import { migrate, prepare } from "../tests/database/worlds.ts";
import { writeDocuments } from "./document.ts";
import { clearProgress, progressTo } from "./progress.ts";
import { scaleChart } from "./scale/chart.ts";
import { grow } from "./scale/data.ts";
import { measureSize, type SizeResult } from "./scale/measure.ts";
import { scaleRows } from "./scale/rows.ts";
import { holds, printTable } from "./table.ts";

const { values } = parseArgs({ options: { quick: { type: "boolean", default: false } } });
const sizes = [1_000, 10_000, 100_000, ...(values.quick ? [] : [1_000_000])];

const measured = await provenance();
progressTo("starting Postgres 18");
const server = await startPostgres({ version: 18 });
const sql = postgres(server.url, { max: 1, onnotice: () => {}, fetch_types: false });
const results: SizeResult[] = [];
try {
  const runner = { script: async (text: string) => void await sql.unsafe(text) };
  await prepare(runner, { users: "made", grants: "none" });
  await migrate(runner);
  for (const size of sizes) {
    progressTo(`filling up to ${size.toLocaleString("en")} users`);
    await grow(sql, size);
    progressTo(`measuring at ${size.toLocaleString("en")} users`);
    results.push(await measureSize(server.url, size));
  }
} finally {
  clearProgress();
  await sql.end();
  await server.stop();
}

const rows = scaleRows(results);
printTable("Postgres 18 at scale", rows);
const folder = values.quick ? inRepository(".cache", "bench") : inRepository("bench");
await Deno.mkdir(folder, { recursive: true });
const written = { measured, sizes: results };
await Deno.writeTextFile(join(folder, "scale.json"), `${JSON.stringify(written, null, 1)}\n`);
await Deno.writeTextFile(join(folder, "scale.svg"), scaleChart(results));
console.log(`\nWritten: ${join(folder, "scale.json")} and .svg`);
if (!values.quick) writeDocuments();
const scans = results.flatMap((result) => result.scans);
if (scans.length > 0) {
  console.error(`\nPlans that scan a table:\n${[...new Set(scans)].join("\n")}`);
  Deno.exit(1);
}
if (!rows.every(holds)) console.log("Some rows are over their budget; see above.");
