/** What the doctor says: one verdict for each thing looked at. */
export type Verdict = "right" | "wrong" | "note" | "open";

export interface Finding {
  verdict: Verdict;
  /** What was looked at: a variable, an address, a table. */
  about: string;
  says: string;
  /** What to do about it. */
  remedy?: string;
}

export const right = (about: string, says: string): Finding => ({ verdict: "right", about, says });

export const wrong = (about: string, says: string, remedy: string): Finding => ({
  verdict: "wrong",
  about,
  says,
  remedy,
});

/** Works, and may not be what was meant. */
export const note = (about: string, says: string, remedy?: string): Finding => ({
  verdict: "note",
  about,
  says,
  ...(remedy === undefined ? {} : { remedy }),
});

/** Could not be looked at. */
export const open = (about: string, says: string, remedy?: string): Finding => ({
  verdict: "open",
  about,
  says,
  ...(remedy === undefined ? {} : { remedy }),
});

export function lines({ verdict, about, says, remedy }: Finding): string[] {
  return [
    `${verdict.padEnd(6)} ${about}: ${says}`,
    ...(remedy === undefined ? [] : [`       to do: ${remedy}`]),
  ];
}

export function summary(findings: Finding[]): string {
  const count = (verdict: Verdict) => findings.filter((each) => each.verdict === verdict).length;
  return `doctor: ${count("right")} right, ${count("wrong")} wrong, ${count("note")} to note, ` +
    `${count("open")} not looked at`;
}

/** Fails for CI when something is wrong; what could not be looked at is no failure. */
export function exitCode(findings: Finding[]): number {
  return findings.some(({ verdict }) => verdict === "wrong") ? 1 : 0;
}
