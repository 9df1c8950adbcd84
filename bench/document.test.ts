/** The figures in the documents are those of the results files. */
import { deepEqual, equal, match, throws } from "node:assert/strict";
import { inRepository } from "../dev/paths.ts";
import { measuredAt } from "../scripts/provenance.ts";
import { fillSection, markdownTable, sectionOf } from "../scripts/sections.ts";
import { readResults, readScale, type Results, sections } from "./document.ts";

for (const [path, parts] of Object.entries(sections(readResults(), readScale()))) {
  for (const [name, body] of Object.entries(parts)) {
    Deno.test(`${path}: the section "${name}" is what the results say`, () => {
      const told = sectionOf(Deno.readTextFileSync(inRepository(path)), name);
      equal(told, body, "Write the figures anew: deno run -A bench/document.ts");
    });
  }
}

Deno.test("the documents follow the results", () => {
  const results = readResults();
  const slower = JSON.parse(JSON.stringify(results), (key, value) => {
    return key === "cpuUs" ? value.map((each: number, round: number) => each * (round + 2)) : value;
  }) as Results;
  const scale = readScale();
  const [was, is] = [results, slower].map((each) => sections(each, scale)["docs/performance.md"]);
  deepEqual([was?.requests === is?.requests, was?.starts === is?.starts], [false, true]);
});

Deno.test("results say which commit was measured, and when", () => {
  for (const { measured } of [readResults(), readScale()]) {
    match(measured.commit, /^[0-9a-f]{40}$/);
    match(measured.date, /^\d{4}-\d\d-\d\d$/);
  }
  const measured = { commit: "0123456789".repeat(4), changed: false, date: "2026-11-02" };
  equal(measuredAt(measured), "Measured on 2 November 2026 at commit `0123456`");
  equal(
    measuredAt({ ...measured, changed: true, machine: "2 × A" }, "Run"),
    "Run on 2 November 2026 at commit `0123456` with uncommitted changes, on 2 × A",
  );
});

Deno.test("a section is replaced and everything around it stays", () => {
  const text = "before\n<!-- begin a -->\n\nold\n\n<!-- end a -->\nafter\n";
  const filled = fillSection(text, "a", "new\n");
  equal(filled, "before\n<!-- begin a -->\n\nnew\n\n<!-- end a -->\nafter\n");
  equal(sectionOf(filled, "a"), "new");
  throws(() => fillSection(text, "b", ""), /no section "b"/);
});

Deno.test("a table has columns of one width", () => {
  equal(
    markdownTable(["a", "bb"], [["1", "22222"]]),
    "| a   | bb    |\n| --- | ----- |\n| 1   | 22222 |",
  );
});
