/** The rules by which `make defences` judges a test. */
import { deepEqual, equal, rejects } from "node:assert/strict";
import { counts, judge, summary, unchangedRuns } from "./verdict.ts";

/** A test that gives these results, one after the other. */
function results(...passed: boolean[]) {
  const rest = [...passed];
  return () => {
    const next = rest.shift();
    if (next === undefined) throw new Error("one run more than expected");
    return Promise.resolve(next);
  };
}

Deno.test("a test that passes with the defence and fails without it has seen the fault", async () => {
  equal(await judge([true, true], results(false, false)), "seen");
});

Deno.test("a test that passes without the defence has not seen the fault", async () => {
  equal(await judge([true, true], results(true)), "NOT SEEN");
});

Deno.test("a test that fails on the unchanged sources proves nothing", async () => {
  equal(await judge([false, false], results()), "FAILS UNCHANGED");
});

Deno.test("a flaky test does not count, whichever run shows it", async () => {
  equal(await judge([true, false], results()), "FLAKY");
  equal(await judge([false, true], results()), "FLAKY");
  equal(await judge([true, true], results(false, true)), "FLAKY");
});

Deno.test("a test that was not run on the unchanged sources cannot be judged", async () => {
  await rejects(judge([true], results(false, false)), /unchanged sources/);
  deepEqual(await unchangedRuns(results(true, false)), [true, false]);
});

Deno.test("the tests that ran are counted for each of the three test runners", () => {
  const deno = "\x1b[0mok\x1b[0m | 3 passed (2 steps) | 0 failed (2s)\n";
  const denoFailed = "FAILED | 1 passed | 2 failed (1s)\n";
  const cargo = "test result: FAILED. 4 passed; 1 failed; 0 ignored; 0 measured; 7 filtered out\n";
  const node = "ℹ tests 3\nℹ suites 0\nℹ pass 2\nℹ fail 1\nℹ cancelled 0\n";
  deepEqual(counts(deno), { passed: 3, failed: 0 });
  deepEqual(counts(denoFailed), { passed: 1, failed: 2 });
  deepEqual(counts(cargo + cargo), { passed: 8, failed: 2 });
  deepEqual(counts(node), { passed: 2, failed: 1 });
  deepEqual(counts("error: cannot compile\n"), { passed: 0, failed: 0 });
});

Deno.test("everything that is not seen counts as failed", () => {
  equal(summary(["seen", "NOT SEEN", "FLAKY", "FAILS UNCHANGED", "seen"]), "2 passed, 3 failed");
});
