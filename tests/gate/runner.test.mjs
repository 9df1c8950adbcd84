// The runner of `make test` itself: what makes a suite fail.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { evidence } from "../../scripts/evidence.mjs";
import { runSuite } from "../../scripts/runner.mjs";
import { suites } from "../../scripts/suites.mjs";
import { root } from "./files.mjs";

const silent = { out: { write() {} }, err: { write() {} } };
const suite = (command, more) => ({ name: "sample", command, minutes: 1, ...more });
const run = (command, more) => runSuite(suite(command, more), silent);

test("a suite that ends well has passed", async () => {
  assert.equal(await run("true"), undefined);
});

test("a suite fails by its exit code, also of the first command of a pipe", async () => {
  assert.equal(await run("exit 3"), "exit code 3");
  assert.equal(await run("false | cat"), "exit code 1");
});

test("a suite over its budget is ended, and its children with it", async () => {
  const problem = await run("sleep 61 & sleep 61", { minutes: 0.01 });
  assert.match(problem, /^stopped: it took longer than its budget/);
});

test("a suite that leaves a process behind fails, and the process is ended", async () => {
  const problem = await run("sleep 62 > /dev/null 2>&1 & echo $! >&2");
  assert.equal(problem, "left processes running: sleep 62");
});

test("a process that left the suite's group is found as well", async () => {
  const problem = await run("setsid sleep 63 > /dev/null 2>&1 &");
  assert.equal(problem, "left processes running: sleep 63");
});

test("a suite of tests that ran none fails", async () => {
  const closing = "test result: ok. 0 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out";
  assert.equal(await run(`echo '${closing}'`, { tests: true }), "ran no test");
  assert.equal(await run("true", { tests: true }), "ran no test");
});

test("a suite of tests that skipped one fails", async () => {
  const closing = "test result: ok. 4 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out";
  assert.equal(await run(`echo '${closing}'`, { tests: true }), "skipped tests: 1");
});

test("what a suite prints is kept in its log, and what an earlier run printed is not", async () => {
  const folder = mkdtempSync(join(tmpdir(), "calendar-logs-"));
  const log = join(folder, "sample.log");
  writeFileSync(log, "an earlier run\n");
  await runSuite(suite("echo one; echo two >&2; false"), { ...silent, log });
  assert.deepEqual(readFileSync(log, "utf8").split("\n").sort(), ["", "one", "two"]);
  rmSync(folder, { recursive: true });
});

test("a suite has no standard input", async () => {
  assert.equal(await run('test -z "$(cat)"'), undefined);
});

const closings = {
  "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out": [12, 1],
  "ok | 7 passed (3 steps) | 0 failed (2s)": [7, 0],
  "FAILED | 7 passed | 1 failed | 2 ignored (2s)": [7, 2],
  "ℹ pass 9": [9, 0],
  "ℹ skipped 2": [0, 2],
  "Files=3, Tests=120,  1 wallclock secs": [120, 0],
  "5 passed, 0 failed": [5, 0],
  "attack: 24 passed, 0 failed, 1 skipped": [24, 1],
  "===== 31 passed, 2 skipped in 4.2s =====": [31, 2],
  "it passed 5 times, 0 failed": [0, 0],
};

for (const [line, [passed, skipped]] of Object.entries(closings)) {
  test(`the closing line "${line}" is read`, () => {
    const seen = evidence();
    seen.read(Buffer.from(`\u001b[32m${line.slice(0, 4)}`));
    seen.read(Buffer.from(`${line.slice(4)}\u001b[0m`));
    assert.deepEqual([seen.passed(), seen.skipped()], [passed, skipped]);
  });
}

test("an unknown suite is refused with the list of those there are", () => {
  const { status, stderr } = spawnSync("node", ["scripts/test.mjs", "nonsense"], { cwd: root });
  assert.equal(status, 2);
  for (const { name } of suites) assert.ok(stderr.includes(`  ${name} `), name);
});
