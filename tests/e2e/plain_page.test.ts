/** The built library on a page without a bundler: one script for the panel, one for <head>. */
import { deepEqual, equal } from "node:assert/strict";
import { buildLibrary } from "./library.ts";
import { consent, pressConnect, showsNotice, showsStatus } from "./panel.ts";
import { PASSWORD, World } from "./world.ts";

const world = await World.open();
Deno.test.afterAll(() => world.close());

const library = await buildLibrary();
for (const name of ["settings.js", "head.js"]) {
  world.front.scripts[`/calendar-connect/${name}`] = await library.read(name);
}
await library.remove();
world.front.scripts["/supabase.js"] = await Deno.readTextFile(
  "node_modules/@supabase/supabase-js/dist/umd/supabase.js",
);

const { url, publishableKey } = world.stack;
const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <title>A plain page</title>
    <script src="/calendar-connect/head.js"></script>
    <script src="/supabase.js"></script>
    <script type="module" src="/calendar-connect/settings.js"></script>
  </head>
  <body>
    <h1>Settings</h1>
    <calendar-settings></calendar-settings>
    <script>
      var client = supabase.createClient("${url}", "${publishableKey}");
      document.querySelector("calendar-settings").supabase = client;
    </script>
  </body>
</html>`;
world.front.change = () => PAGE;

// The property is set before the module has defined the element.
Deno.test("one script on a plain page shows the panel, and a connection completes", async () => {
  const user = await world.newUser();
  const { page, context } = await world.newBrowser();
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push(error.message));
  await page.goto(world.settingsUrl);
  await page.getByText("Sign in to connect your calendars.").waitFor();
  await page.evaluate(async ([email, password]) => {
    type Client = { auth: { signInWithPassword(user: object): Promise<unknown> } };
    await (globalThis as unknown as { client: Client }).client.auth
      .signInWithPassword({ email, password });
  }, [user.email, PASSWORD]);
  await pressConnect(page, "google");
  await consent(page, world);
  await showsNotice(page, "Google Calendar is connected.");
  await showsStatus(page, "google", "active");
  equal(page.url(), world.settingsUrl);
  deepEqual(await world.stored(user), { providers: ["google"], connected: true });
  deepEqual(problems, []);
  await context.close();
});
