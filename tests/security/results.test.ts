/** The figures of the long runs stand in the documents as results.json has them. */
import { deepEqual, equal, match } from "node:assert/strict";
import { inRepository } from "../../dev/paths.ts";
import { sectionOf } from "../../scripts/sections.ts";
import { read, table } from "../support/markdown.ts";
import { mutantsOf, readResults, sections } from "./results.ts";

for (const [path, parts] of Object.entries(sections(readResults()))) {
  for (const [name, body] of Object.entries(parts)) {
    Deno.test(`${path}: the section "${name}" is what the results say`, () => {
      const told = sectionOf(Deno.readTextFileSync(inRepository(path)), name);
      equal(told, body, "Write it anew: deno run -A tests/security/results.ts");
    });
  }
}

Deno.test("every run says at which commit it was, and when", () => {
  const { attack, mutants } = readResults();
  for (const run of [...Object.values(attack), mutants]) {
    match(run.measured.commit, /^[0-9a-f]{40}$/);
    match(run.measured.date, /^\d{4}-\d\d-\d\d$/);
  }
});

Deno.test("every mutant that survived is explained", () => {
  const explained = table(read("tests/security/mutants.md"), "The survivors, and why")
    .map(([name = ""]) => name);
  const survived = Object.values(readResults().mutants.files).flatMap(({ missed }) => missed);
  deepEqual(
    [...new Set(survived)].filter((name) => !explained.some((row) => row.includes(name))),
    [],
  );
});

Deno.test("a part that was not run yet is said to be so", () => {
  const { mutants } = readResults();
  const text = sections({ attack: {}, mutants })["SECURITY.md"]?.attack ?? "";
  equal(text.match(/not run at this length yet/g)?.length, 3);
});

Deno.test("the outcomes of cargo-mutants are counted by file", () => {
  const outcome = (file: string, summary: string, name = "f") => ({
    scenario: { Mutant: { file, function: { function_name: name } } },
    summary,
  });
  const measured = { commit: "0".repeat(40), changed: false, date: "2026-11-22" };
  const { files } = mutantsOf({
    outcomes: [
      { scenario: "Baseline", summary: "Success" },
      outcome("a.rs", "CaughtMutant"),
      outcome("a.rs", "Timeout"),
      outcome("a.rs", "MissedMutant", "A::g"),
      outcome("b.rs", "Unviable"),
    ],
  }, measured);
  deepEqual(files, {
    "a.rs": { caught: 2, missed: ["A::g"], unviable: 0 },
    "b.rs": { caught: 0, missed: [], unviable: 1 },
  });
});
