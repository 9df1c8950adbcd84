// Runs the suites of suites.mjs one after the other: `make test`, or `make test SUITE=name`.
// A suite fails by its exit code, over its budget, without having run a test, with a skipped test,
// or leaving a process behind. All are run; the last line says how many passed.
import { spawn, spawnSync } from "node:child_process";
import { dirname, resolve } from "node:path";
import process from "node:process";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { evidence } from "./evidence.mjs";
import { groupMembers, killGroup } from "./processes.mjs";
import { suites } from "./suites.mjs";

process.chdir(resolve(dirname(fileURLToPath(import.meta.url)), ".."));

const chosen = choose(process.argv.slice(2));
const prepared = new Map();
const outcomes = [];
let running;

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, async () => {
    if (running) await killGroup(running);
    process.exit(130);
  });
}

for (const suite of chosen) {
  heading(`${suite.name}: ${suite.about} (at most ${suite.minutes} min)`);
  const started = Date.now();
  const problem = prepare(suite.needs) ?? await run(suite);
  const outcome = { name: suite.name, problem, seconds: (Date.now() - started) / 1000, suite };
  outcomes.push(outcome);
  console.log(line(outcome));
}
conclude();

function choose(names) {
  const unknown = names.filter((name) => !suites.some((suite) => suite.name === name));
  if (unknown.length > 0) {
    console.error(`There is no suite ${unknown.join(", ")}. There are:`);
    suites.forEach(({ name, about }) => console.error(`  ${name.padEnd(16)}${about}`));
    process.exit(2);
  }
  return names.length > 0 ? suites.filter(({ name }) => names.includes(name)) : suites;
}

/** Makes what a suite needs, once, by the Makefile. */
function prepare(needs) {
  for (const need of needs) {
    if (!prepared.has(need)) {
      const { status } = spawnSync("make", ["--no-print-directory", need], {
        stdio: ["ignore", "inherit", "inherit"],
      });
      prepared.set(need, status === 0);
    }
    if (!prepared.get(need)) return `\`make ${need}\` failed`;
  }
}

/** Runs one suite in a process group of its own; answers what went wrong, or nothing. */
function run(suite) {
  const child = spawn("bash", ["-euo", "pipefail", "-c", suite.command], {
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...suite.env },
  });
  running = child.pid;
  const seen = evidence();
  child.stdout.on("data", (bytes) => (process.stdout.write(bytes), seen.read(bytes)));
  child.stderr.on("data", (bytes) => (process.stderr.write(bytes), seen.read(bytes)));
  let late = false;
  const budget = setTimeout(() => {
    late = true;
    killGroup(child.pid);
  }, suite.minutes * 60_000);
  const notice = patience(suite);
  const closed = new Promise((settle) => child.on("close", settle));
  return new Promise((settle) => {
    child.on("exit", async (code, signal) => {
      clearTimeout(budget);
      clearInterval(notice);
      const left = await groupMembers(child.pid);
      await killGroup(child.pid);
      await Promise.race([closed, wait(2_000)]);
      running = undefined;
      settle(verdict({ suite, code, signal, late, left, seen }));
    });
  });
}

function patience({ name, minutes }) {
  const started = Date.now();
  return setInterval(() => {
    const passed = Math.round((Date.now() - started) / 60_000);
    console.error(`… ${name} still running: ${passed} of at most ${minutes} min`);
  }, 120_000);
}

function verdict({ suite, code, signal, late, left, seen }) {
  if (late) return `stopped: it took longer than its budget of ${suite.minutes} minutes`;
  if (code !== 0) return code === null ? `ended by ${signal}` : `exit code ${code}`;
  if (left.length > 0) return `left processes running: ${left.join("; ")}`;
  if (suite.tests && seen.passed() === 0) return "ran no test";
  if (suite.tests && seen.skipped() > 0) return `skipped ${seen.skipped()} tests`;
}

function heading(text) {
  console.log(`\n━━━ ${text}`);
}

function line({ name, problem, seconds, suite }) {
  const clock = `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
  const time = `${clock.padStart(6)} of ${suite.minutes}:00`;
  return `${problem ? "✗" : "✓"} ${name.padEnd(16)}${time.padEnd(18)}${problem ?? ""}`.trimEnd();
}

function conclude() {
  const failed = outcomes.filter(({ problem }) => problem);
  heading("summary");
  outcomes.forEach((outcome) => console.log(line(outcome)));
  for (const { name } of failed) console.log(`Again, alone: make test SUITE=${name}`);
  console.log(`${outcomes.length - failed.length} passed, ${failed.length} failed`);
  process.exitCode = failed.length === 0 ? 0 : 1;
}
