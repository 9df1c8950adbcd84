/** Where figures come from, so that a document can say when and of which sources they were measured. */
import { cpus } from "node:os";
import { inRepository } from "../dev/paths.ts";

export interface Provenance {
  /** The commit whose sources were measured. */
  commit: string;
  /** There were changes beside that commit. */
  changed: boolean;
  /** The day, as 2026-11-22. */
  date: string;
  /** Such as "2 × AMD EPYC"; unknown for figures that were taken before it was recorded. */
  machine?: string;
}

export async function provenance(): Promise<Provenance> {
  const [first] = cpus();
  return {
    commit: (await git("rev-parse", "HEAD")).trim(),
    changed: (await git("status", "--porcelain", "--untracked-files=no")).trim() !== "",
    date: new Date().toISOString().slice(0, 10),
    machine: `${cpus().length} × ${first?.model.trim() ?? "an unknown processor"}`,
  };
}

/** Such as "Measured on 22 November 2026 at commit 61c077b". */
export function measuredAt(
  { commit, changed, date, machine }: Provenance,
  verb = "Measured",
): string {
  const day = new Date(`${date}T00:00:00Z`).toLocaleDateString("en-GB", {
    day: "numeric",
    month: "long",
    year: "numeric",
    timeZone: "UTC",
  });
  const sources = `at commit \`${commit.slice(0, 7)}\`${
    changed ? " with uncommitted changes" : ""
  }`;
  return `${verb} on ${day} ${sources}${machine === undefined ? "" : `, on ${machine}`}`;
}

async function git(...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command("git", {
    args,
    cwd: inRepository("."),
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}
