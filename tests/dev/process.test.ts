/** Child processes: their variables, their output, and their end. */
import { deepEqual, equal, rejects } from "node:assert/strict";
import { run, startChild } from "../../dev/process.ts";
import { isAlive } from "./processes.ts";

const shell = (script: string) => ({ command: "/bin/bash", args: ["-c", script] });

Deno.test("a child gets the variables it is given and none of this process", async () => {
  const path = Deno.env.get("PATH");
  deepEqual(await run({ ...shell('echo "$HOME|$GIVEN"'), env: { GIVEN: "a value" } }), [
    "|a value",
  ]);
  deepEqual(await run({ ...shell('echo "$PATH"'), inheritEnv: true }), [path]);
});

Deno.test("every line of both outputs is told, the last one also without a newline", async () => {
  const lines = await run(shell("echo one; echo two >&2; printf three"));
  deepEqual(lines.toSorted(), ["one", "three", "two"]);
});

Deno.test("of a long output the newest lines are kept", async () => {
  const lines = await run(shell("seq 1 2100"));
  deepEqual([lines.length, lines[0], lines.at(-1)], [2000, "101", "2100"]);
});

Deno.test("the error of a command that fails holds its code and what it printed", () =>
  rejects(run(shell("echo why >&2; exit 3")), /bash failed with code 3:\nwhy/));

Deno.test("a child that ignores the request to end is ended", async () => {
  const ready = Promise.withResolvers<void>();
  const child = startChild({
    ...shell('trap "" TERM; echo ready; while :; do sleep 0.1; done'),
    onLine: () => ready.resolve(),
  });
  await ready.promise;
  const stopped = child.stop("SIGTERM", 300);
  const late = setTimeout(() => Deno.kill(child.pid, "SIGKILL"), 5_000);
  const started = performance.now();
  await stopped;
  clearTimeout(late);
  equal(isAlive(child.pid), false);
  equal(performance.now() - started < 4_000, true, "it was ended by this test");
});
