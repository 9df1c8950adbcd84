/**
 * The figures of the long runs, `make attack` and `make mutants`, in results.json. SECURITY.md and
 * mutants.md show them in sections that are written from that file; a test compares the two.
 *
 *   deno run -A tests/security/results.ts            writes the sections anew
 *   deno run -A tests/security/results.ts mutants F  takes the figures from cargo-mutants' outcomes.json F
 */
import { inRepository } from "../../dev/paths.ts";
import { measuredAt, type Provenance, provenance } from "../../scripts/provenance.ts";
import { fillSection, markdownTable } from "../../scripts/sections.ts";

interface Run {
  measured: Provenance;
  seed: number;
}

export interface Attack {
  flows?: Run & {
    flows: number;
    faults: number;
    kinds: number;
    connected: number;
    tooSlow: number;
  };
  malformed?: Run & { requests: number };
  memory?: Run & { requests: number; heapMiB: [first: number, last: number]; wasmBytes: number };
}

export interface Mutants {
  measured: Provenance;
  /** By file; `missed` names the functions. */
  files: Record<string, { caught: number; missed: string[]; unviable: number }>;
}

export interface Results {
  attack: Attack;
  mutants: Mutants;
}

const file = inRepository("tests", "security", "results.json");

export function readResults(): Results {
  return JSON.parse(Deno.readTextFileSync(file));
}

/** Keeps the figures of one part of `make attack`. */
export async function keepAttack<Part extends keyof Attack>(
  part: Part,
  figures: NonNullable<Attack[Part]>,
): Promise<void> {
  const results = readResults();
  results.attack = { ...results.attack, [part]: figures };
  await write(results);
}

async function write(results: Results): Promise<void> {
  await Deno.writeTextFile(file, `${JSON.stringify(results, null, 2)}\n`);
  for (const [path, parts] of Object.entries(sections(results))) {
    let text = await Deno.readTextFile(inRepository(path));
    for (const [name, body] of Object.entries(parts)) text = fillSection(text, name, body);
    await Deno.writeTextFile(inRepository(path), text);
  }
}

/** By document, what its generated sections say. */
export function sections({ attack, mutants }: Results): Record<string, Record<string, string>> {
  return {
    "SECURITY.md": { attack: attackTable(attack) },
    "tests/security/mutants.md": { mutants: mutantsTable(mutants) },
  };
}

const number = (value: number) => value.toLocaleString("en");

function attackTable({ flows, malformed, memory }: Attack): string {
  const row = (run: Run | undefined, name: string, figures: string) =>
    run === undefined
      ? [name, "not run at this length yet", ""]
      : [name, figures, `${measuredAt(run.measured, "Run")}, seed ${run.seed}`];
  return markdownTable(["part", "figures", "run"], [
    row(
      flows,
      "flows under faults",
      flows
        ? `${number(flows.flows)} flows met ${
          number(flows.faults)
        } faults of ${flows.kinds} kinds; ` +
          `${number(flows.connected)} connected, every invariant held, and ${
            number(flows.tooSlow)
          } ` +
          `were too slow for a busy machine`
        : "",
    ),
    row(
      malformed,
      "malformed requests",
      malformed ? `${number(malformed.requests)} were answered, none with a fault of its own` : "",
    ),
    row(
      memory,
      "memory",
      memory
        ? `${number(memory.requests)} requests; heap from ${memory.heapMiB[0]} to ` +
          `${memory.heapMiB[1]} MiB, Wasm memory ${
            number(memory.wasmBytes)
          } bytes from first to last`
        : "",
    ),
  ]);
}

function mutantsTable({ measured, files }: Mutants): string {
  const rows = Object.entries(files).map(([name, { caught, missed }]) =>
    [`\`${name}\``, caught + missed.length, caught, missed.length] as const
  );
  const sum = (column: 1 | 2 | 3) => rows.reduce((total, row) => total + row[column], 0);
  const all = [...rows, ["together", sum(1), sum(2), sum(3)] as const];
  const table = markdownTable(
    ["module", "mutants", "caught", "survived"],
    all.map((row) => row.map(String)),
  );
  return `${measuredAt(measured, "Run")}.\n\n${table}`;
}

/** The relevant part of cargo-mutants' outcomes.json. */
interface Outcomes {
  outcomes: {
    scenario: "Baseline" | { Mutant: { file: string; function: { function_name: string } | null } };
    summary: string;
  }[];
}

export function mutantsOf({ outcomes }: Outcomes, measured: Provenance): Mutants {
  const files: Mutants["files"] = {};
  for (const { scenario, summary } of outcomes) {
    if (scenario === "Baseline") continue;
    const { file: name, function: of } = scenario.Mutant;
    const figures = files[name] ??= { caught: 0, missed: [], unviable: 0 };
    // A mutant that runs into the time limit is noticed too.
    if (summary === "CaughtMutant" || summary === "Timeout") figures.caught++;
    else if (summary === "MissedMutant") figures.missed.push(of?.function_name ?? "");
    else if (summary === "Unviable") figures.unviable++;
    else throw new Error(`cargo-mutants reports an outcome that is not known here: ${summary}`);
  }
  return { measured, files };
}

if (import.meta.main) {
  const results = readResults();
  const [what, outcomes] = Deno.args;
  if (what === "mutants") {
    const found: Outcomes = JSON.parse(await Deno.readTextFile(outcomes ?? ""));
    results.mutants = mutantsOf(found, await provenance());
  }
  await write(results);
}
