/** The function under the app's own domain: the session cookie comes along, and one step is enough. */
import { deepEqual, equal, ok } from "node:assert/strict";
import type { Page } from "playwright-core";
import { fileURLToPath } from "node:url";
import { button, consent, pressConnect, showsNotice, showsStatus } from "./panel.ts";
import { PASSWORD, type User, World } from "./world.ts";

const world = await World.open({ ownDomain: true });
Deno.test.afterAll(() => world.close());

const pageModule = fileURLToPath(new URL("own_domain_page.ts", import.meta.url));
world.front.change = (html) => html.replace("/main.ts", `/@fs${pageModule}`);

Deno.test("a connection completes in one step and lands on ?connected=success", async () => {
  const { page, user, context } = await signedInByCookie();
  const { seen, landings } = watched(page);
  await pressConnect(page, "google");
  await consent(page, world);
  await showsNotice(page, "Google Calendar is connected.");
  deepEqual(landings, [`${world.settingsUrl}?connected=success&provider=google`]);
  deepEqual(seen.filter((call) => call.includes("/callback/")).map(withoutQuery), [
    "GET /api/calendar/callback/google",
  ]);
  equal(page.url(), world.settingsUrl);
  deepEqual(await world.stored(user), { providers: ["google"], connected: true });

  await button(page, "Disconnect Google Calendar").click();
  await button(page, "Disconnect").click();
  await showsStatus(page, "google", "none");
  deepEqual(seen.filter((call) => call.includes("/functions/v1/")), []);
  await context.close();
});

Deno.test("a plain link to /api/calendar/connect/outlook is all it takes", async () => {
  const { page, user, context } = await signedInByCookie();
  const { landings } = watched(page);
  await page.evaluate(() => {
    const link = Object.assign(document.createElement("a"), {
      href: "/api/calendar/connect/outlook",
      textContent: "Connect",
    });
    document.body.append(link);
    link.click();
  });
  await consent(page, world);
  await showsNotice(page, "Outlook Calendar is connected.");
  deepEqual(landings, [`${world.settingsUrl}?connected=success&provider=outlook`]);
  deepEqual(await world.stored(user), { providers: ["outlook"], connected: true });
  await context.close();
});

Deno.test("a denied consent lands with its reason, and the page says it kindly", async () => {
  const { page, user, context } = await signedInByCookie();
  const { landings } = watched(page);
  await pressConnect(page, "outlook");
  await consent(page, world, "Deny");
  await showsNotice(page, "Outlook Calendar was not connected.");
  equal(landings.length, 1);
  const landing = new URL(landings[0]!).searchParams;
  deepEqual([landing.get("connected"), landing.get("reason")], ["error", "access_denied"]);
  equal(page.url(), world.settingsUrl);
  deepEqual(await world.stored(user), { providers: [], connected: false });
  await context.close();
});

Deno.test("when another user's cookie comes back, nothing is stored and no code is relayed", async () => {
  const { page, user: first, context } = await signedInByCookie();
  const second = await world.newUser();
  await pressConnect(page, "google");
  await page.locator("form[data-prompt]").waitFor();
  const tab = await context.newPage();
  await tab.goto(world.settingsUrl);
  await signInByCookie(tab, second);
  await tab.close();
  const { landings } = watched(page);
  const before = world.tokenRequests;
  await consent(page, world);
  await showsNotice(page, "Another user started this connection.");
  ok(landings[0]?.includes("connected=error&reason=invalid_state"), `${landings}`);
  equal(world.tokenRequests, before);
  for (const user of [first, second]) {
    deepEqual(await world.stored(user), { providers: [], connected: false });
  }
  await context.close();
});

Deno.test("a link that claims success proves nothing: the status decides", async () => {
  const { page, context } = await signedInByCookie();
  await page.goto(`${world.settingsUrl}?connected=success&provider=google`);
  await showsStatus(page, "google", "none");
  equal(await page.locator('[part="notice"]').count(), 0);
  equal(page.url(), world.settingsUrl);
  await context.close();
});

async function signedInByCookie() {
  const user = await world.newUser();
  const browser = await world.newBrowser();
  await browser.page.goto(world.settingsUrl);
  await signInByCookie(browser.page, user);
  await showsStatus(browser.page, "google", "none");
  const names = (await browser.context.cookies(world.settingsUrl)).map(({ name }) => name);
  ok(names.some((name) => name.startsWith(world.stack.sessionCookie)), `${names}`);
  equal(await browser.page.evaluate(() => JSON.stringify(localStorage)), "{}");
  return { user, ...browser };
}

async function signInByCookie(page: Page, { email }: User): Promise<void> {
  await page.waitForFunction(() => "supabase" in globalThis);
  await page.evaluate(async ([email, password]) => {
    type Auth = { signInWithPassword(user: object): Promise<{ error: Error | null }> };
    const { auth } = (globalThis as unknown as { supabase: { auth: Auth } }).supabase;
    const { error } = await auth.signInWithPassword({ email, password });
    if (error) throw error;
  }, [email, PASSWORD]);
}

/** What the browser asks for from here on, and the addresses at which it lands on the page. */
function watched(page: Page): { seen: string[]; landings: string[] } {
  const seen: string[] = [];
  const landings: string[] = [];
  page.on("request", (request) => {
    seen.push(`${request.method()} ${new URL(request.url()).pathname}`);
    if (request.isNavigationRequest() && request.url().startsWith(world.settingsUrl)) {
      landings.push(request.url());
    }
  });
  return { seen, landings };
}

function withoutQuery(call: string): string {
  return call.split("?")[0]!;
}
