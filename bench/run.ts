/**
 * `make bench`: this service beside what its users would write instead, in one run.
 *
 *   deno run -A bench/run.ts [--quick] [--deno 2.1.4|current] [--only load|start|crypto|size|soak]
 *
 * Prints every figure with its budget and verdict, and writes bench/results.json and bench/results.svg (with --quick
 * .cache/bench/quick.json and .svg). Fails only where something does not run: speed is judged by who reads it.
 */
import { parseArgs } from "node:util";
import type { DenoVersion } from "../dev/deno.ts";
import { inRepository } from "../dev/paths.ts";
import { provenance } from "../scripts/provenance.ts";
import { loadChart } from "./chart.ts";
import { contestants, prepareContestants } from "./contestants.ts";
import { type LoadPlan, measureLoad } from "./load.ts";
import { measureMicro } from "./micro.ts";
import { writeDocuments } from "./document.ts";
import { clearProgress, progressTo } from "./progress.ts";
import { type Report, reportRows } from "./report.ts";
import { glueSize, type Size, sizeOf, wasmSize } from "./sizes.ts";
import { measureSoak } from "./soak.ts";
import { measureStarts } from "./start.ts";
import { holds, printTable } from "./table.ts";
import { prepareTools } from "./tools.ts";

interface Plan {
  load: LoadPlan;
  starts: number;
  micro: number;
  soak: number;
}

const full: Plan = {
  load: { rounds: 11, warmUp: 5000, alone: 200, together: 800 },
  starts: 11,
  micro: 5,
  soak: 200_000,
};

/** Under three minutes for both versions of Deno; shows the order of things, judges with more noise. */
const quick: Plan = {
  load: { rounds: 3, warmUp: 1000, alone: 60, together: 300 },
  starts: 3,
  micro: 1,
  soak: 10_000,
};

const parts = ["load", "start", "crypto", "size", "soak"];

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    deno: { type: "string", multiple: true, default: ["2.1.4", "current"] },
    only: { type: "string", multiple: true, default: parts },
  },
});
const plan = values.quick ? quick : full;
const wanted = (part: string) => values.only.includes(part);

const started = Date.now();
const measured = await provenance();
progressTo("building the mock upstream, the load generator and the contestants");
await prepareTools();
await prepareContestants();

const reports: Report[] = [];
for (const version of values.deno) reports.push(await measure(version as DenoVersion));
clearProgress();

for (const report of reports) printTable(`Deno ${report.deno}`, reportRows(report));
const over = reports.flatMap(reportRows).filter((row) => !holds(row));
const judged = reports.flatMap(reportRows).filter((row) => row.judged);
const minutes = ((Date.now() - started) / 60_000).toFixed(1);
console.log(`\n${judged.length - over.length} of ${judged.length} rows hold; ${minutes} minutes.`);
await write(reports);

async function measure(version: DenoVersion): Promise<Report> {
  const progress = (text: string) => progressTo(`Deno ${version}: ${text}`);
  const { load, starts, micro, soak } = plan;
  return {
    deno: version,
    starts: wanted("start") ? await measureStarts(version, starts, progress) : [],
    micro: wanted("crypto") ? await measureMicro(version, micro, progress) : [],
    load: wanted("load") ? await measureLoad(version, load, progress) : [],
    soak: wanted("soak") ? await measureSoak(version, soak, progress) : [],
    sizes: wanted("size") ? sizes() : [],
  };
}

function sizes(): Size[] {
  const others = (["lean", "googleBundled", "microsoftBundled"] as const).map((name) =>
    sizeOf(contestants[name].title, [contestants[name].entry])
  );
  return [wasmSize(), glueSize(), ...others];
}

async function write(reports: Report[]): Promise<void> {
  const base = values.quick
    ? inRepository(".cache", "bench", "quick")
    : inRepository("bench", "results");
  await Deno.writeTextFile(
    `${base}.json`,
    `${JSON.stringify({ measured, plan, reports }, null, 1)}\n`,
  );
  const charted = reports.find((report) => report.load.length > 0);
  if (charted) await Deno.writeTextFile(`${base}.svg`, loadChart(charted));
  console.log(`Written: ${base}.json${charted ? " and .svg" : ""}`);
  if (!values.quick && values.only.length === parts.length) {
    writeDocuments();
    console.log("Written: the figures in README.md and docs/performance.md");
  }
}
