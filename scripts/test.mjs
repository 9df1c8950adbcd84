// `make test`, or `make test SUITE=name`: the suites of suites.mjs one after the other, each with its
// own output. All are run; the last line says how many passed.
import { spawnSync } from "node:child_process";
import { dirname, resolve } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { endRunning, runSuite } from "./runner.mjs";
import { suites } from "./suites.mjs";
import { conclusion, line } from "./summary.mjs";

process.chdir(resolve(dirname(fileURLToPath(import.meta.url)), ".."));

const prepared = new Map();
const outcomes = [];

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, async () => {
    await endRunning();
    process.exit(130);
  });
}

for (const suite of choose(process.argv.slice(2))) {
  heading(`${suite.name}: ${suite.about} (at most ${suite.minutes} min)`);
  const waiting = Date.now();
  const unprepared = prepare(suite.needs);
  const started = Date.now();
  const problem = unprepared ?? await runSuite(suite, { log: `.cache/logs/${suite.name}.log` });
  const outcome = {
    suite,
    problem,
    preparing: (started - waiting) / 1000,
    seconds: (Date.now() - started) / 1000,
  };
  outcomes.push(outcome);
  console.log(line(outcome));
}
heading("summary");
const { lines, exitCode } = conclusion(outcomes);
lines.forEach((text) => console.log(text));
process.exitCode = exitCode;

function choose(names) {
  const unknown = names.filter((name) => !suites.some((suite) => suite.name === name));
  if (unknown.length > 0) {
    console.error(`There is no suite ${unknown.join(", ")}. There are:`);
    suites.forEach(({ name, about }) => console.error(`  ${name.padEnd(16)}${about}`));
    process.exit(2);
  }
  return names.length > 0 ? suites.filter(({ name }) => names.includes(name)) : suites;
}

/** Has the Makefile make what a suite needs, once. */
function prepare(needs) {
  for (const need of needs) {
    if (!prepared.has(need)) {
      const stdio = ["ignore", "inherit", "inherit"];
      const { status } = spawnSync("make", ["--no-print-directory", need], { stdio });
      prepared.set(need, status === 0);
    }
    if (!prepared.get(need)) return `\`make ${need}\` failed`;
  }
}

function heading(text) {
  console.log(`\n━━━ ${text}`);
}
