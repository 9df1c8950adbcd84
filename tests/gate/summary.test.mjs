// The last words of `make test`.
import assert from "node:assert/strict";
import { test } from "node:test";
import { conclusion, line } from "../../scripts/summary.mjs";

const outcome = (name, more) => ({
  suite: { name, minutes: 2 },
  preparing: 0,
  seconds: 61,
  ...more,
});

test("a run has passed when every suite has, and when there was one", () => {
  assert.equal(conclusion([outcome("one"), outcome("two")]).exitCode, 0);
  assert.equal(
    conclusion([outcome("one"), outcome("two", { problem: "exit code 1" })]).exitCode,
    1,
  );
  assert.equal(conclusion([]).exitCode, 1);
});

test("the last lines name what failed, and how to run it again", () => {
  const { lines } = conclusion([outcome("one"), outcome("two", { problem: "ran no test" })]);
  assert.deepEqual(lines.slice(-2), ["Again, alone: make test SUITE=two", "1 passed, 1 failed"]);
});

test("a suite's line has its time, its budget and its problem", () => {
  assert.match(line(outcome("one")), /^✓ one +1:01 of 2:00$/);
  const problem = "exit code 1";
  assert.match(
    line(outcome("two", { problem, preparing: 65 })),
    /^✗ two +1:01 of 2:00, after 1:05 of preparing: exit code 1$/,
  );
});
