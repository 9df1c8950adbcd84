// Runs one suite and judges it. It fails by its exit code, over its budget, without having run a test,
// with a skipped test, or leaving a process behind.
import { spawn } from "node:child_process";
import { appendFileSync, mkdirSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import process from "node:process";
import { setTimeout as wait } from "node:timers/promises";
import { evidence } from "./evidence.mjs";
import { end, mark, survivors } from "./processes.mjs";

const PATIENCE = 120_000;

let running;

/** Ends the suite that runs now, if one does. */
export async function endRunning() {
  if (running) await end(running);
}

/** Answers what went wrong in a sentence, or nothing. With `log`, the output is kept in that file too. */
export async function runSuite(suite, { out = process.stdout, err = process.stderr, log } = {}) {
  const { env, text } = mark();
  const child = spawn("bash", ["-euo", "pipefail", "-c", suite.command], {
    detached: true, // a process group of its own, so that nothing of it survives
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...colours(out), ...suite.env, ...env },
  });
  const started = { group: child.pid, text };
  running = started;
  const seen = evidence();
  const keep = keeper(log);
  child.stdout.on("data", (bytes) => (out.write(bytes), keep(bytes), seen.read(bytes)));
  child.stderr.on("data", (bytes) => (err.write(bytes), keep(bytes), seen.read(bytes)));
  const closed = new Promise((settle) => child.on("close", settle));
  const clock = watch(suite, started, err);
  const { code, signal } = await new Promise((settle) =>
    child.on("exit", (code, signal) => settle({ code, signal }))
  );
  const late = clock.stop();
  const left = await survivors(started);
  await end(started);
  await Promise.race([closed, wait(2_000, undefined, { ref: false })]);
  running = undefined;
  return verdict({ suite, code, signal, late, left, seen });
}

function keeper(log) {
  if (log === undefined) return () => {};
  mkdirSync(dirname(log), { recursive: true });
  rmSync(log, { force: true });
  return (bytes) => appendFileSync(log, bytes);
}

/** The suites write to a pipe; they are told whether a person's terminal is behind it. */
function colours(out) {
  return out.isTTY
    ? { FORCE_COLOR: "1", CARGO_TERM_COLOR: "always" }
    : { NO_COLOR: "1", CARGO_TERM_COLOR: "never" };
}

/** Ends a suite that is over its budget; says now and then that a long one still runs. */
function watch({ name, minutes }, started, err) {
  let late = false;
  const since = Date.now();
  const notice = setInterval(() => {
    const passed = Math.round((Date.now() - since) / 60_000);
    err.write(`… ${name} still running: ${passed} of at most ${minutes} min\n`);
  }, PATIENCE);
  const budget = setTimeout(() => {
    late = true;
    end(started);
  }, minutes * 60_000);
  return {
    stop() {
      clearInterval(notice);
      clearTimeout(budget);
      return late;
    },
  };
}

function verdict({ suite, code, signal, late, left, seen }) {
  if (late) return `stopped: it took longer than its budget of ${suite.minutes} minutes`;
  if (code !== 0) return code === null ? `ended by ${signal}` : `exit code ${code}`;
  if (left.length > 0) return `left processes running: ${left.join("; ")}`;
  if (suite.tests && seen.passed() === 0) return "ran no test";
  if (suite.tests && seen.skipped() > 0) return `skipped tests: ${seen.skipped()}`;
}
