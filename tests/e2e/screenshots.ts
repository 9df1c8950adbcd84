/**
 * Pictures of every state, light, dark and narrow, into .cache/screenshots:
 *
 *     deno run -A tests/e2e/screenshots.ts [state …]
 *
 * With --readme it makes those of the README instead, into docs/screenshots.
 */
import type { Page } from "playwright-core";
import { inArabic } from "./arabic.ts";
import { type Scene, STATES, visit } from "./states.ts";
import { World } from "./world.ts";

const readme = Deno.args.includes("--readme");
const chosen = readme ? ["active"] : Deno.args;
const folder = readme ? "docs/screenshots" : ".cache/screenshots";
await Deno.mkdir(folder, { recursive: true });

const world = await World.open();
try {
  for (const state of STATES.filter(({ name }) => chosen.length === 0 || chosen.includes(name))) {
    await visit(world, state, ({ page }) => pictures(page, state.name));
    console.log(`${folder}/${state.name}-….png`);
  }
  if (!readme && (chosen.length === 0 || chosen.includes("none"))) {
    await visit(world, STATES[2]!, otherLooks);
  }
} finally {
  await world.close();
}

async function pictures(page: Page, name: string): Promise<void> {
  const target = readme ? page.locator("main") : page;
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    await target.screenshot({ path: `${folder}/${name}-${colorScheme}.png` });
  }
  if (readme) return;
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize({ width: 360, height: 740 });
  await page.screenshot({ path: `${folder}/${name}-narrow.png`, fullPage: true });
}

/** Right to left, in an app's own colours, and in the forced colours of a system setting. */
async function otherLooks({ page }: Scene): Promise<void> {
  await page.addStyleTag({
    content: `calendar-settings { --calendar-accent: #0a7a5c; --calendar-radius: 4px;
      --calendar-font: Georgia, serif }`,
  });
  await page.screenshot({ path: `${folder}/own-colours.png` });
  await page.emulateMedia({ forcedColors: "active" });
  await page.screenshot({ path: `${folder}/forced-colours.png` });
  await page.emulateMedia({ forcedColors: "none" });
  await page.reload();
  await inArabic(page);
  await page.screenshot({ path: `${folder}/right-to-left.png` });
}
