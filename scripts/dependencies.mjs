// What cargo-deny does not see: the npm packages' licences, sources and pins, and doubles in the Wasm.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import process from "node:process";
import { completeness, entries, licences, pins, sources } from "./lock.mjs";

const read = (path) => JSON.parse(readFileSync(new URL(`../${path}`, import.meta.url), "utf8"));

let count = 0;
const problems = ["", "examples/nextjs/"].flatMap((folder) => {
  const all = entries(read(`${folder}package-lock.json`));
  count += all.length;
  const found = [
    // The example brings Next.js with all its own; none of it is passed on with this project.
    ...(folder === "" ? licences(all) : []),
    ...sources(all),
    ...completeness(all),
    ...pins(read(`${folder}package.json`)),
  ];
  return found.map((problem) => `${folder}${problem}`);
});
problems.push(...doubles());
problems.forEach((problem) => console.error(problem));
if (problems.length > 0) process.exit(1);
console.log(`npm: ${count} packages, licences, sources and pins ok; Wasm: no doubles`);

/** Two versions of one crate in the Wasm are paid for by every cold start. */
function doubles() {
  const words =
    "tree --locked --offline --target wasm32-unknown-unknown --edges normal --duplicates";
  const tree = execFileSync("cargo", words.split(" "), {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  return tree.trim() === "" ? [] : [`More than one version of a crate in the Wasm:\n${tree}`];
}
