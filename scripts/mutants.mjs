// `make mutants`: cargo-mutants over the modules of mutants.toml; at least nine of ten must be caught.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import process from "node:process";

const FLOOR = 0.9;
const folder = ".cache/mutants";
const words = ["mutants", "--config", "scripts/mutants.toml", "--output", folder, "--colors=never"];

console.log("Building and testing the crate once for each mutant: about half an hour ...");
const { status } = spawnSync("cargo", [...words, ...process.argv.slice(2)], {
  stdio: ["ignore", "inherit", "inherit"],
});
// 2 = some were missed, 3 = some ran into the timeout: both are judged here.
if (![0, 2, 3].includes(status)) process.exit(status ?? 1);

const { caught, missed, timeout } = JSON.parse(
  readFileSync(`${folder}/mutants.out/outcomes.json`, "utf8"),
);
const score = (caught + timeout) / (caught + timeout + missed);
console.log(readFileSync(`${folder}/mutants.out/missed.txt`, "utf8"));
console.log(`mutation score ${(100 * score).toFixed(1)} %, at least ${100 * FLOOR} % wanted`);
console.log(`${caught + timeout} passed, ${missed} failed`);
process.exitCode = score >= FLOOR ? 0 : 1;
