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
      await page.emulateMedia({ colorScheme: "light" });
      deepEqual(await violations(axe(page)), []);
      // Nothing but the colours is different in the dark.
      await page.emulateMedia({ colorScheme: "dark" });
      deepEqual(await violations(axe(page).withRules("color-contrast")), []);
    }));
}

/** In this page alone: it has no frames of other origins, for which axe would open a second one. */
function axe(page: Page): AxeBuilder {
  return new AxeBuilder({ page }).setLegacyMode(true);
}

async function violations(builder: AxeBuilder): Promise<string[]> {
  const { violations } = await builder.analyze();
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${help} (${target}) ${failureSummary}`)
  );
}
