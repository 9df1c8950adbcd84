/** Every state can be reached, says what it is, and gives axe nothing to complain of, light and dark. */
import { AxeBuilder } from "@axe-core/playwright";
import { deepEqual } from "node:assert/strict";
import type { Page } from "playwright-core";
import { STATES, visit } from "./states.ts";
import { World } from "./world.ts";

const world = await World.open();
Deno.test.afterAll(() => world.close());

for (const state of STATES) {
  Deno.test(`${state.name}: “${state.says}”, accessible in light and dark`, () =>
    visit(world, state, async ({ page }) => {
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        deepEqual(await violations(page), []);
      }
    }));
}

async function violations(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${help} (${target}) ${failureSummary}`)
  );
}
