/** What the doctor says: one finding for each thing it looked at. */
export type Verdict = "right" | "wrong" | "note" | "open";

export interface Finding {
  verdict: Verdict;
  /** What was looked at: a variable, an address, a table. */
  about: string;
  says: string;
  /** What to do about it. */
  remedy?: string;
}

export function right(about: string, says: string): Finding {
  return { verdict: "right", about, says };
}

export function wrong(about: string, says: string, remedy: string): Finding {
  return { verdict: "wrong", about, says, remedy };
}

/** It works, and may not be what was meant. */
export function note(about: string, says: string, remedy?: string): Finding {
  return { verdict: "note", about, says, ...(remedy === undefined ? {} : { remedy }) };
}

/** It could not be looked at. */
export function open(about: string, says: string, remedy?: string): Finding {
  return { verdict: "open", about, says, ...(remedy === undefined ? {} : { remedy }) };
}

export function asText(findings: Finding[]): string {
  const lines = findings.flatMap(({ verdict, about, says, remedy }) => [
    `${verdict.padEnd(6)} ${about}: ${says}`,
    ...(remedy === undefined ? [] : [`       to do: ${remedy}`]),
  ]);
  return [...lines, summary(findings)].join("\n");
}

function summary(findings: Finding[]): string {
  const count = (verdict: Verdict) => findings.filter((each) => each.verdict === verdict).length;
  return `doctor: ${count("right")} right, ${count("wrong")} wrong, ${count("note")} to note, ` +
    `${count("open")} not looked at`;
}

/** Fails for CI when something is wrong; what could not be looked at is no failure. */
export function exitCode(findings: Finding[]): number {
  return findings.some(({ verdict }) => verdict === "wrong") ? 1 : 0;
}
