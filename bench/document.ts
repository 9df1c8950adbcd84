/**
 * The figures in README.md and docs/performance.md, made from bench/results.json and bench/scale.json:
 * `deno run -A bench/document.ts` writes them, and so do `make bench` and `make scale`.
 */
import { inRepository } from "../dev/paths.ts";
import { measuredAt, type Provenance } from "../scripts/provenance.ts";
import { fillSection, markdownTable } from "../scripts/sections.ts";
import type { Name } from "./contestants.ts";
import { contestants } from "./contestants.ts";
import { samplesOf } from "./load.ts";
import { type Report, reportRows } from "./report.ts";
import { routes } from "./requests.ts";
import type { SizeResult } from "./scale/measure.ts";
import type { StartSamples } from "./start.ts";
import { median, medianRatio } from "./statistics.ts";
import { shown } from "./table.ts";

export interface Results {
  measured: Provenance;
  reports: Report[];
}

export interface ScaleResults {
  measured: Provenance;
  sizes: SizeResult[];
}

const json = (name: string) => JSON.parse(Deno.readTextFileSync(inRepository("bench", name)));

export const readResults = (): Results => json("results.json");
export const readScale = (): ScaleResults => json("scale.json");

/** By document, what each of its generated sections has to say. */
export function sections(
  results: Results,
  scale: ScaleResults,
): Record<string, Record<string, string>> {
  return {
    "README.md": { speed: sentences(results) },
    "docs/performance.md": {
      measured: `${measuredAt(results.measured)}.`,
      requests: requestsTable(results),
      starts: startsTable(results),
      budgets: budgetsOver(results),
      scale: scaleText(scale),
    },
  };
}

export function writeDocuments(): void {
  for (const [path, parts] of Object.entries(sections(readResults(), readScale()))) {
    const file = inRepository(path);
    let text = Deno.readTextFileSync(file);
    for (const [name, body] of Object.entries(parts)) text = fillSection(text, name, body);
    Deno.writeTextFileSync(file, text);
  }
}

/** The peers that a route is compared with, and the same route without libraries. */
const PEERS: readonly Name[] = ["google", "microsoft"];

/** Our CPU time per request as a part of theirs, on each route and each Deno. */
function ratios({ reports }: Results, others: readonly Name[]): number[] {
  return reports.flatMap(({ load }) =>
    routes.flatMap(({ name }) => {
      const ours = samplesOf(load, name, "ours")?.cpuUs ?? [];
      const theirs = others.map((other) => samplesOf(load, name, other)?.cpuUs);
      return theirs.flatMap((samples) => samples ? [medianRatio(ours, samples)] : []);
    })
  );
}

const percent = (ratio: number) => `${Math.round(ratio * 100)} %`;

function range(values: readonly number[]): string {
  return `${percent(Math.min(...values)).replace(" %", "")} to ${percent(Math.max(...values))}`;
}

function sentences(results: Results): string {
  const denos = results.reports.map(({ deno }) => deno === "current" ? "a current Deno" : deno);
  const start = (name: Name) =>
    results.reports.map(({ starts }) => `${shown(overEmpty(starts, name, "coldMs"))} ms`)
      .join(" and ");
  return wrapped(
    `Depending on the route, a request costs ${
      range(ratios(results, PEERS))
    } of the CPU time of the ` +
      `same function written with supabase-js and openid-client or msal, and ` +
      `${range(ratios(results, ["lean"]))} of one written without libraries. On Deno ` +
      `${denos.join(" and ")}, a cold start takes ${start("ours")} more than that of an empty ` +
      `function; with supabase-js and openid-client, bundled, it takes ` +
      `${start("googleBundled")} more. [Performance](docs/performance.md) has every figure, and ` +
      `lists the budgets that do not hold.`,
  );
}

function requestsTable({ reports }: Results): string {
  const columns: [string, Name[]][] = [
    ["Calendar Connect", ["ours"]],
    ["without libraries", ["lean"]],
    ["supabase-js, openid-client or msal", [...PEERS]],
    ["bare fetches", ["floor"]],
  ];
  const rows = reports.flatMap(({ deno, load }) =>
    routes.map(({ name }) => [
      deno,
      name,
      ...columns.map(([, names]) => {
        const found = names.map((each) => samplesOf(load, name, each)).find(Boolean);
        return found ? `${shown(median(found.cpuUs))} µs` : "";
      }),
    ])
  );
  return markdownTable(["Deno", "route", ...columns.map(([title]) => title)], rows);
}

type ColdMeasure = "coldMs" | "cachedMs";

function overEmpty(starts: StartSamples[], name: Name, measure: ColdMeasure): number {
  const of = (wanted: Name) => starts.find(({ contestant }) => contestant === wanted)?.[measure];
  const empty = of("empty") ?? [];
  return median((of(name) ?? []).map((value, round) => value - (empty[round] ?? NaN)));
}

function startsTable({ reports }: Results): string {
  const measured = ["ours", "lean", "googleBundled", "microsoftBundled", "google", "microsoft"];
  const titles: Partial<Record<string, string>> = {
    ours: "Calendar Connect",
    lean: "without libraries",
    google: "openid-client, unbundled",
    googleBundled: "openid-client, bundled",
    microsoft: "msal, unbundled",
    microsoftBundled: "msal, bundled",
  };
  const rows = reports.flatMap(({ deno, starts }) =>
    measured.map((name) => [
      deno,
      titles[name] ?? contestants[name as Name].title,
      `${shown(overEmpty(starts, name as Name, "coldMs"))} ms`,
      `${shown(overEmpty(starts, name as Name, "cachedMs"))} ms`,
    ])
  );
  return markdownTable(["Deno", "function", "without code cache", "with code cache"], rows);
}

function budgetsOver({ reports }: Results): string {
  const judged = reports.flatMap((report) =>
    reportRows(report).flatMap((row) =>
      (row.judged ?? []).map((each) => ({ deno: report.deno, row, ...each }))
    )
  );
  const over = judged.filter(({ value, budget }) => value > budget);
  const summary = `${judged.length - over.length} of ${judged.length} budgets hold.`;
  if (over.length === 0) return summary;
  const rows = over.map(({ deno, row, name, value, budget }) => [
    deno,
    `${row.part}: ${row.figure}`,
    `${shown(value)} ${name}`,
    shown(budget),
  ]);
  return `${summary} These do not:\n\n${
    markdownTable(["Deno", "figure", "measured", "budget"], rows)
  }`;
}

function scaleText({ measured, sizes }: ScaleResults): string {
  const [first] = sizes;
  const rows = (first?.operations ?? []).map(({ name }) => [
    name,
    ...sizes.map(({ operations }) => {
      const found = operations.find((each) => each.name === name);
      return found ? `${shown(found.ms)} ms, ${found.pages} pages` : "";
    }),
  ]);
  const head = ["operation", ...sizes.map(({ users }) => `${users.toLocaleString("en")} users`)];
  return `${measuredAt(measured)}.\n\n${markdownTable(head, rows)}`;
}

/** Lines of at most 100 characters, as `deno fmt` breaks them. */
function wrapped(text: string): string {
  const lines = [""];
  for (const word of text.split(" ")) {
    const line = lines.at(-1) ?? "";
    if (line === "") lines[lines.length - 1] = word;
    else if (line.length + 1 + word.length <= 100) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines.join("\n");
}

if (import.meta.main) writeDocuments();
