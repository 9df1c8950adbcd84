/** SECURITY.md says what is so: its lines, the files it names, and every defence that was taken out. */
import { deepEqual, equal, ok } from "node:assert/strict";
import { exists, inRepository } from "../../dev/paths.ts";
import { defences, edges } from "./defences.ts";
import { providerFaults } from "./faults.ts";

const text = await Deno.readTextFile(inRepository("SECURITY.md"));
const lines = text.split("\n").filter((line) => /^\|\s*\d+\s*\|/.test(line))
  .map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()));

Deno.test("every line of the checklist comes once, in order, with its proof and what was taken out", () => {
  const numbers = lines.map(([number]) => Number(number));
  deepEqual(numbers, [...new Set(numbers)].toSorted((one, other) => one - other));
  deepEqual(numbers.slice(0, 24), Array.from({ length: 24 }, (_, at) => at + 1));
  for (const [number, guarantee, proof, takenOut] of lines) {
    ok(guarantee && proof?.includes("`") && takenOut, `line ${number}`);
  }
});

Deno.test("every file that it names exists", () => {
  const proofs = lines.flatMap(([, , proof = ""]) => [...proof.matchAll(/`([^`]+)`/g)]);
  for (const [, file = ""] of proofs) {
    const path = file.includes("/") ? file : `tests/security/${file}`;
    ok(exists(inRepository(...path.split("/"))), file);
  }
  for (const [, target = ""] of text.matchAll(/\]\((?!http)([^)#]+)\)/g)) {
    ok(exists(inRepository(...target.split("/"))), target);
  }
});

Deno.test("every defence that was taken out stands in its line, and no other does", () => {
  const told = lines.flatMap(([, , , takenOut = ""]) => takenOut.split("; "))
    .filter((one) => /^\d+: /.test(one));
  deepEqual(told.toSorted(), defences.map(({ name }) => name).toSorted());
  for (const [number, , , takenOut = ""] of lines) {
    for (const one of takenOut.split("; ")) {
      if (/^\d+: /.test(one)) equal(one.split(":")[0], number);
    }
  }
});

Deno.test("the comparison counts the faults that there are", () => {
  const words = { provider: "p", database: "d" };
  const count = providerFaults(words, "http://127.0.0.1/").length;
  const told = [...text.matchAll(/\d+ of (\d+)/g)].map(([, all]) => Number(all));
  deepEqual(told, Array(told.length).fill(count));
});

Deno.test("every defence stands in the sources as the list says, so that it can be taken out", async () => {
  const folder = inRepository("supabase", "migrations");
  const migrations = [...Deno.readDirSync(folder)].map(({ name }) => name);
  for (const { name, edits } of [...defences, ...edges]) {
    for (const { file, find } of edits) {
      const [parent, ...rest] = file.split("/");
      const last = rest.at(-1) ?? "";
      const path = parent === "supabase"
        ? `${folder}/${migrations.find((each) => each.endsWith(last))}`
        : inRepository(...file.split("/"));
      equal((await Deno.readTextFile(path)).split(find).length, 2, `${name}: ${find}`);
    }
  }
});
