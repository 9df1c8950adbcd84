/**
 * Lines 14, 15, 19, 22: 500 flows under random faults. `full.ts` runs 10,000.
 *
 * Mutations tried: see defences.ts, "19" and "22".
 */
import { ok } from "node:assert/strict";
import { openWorld } from "../support/world.ts";
import { startChaos } from "./chaos.ts";
import { newRandom } from "./random.ts";

const FLOWS = 500;
const world = await openWorld();
const random = newRandom();
const chaos = await startChaos(world, random, { lanes: 8, deadlineMs: 1500 });
Deno.test.afterAll(async () => {
  await chaos.stop();
  await world.close();
});

for (let batch = 1; batch <= 5; batch++) {
  Deno.test(`lines 14, 15, 19, 22: batch ${batch} of ${FLOWS} flows under random faults, seed ${random.seed}`, async () => {
    await chaos.run(FLOWS / 5);
  });
}

Deno.test("the flows connected, failed, and met most faults", () => {
  const { report } = chaos;
  ok(report.connected > FLOWS / 8, `only ${report.connected} connected`);
  ok(report.codes.size >= 8, [...report.codes.keys()].join());
  ok(report.faults.size >= 40, `${report.faults.size} faults`);
  ok(report.overloaded < FLOWS / 4, `${report.overloaded} flows were too slow for this machine`);
});
