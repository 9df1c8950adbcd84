/**
 * The full run: `make attack`. 10,000 flows under random faults, a million malformed requests, 200,000
 * requests for memory, 20 times the envelopes and the differential. It prints its progress and its seed;
 * `CALENDAR_TEST_SEED` repeats a run. The figures go into results.json and from there into SECURITY.md.
 *
 *   deno run -A --v8-flags=--expose-gc tests/security/full.ts [flows|malformed|memory|tests]
 */
import { equal, ok } from "node:assert/strict";
import { provenance } from "../../scripts/provenance.ts";
import { expectHeaders } from "../support/answers.ts";
import { openWorld } from "../support/world.ts";
import { startChaos } from "./chaos.ts";
import { printed } from "./handler.ts";
import { malformedRequest } from "./malformed.ts";
import { memory } from "./memory.ts";
import { answerFetchWith, empty, offline } from "./offline.ts";
import { newRandom } from "./random.ts";
import { keepAttack } from "./results.ts";

const FLOWS = 10_000;
const MALFORMED = 1_000_000;
const REQUESTS = 200_000;
const BATCH = 500;

const random = newRandom();
// Before anything is written.
const measured = await provenance();
const start = performance.now();

function say(line: string): void {
  const seconds = Math.round((performance.now() - start) / 1000);
  console.log(`${String(seconds).padStart(5)} s  ${line}`);
}

async function flows(): Promise<void> {
  const world = await openWorld();
  const chaos = await startChaos(world, random, { lanes: 16, deadlineMs: 2500 });
  try {
    for (let done = BATCH; done <= FLOWS; done += BATCH) {
      await chaos.run(BATCH);
      const { report } = chaos;
      say(`flows: ${done} of ${FLOWS}, ${report.connected} connected, invariants hold`);
    }
    const { report } = chaos;
    const met = [...report.faults.values()].reduce((sum, count) => sum + count, 0);
    say(`flows: ${met} faults of ${report.faults.size} kinds; too slow here: ${report.overloaded}`);
    say(`flows: answers ${JSON.stringify(Object.fromEntries([...report.codes].toSorted()))}`);
    ok(report.overloaded < FLOWS / 4, "this machine was too slow for the deadlines");
    await keepAttack("flows", {
      measured,
      seed: random.seed,
      flows: FLOWS,
      faults: met,
      kinds: report.faults.size,
      connected: report.connected,
      tooSlow: report.overloaded,
    });
  } finally {
    await chaos.stop();
    await world.close();
  }
}

async function malformed(): Promise<void> {
  const network = globalThis.fetch;
  answerFetchWith(empty);
  const handle = offline();
  for (let done = 1; done <= MALFORMED; done++) {
    const request = malformedRequest(random);
    const response = await handle(request);
    ok(response.status < 500 || response.status === 502, `${response.status} to ${request.url}`);
    expectHeaders(response);
    await response.body?.cancel();
    printed.lines.length = 0;
    if (done % (MALFORMED / 10) === 0) say(`malformed requests: ${done} of ${MALFORMED}`);
  }
  globalThis.fetch = network;
  await keepAttack("malformed", { measured, seed: random.seed, requests: MALFORMED });
}

async function steady(): Promise<void> {
  const network = globalThis.fetch;
  answerFetchWith(empty);
  const handle = offline();
  await memory.steady(handle, 10_000);
  const before = JSON.stringify(memory.size());
  const floors: number[] = [];
  for (let tenth = 1; tenth <= 10; tenth++) {
    await memory.steady(handle, REQUESTS / 10);
    floors.push(await heapInUse());
    const mib = ((floors.at(-1) ?? 0) / 2 ** 20).toFixed(2);
    say(`memory: ${tenth * REQUESTS / 10} requests, heap ${mib} MiB, Wasm ${before}`);
  }
  equal(JSON.stringify(memory.size()), before);
  const grown = (floors[9] ?? Infinity) - (floors[4] ?? 0);
  ok(grown < 2 ** 20, `the heap grew by ${grown} bytes in the second half`);
  globalThis.fetch = network;
  const mib = (bytes = NaN) => Number((bytes / 2 ** 20).toFixed(1));
  await keepAttack("memory", {
    measured,
    seed: random.seed,
    requests: REQUESTS,
    heapMiB: [mib(floors[0]), mib(floors.at(-1))],
    wasmBytes: memory.size().bytes,
  });
}

/** What is left once the garbage of all that has settled is collected. */
async function heapInUse(): Promise<number> {
  const { gc } = globalThis as { gc?: () => void };
  if (gc === undefined) throw new Error("Run with --v8-flags=--expose-gc, as `make attack` does.");
  await new Promise((resolve) => setTimeout(resolve, 200));
  gc();
  return Deno.memoryUsage().heapUsed;
}

/** The suites of `make test`, so many times, each with a seed of its own. */
async function tests(): Promise<void> {
  for (let round = 1; round <= 10; round++) {
    for (const name of ["envelopes", "differential"]) {
      const { success } = await new Deno.Command(Deno.execPath(), {
        args: ["test", "-A", "--no-check", "--quiet", `${import.meta.dirname}/${name}.test.ts`],
        env: { CALENDAR_TEST_SEED: String(random.below(2 ** 32)) },
        stdin: "null",
        stdout: "null",
        stderr: "inherit",
      }).output();
      ok(success, `${name} failed in round ${round}`);
    }
    say(`envelopes and differential: round ${round} of 10`);
  }
}

const parts = { flows, malformed, memory: steady, tests };
const wanted = Deno.args[0];
say(`seed ${random.seed}`);
for (const [name, part] of Object.entries(parts)) {
  if (wanted === undefined || wanted === name) await part();
}
say(`done, seed ${random.seed}`);
