/** When a test counts as proof of a defence: it passes with the defence and fails without it, each twice. */

/** Twice, so that a flaky test is unlikely to pass for one that sees the fault. */
export const RUNS = 2;

export type Verdict =
  | "seen"
  /** The test passes without the defence. */
  | "NOT SEEN"
  /** The test does not give the same result twice. */
  | "FLAKY"
  /** The test fails although nothing was changed, so its failure proves nothing. */
  | "FAILS UNCHANGED";

/** Runs a test once; `true` where it passed. */
export type Run = () => Promise<boolean>;

export async function judge(unchanged: boolean[], withoutDefence: Run): Promise<Verdict> {
  if (unchanged.length < RUNS) throw new Error("the test has not run on the unchanged sources");
  if (!unchanged.every(Boolean)) return unchanged.some(Boolean) ? "FLAKY" : "FAILS UNCHANGED";
  if (await withoutDefence()) return "NOT SEEN";
  for (let run = 1; run < RUNS; run++) if (await withoutDefence()) return "FLAKY";
  return "seen";
}

/** The results of a test on the unchanged sources. */
export async function unchangedRuns(run: Run): Promise<boolean[]> {
  const results: boolean[] = [];
  while (results.length < RUNS) results.push(await run());
  return results;
}

/** The number of tests that passed and failed, from the last lines of deno, node or cargo. */
export function counts(output: string): { passed: number; failed: number } {
  // deno-lint-ignore no-control-regex
  const plain = output.replaceAll(/\x1b\[[\d;]*m/g, "");
  const lines = [
    ...plain.matchAll(/^(?:ok|FAILED) \| (\d+) passed.*? \| (\d+) failed/gm),
    ...plain.matchAll(/^test result: \w+\. (\d+) passed; (\d+) failed/gm),
    ...plain.matchAll(/^ℹ pass (\d+)\n(?:ℹ .*\n)*?ℹ fail (\d+)/gm),
  ];
  const sum = (at: 1 | 2) => lines.reduce((total, line) => total + Number(line[at]), 0);
  return { passed: sum(1), failed: sum(2) };
}

/** The last line of `make defences`, which also decides its exit code. */
export function summary(verdicts: readonly Verdict[]): string {
  const seen = verdicts.filter((verdict) => verdict === "seen").length;
  return `${seen} passed, ${verdicts.length - seen} failed`;
}
