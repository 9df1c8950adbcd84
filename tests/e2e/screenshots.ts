/**
 * Pictures of every state, light and dark, and of narrow, right-to-left and re-coloured panels:
 * `deno run -A tests/e2e/screenshots.ts [folder] [state …]`; the folder is .cache/screenshots unless told.
 */
import { type Scene, STATES, visit } from "./states.ts";
import { World } from "./world.ts";

const [folder = ".cache/screenshots", ...chosen] = Deno.args;
await Deno.mkdir(folder, { recursive: true });
const world = await World.open();
try {
  for (const state of STATES.filter(({ name }) => chosen.length === 0 || chosen.includes(name))) {
    await visit(world, state, async (scene) => {
      await pictures(scene, state.name);
      console.log(state.name);
    });
  }
} finally {
  await world.close();
}

async function pictures({ page }: Scene, name: string): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    await page.screenshot({ path: `${folder}/${name}-${colorScheme}.png` });
  }
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize({ width: 360, height: 740 });
  await page.screenshot({ path: `${folder}/${name}-narrow.png`, fullPage: true });
}
