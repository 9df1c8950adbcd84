/** The report of the scale run. */
import { type Row, shown } from "../table.ts";
import type { OperationResult, SizeResult } from "./measure.ts";

/** Logarithmic growth: at most so many times what it takes at the first size. */
function logarithmic(first: number, last: number): number {
  return Math.log(last) / Math.log(first);
}

export function scaleRows(results: SizeResult[]): Row[] {
  const [first, last] = [results[0], results.at(-1)];
  if (!first || !last) return [];
  const budget = logarithmic(first.users, last.users);
  const growth = (of: (result: SizeResult) => number) => of(last) / of(first);
  const list = (of: (result: SizeResult) => number) =>
    results.map((result) => `${shown(result.users)} users ${shown(of(result))}`).join("   ");
  const rows: Row[] = [];
  const parts: [string, "ms" | "pages"][] = [
    ["database time, ms", "ms"],
    ["pages of 8 KiB touched", "pages"],
  ];
  for (const [part, measure] of parts) {
    for (const { name } of first.operations) {
      const of = (result: SizeResult) => operation(result, name)?.[measure] ?? NaN;
      const judged = [{ name: `× at ${shown(first.users)} users`, value: growth(of), budget }];
      rows.push({ part, figure: name, value: list(of), judged });
    }
  }
  const trigger = (result: SizeResult) => result.deletionTriggerMs;
  rows.push({
    part: "triggers",
    figure: "what follows one deletion, ms",
    value: list(trigger),
    judged: [{ name: `× at ${shown(first.users)} users`, value: growth(trigger), budget }],
  });
  const all = (of: (result: SizeResult) => number) =>
    results.reduce((sum, result) => sum + of(result), 0);
  rows.push({
    part: "plans",
    figure: "reads without an index",
    value: indexesOf(last),
    judged: [{ name: "reads", value: all((result) => result.scans.length), budget: 0 }],
  }, {
    part: "plans",
    figure: "expired states left",
    value: `of ${shown(last.states)} in the table`,
    judged: [{ name: "left", value: all((result) => result.expiredLeft), budget: 0 }],
  });
  return rows;
}

function operation(result: SizeResult, name: string): OperationResult | undefined {
  return result.operations.find((each) => each.name === name);
}

function indexesOf({ operations }: SizeResult): string {
  return [...new Set(operations.flatMap((each) => each.indexes))].sort().join(", ");
}
