/** Rows of figures with their budget and verdict, and how they look on a terminal. */

export interface Row {
  /** The part of the report, such as `CPU per request`. */
  part: string;
  figure: string;
  /** What was measured, in words and numbers. */
  value: string;
  /** What is judged, if anything is. */
  judged?: { name: string; value: number; budget: number }[];
}

export function holds(row: Row): boolean {
  return (row.judged ?? []).every(({ value, budget }) => value <= budget);
}

export function printTable(title: string, rows: readonly Row[]): void {
  console.log(`\n${title}`);
  let part = "";
  const figures = Math.max(...rows.map((row) => row.figure.length));
  for (const row of rows) {
    if (row.part !== part) console.log(`\n  ${part = row.part}`);
    console.log(`    ${row.figure.padEnd(figures)}  ${row.value}`);
    for (const { name, value, budget } of row.judged ?? []) {
      const verdict = value <= budget ? "holds" : "OVER";
      const text = `${shown(value)} ${name}, budget ${shown(budget)}`;
      console.log(`    ${"".padEnd(figures)}  ${verdict.padEnd(5)} ${text}`);
    }
  }
}

export function shown(value: number): string {
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString("en");
  return String(Number(value.toPrecision(3)));
}
