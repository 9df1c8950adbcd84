/** The Next.js example as it stands: it type-checks, and a real Next.js serves the flow in one step. */
import { deepEqual, equal } from "node:assert/strict";
import type { BrowserContext } from "playwright-core";
import { choosePort } from "../../dev/ports.ts";
import { button, consent, pressConnect, showsNotice, showsStatus } from "../e2e/panel.ts";
import { World } from "../e2e/world.ts";
import { signUp } from "../support/users.ts";
import { installExample, startNext } from "./next.ts";

await installExample();

Deno.test("the example type-checks against the real types of Next.js and React", async () => {
  const { stdout } = await new Deno.Command("node_modules/.bin/tsc", {
    args: ["--noEmit"],
    cwd: "examples/nextjs",
  }).output();
  equal(new TextDecoder().decode(stdout), "");
});

Deno.test("through Next.js's rewrite a connection completes in one step, with the cookies of @supabase/ssr", async () => {
  const world = await World.open({ ownDomain: true });
  const next = await startNext(choosePort().port, world.stack.url, world.stack.publishableKey);
  try {
    world.front.forwardTo(({ pathname, search }) => next.origin + pathname + search);
    const user = await signUp(world.stack);
    const { page, context } = await world.newBrowser();
    await addSession(context, user, world.front.origin);
    context.setDefaultTimeout(60_000);
    const landings: string[] = [];
    page.on("request", (request) => {
      if (request.isNavigationRequest()) landings.push(request.url());
    });

    await page.goto(world.settingsUrl);
    await pressConnect(page, "google");
    await consent(page, world);
    await showsNotice(page, "Google Calendar is connected.");
    deepEqual(landings.slice(-1), [`${world.settingsUrl}?connected=success&provider=google`]);
    equal(page.url(), world.settingsUrl);
    deepEqual(await world.stored(user), { providers: ["google"], connected: true });

    await button(page, "Disconnect Google Calendar").click();
    await button(page, "Disconnect").click();
    await showsStatus(page, "google", "none");
    deepEqual(await world.stored(user), { providers: [], connected: false });
  } finally {
    await next.stop();
    await world.close();
  }
});

async function addSession(
  context: BrowserContext,
  { cookie }: { cookie: string },
  url: string,
): Promise<void> {
  await context.addCookies(
    cookie.split("; ").map((pair) => {
      const [name = "", ...value] = pair.split("=");
      return { name, value: value.join("="), url, sameSite: "Lax" };
    }),
  );
}
