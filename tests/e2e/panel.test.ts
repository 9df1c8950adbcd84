/** How the panel behaves under fingers, keys, screen readers, other languages and bad networks. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import type { Page } from "playwright-core";
import { inArabic } from "./arabic.ts";
import { button, connect, consent, pressConnect, row, showsNotice, showsStatus } from "./panel.ts";
import { World } from "./world.ts";

const world = await World.open();
Deno.test.afterAll(() => world.close());
Deno.test.afterEach(() => {
  world.fault = () => undefined;
  world.googleTokens.on = true;
});

Deno.test("while a connection starts every button waits, and pressing again sends nothing", async () => {
  const { page, context } = await world.signedIn();
  const release = Promise.withResolvers<void>();
  let requests = 0;
  await page.route("**/connect/*", async (route) => {
    if (route.request().method() === "POST") requests++;
    await release.promise;
    await route.continue();
  });
  await pressConnect(page, "google");
  await button(page, "Opening Google…").waitFor();
  for (const name of ["Opening Google…", "Connect Outlook Calendar"]) {
    equal(await button(page, name).getAttribute("aria-disabled"), "true");
    await button(page, name).dispatchEvent("click");
  }
  release.resolve();
  await page.locator("form[data-prompt]").waitFor();
  equal(requests, 1);
  await context.close();
});

Deno.test("two presses at once start one connection", async () => {
  const { page, context } = await world.signedIn();
  const before = world.providers.google.authorizationRequests.length;
  let requests = 0;
  page.on("request", (request) => {
    if (request.method() === "POST" && request.url().endsWith("/connect/google")) requests++;
  });
  await button(page, "Connect Google Calendar").dblclick();
  await page.locator("form[data-prompt]").waitFor();
  equal(requests, 1);
  equal(world.providers.google.authorizationRequests.length, before + 1);
  await context.close();
});

Deno.test("Back from the provider shows a panel that works", async () => {
  const { page, user, context } = await world.signedIn();
  await page.evaluate(() => Object.assign(globalThis, { marked: "the same page" }));
  await pressConnect(page, "google");
  await page.locator("form[data-prompt]").waitFor();
  await page.goBack({ waitUntil: "commit" });
  await page.evaluate(() => new Promise(requestAnimationFrame));
  equal(await button(page, "Opening Google…").count(), 0);
  equal(await page.evaluate(() => (globalThis as { marked?: string }).marked), "the same page");
  await connect(page, world, "google");
  deepEqual(await world.stored(user), { providers: ["google"], connected: true });
  await context.close();
});

Deno.test("by keyboard alone: disconnect asks once, Escape keeps, and the focus is never lost", async () => {
  const { page, user, context } = await world.signedIn();
  await connect(page, world, "google");
  await button(page, "Disconnect Google Calendar").focus();
  await page.keyboard.press("Enter");
  await page.getByText("Disconnect Google Calendar?").waitFor();
  equal(await focused(page), "Keep it");
  await page.keyboard.press("Escape");
  equal(await focused(page), "Disconnect");
  equal(await page.locator('[part="confirm"]').count(), 0);
  deepEqual(await world.stored(user), { providers: ["google"], connected: true });

  await page.keyboard.press("Enter");
  await page.getByText("Disconnect Google Calendar?").waitFor();
  await page.keyboard.press("Shift+Tab");
  equal(await focused(page), "Disconnect");
  await page.keyboard.press("Enter");
  await showsStatus(page, "google", "none");
  equal(await focused(page), "Connect");
  deepEqual(await world.stored(user), { providers: [], connected: false });
  await context.close();
});

Deno.test("every control is reached by Tab, and where the focus is can be seen", async () => {
  const { page, context } = await world.signedIn();
  await connect(page, world, "google");
  await button(page, "Sign out").focus();
  const reached: string[] = [];
  for (let press = 0; press < 4; press++) {
    await page.keyboard.press("Tab");
    reached.push(
      await page.evaluate(() => {
        const element = document.activeElement?.shadowRoot?.activeElement;
        const outline = element ? getComputedStyle(element).outlineStyle : "none";
        return `${element?.getAttribute("aria-label")} ${outline}`;
      }),
    );
  }
  deepEqual(reached, [
    "Dismiss solid",
    "Disconnect Google Calendar solid",
    "Add another account at Google solid",
    "Connect Outlook Calendar solid",
  ]);
  await context.close();
});

Deno.test("a screen reader hears what happens, politely", async () => {
  const { page, context } = await world.signedIn();
  await showsStatus(page, "google", "none");
  const status = page.locator('calendar-settings [role="status"]');
  equal(await status.innerText(), "");
  await connect(page, world, "google");
  match(await status.innerText(), /^Google Calendar is connected\./);
  await button(page, "Disconnect Google Calendar").click();
  await button(page, "Disconnect").click();
  await showsNotice(page, "Google Calendar is disconnected.");
  match(await status.innerText(), /^Google Calendar is disconnected\. Our copy .* is destroyed/);
  await context.close();
});

Deno.test("the honest question links to where consent is withdrawn, in a tab of its own", async () => {
  const { page, context } = await world.signedIn();
  await connect(page, world, "outlook");
  await button(page, "Disconnect Outlook Calendar").click();
  const question = page.getByRole("group", { name: "Disconnect Outlook Calendar?" });
  match(await question.innerText(), /Our copy of the access is destroyed at once/);
  const links = await question.getByRole("link").evaluateAll((all) =>
    all.map((link) => [link.getAttribute("href"), link.getAttribute("rel")])
  );
  // The account of a company, for which there is one page.
  deepEqual(links, [
    ["https://myapps.microsoft.com", "noopener noreferrer"],
  ]);
  await context.close();
});

Deno.test("the last sync is relative, and absolute on hover", async () => {
  const { page, user, context } = await world.signedIn();
  await connect(page, world, "google");
  equal(await row(page, "google").getByText("Not synced yet").count(), 1);
  await world.alter(user, "google", { last_sync_at: "2025-01-26T15:04:00Z" });
  await page.reload();
  const time = row(page, "google").locator("time");
  match(await time.innerText(), /Synced (\d+ years?|last year) ago|Synced last year/);
  equal(await time.getAttribute("title"), "Sunday, January 26, 2025 at 3:04 PM");
  await context.close();
});

Deno.test("a function that is down is said so, and Try again works once it is back", async () => {
  const { page, context } = await world.signedIn();
  world.fault = ({ path }) => path.startsWith("/functions/") ? { reset: "before" } : undefined;
  await page.reload();
  await page.getByText("The calendar service does not answer.").first().waitFor();
  world.fault = () => undefined;
  await button(page, "Try again").click();
  await showsStatus(page, "google", "none");
  await context.close();
});

Deno.test("offline the panel says so, and it comes back by itself", async () => {
  const { page, context } = await world.signedIn();
  await context.setOffline(true);
  await page.locator("calendar-settings").evaluate((panel) =>
    (panel as HTMLElement & { refresh(): Promise<void> }).refresh()
  );
  await page.getByText("You are offline.").first().waitFor();
  await context.setOffline(false);
  await showsStatus(page, "google", "none");
  await context.close();
});

Deno.test("a provider that is down stores nothing, and connecting again works once it is back", async () => {
  const { page, user, context } = await world.signedIn();
  await pressConnect(page, "google");
  world.googleTokens.on = false;
  await consent(page, world);
  await showsNotice(page, "Google does not answer at the moment.");
  deepEqual(await world.stored(user), { providers: [], connected: false });
  world.googleTokens.on = true;
  await connect(page, world, "google");
  deepEqual(await world.stored(user), { providers: ["google"], connected: true });
  await context.close();
});

Deno.test("a failed start leaves the panel as it was, with the reason and the request's number", async () => {
  const { page, context } = await world.signedIn();
  world.fault = ({ path }) =>
    path.includes("calendar_open_state") ? { status: 503, body: "{}" } : undefined;
  await pressConnect(page, "google");
  await showsNotice(page, "The connection could not be started.");
  match(await page.locator('[part="reference"]').innerText(), /^Reference: \S+$/);
  equal(await button(page, "Connect Google Calendar").getAttribute("aria-disabled"), "false");
  await button(page, "Dismiss").click();
  equal(await page.locator('[part="notice"]').count(), 0);
  await context.close();
});

Deno.test("what one user was told is gone when another signs in", async () => {
  const { page, context } = await world.signedIn();
  await connect(page, world, "google");
  await showsNotice(page, "Google Calendar is connected.");
  await button(page, "Sign out").click();
  await world.signIn(page, await world.newUser());
  await showsStatus(page, "google", "none");
  equal(await page.locator('[part="notice"]').count(), 0);
  await context.close();
});

Deno.test("the app hears of every connection, disconnection, failure and status", async () => {
  const { page, user, context } = await world.signedIn();
  await showsStatus(page, "google", "none");
  const heard = await listen(page);
  await page.goto(await world.returnAddress(user, "google"));
  await showsNotice(page, "Google Calendar is connected.");
  await button(page, "Disconnect Google Calendar").click();
  await button(page, "Disconnect").click();
  await showsNotice(page, "Google Calendar is disconnected.");
  await page.goto(await world.returnAddress(await world.newUser(), "outlook"));
  await showsNotice(page, "This return cannot be used any more.");
  deepEqual(await heard(), [
    "connected google",
    "status true",
    "disconnected google",
    "status false",
    "status false",
    "error invalid_state",
  ]);
  await context.close();
});

Deno.test("the app can keep the browser from leaving, and have the status read again", async () => {
  const { page, context } = await world.signedIn();
  await showsStatus(page, "google", "none");
  const heard = await listen(page);
  await page.evaluate(() =>
    document.addEventListener("calendar-connecting", (event) => event.preventDefault())
  );
  await pressConnect(page, "google");
  equal(page.url(), world.settingsUrl);
  equal(await button(page, "Connect Google Calendar").getAttribute("aria-disabled"), "false");
  await page.locator("calendar-settings").evaluate((panel) =>
    (panel as HTMLElement & { refresh(): Promise<void> }).refresh()
  );
  deepEqual(await heard(), ["connecting google", "status false"]);
  await context.close();
});

/** Writes down what the panel tells the document from here on. */
async function listen(page: Page): Promise<() => Promise<string[]>> {
  await page.evaluate(() => {
    const heard: string[] = [];
    Object.assign(globalThis, { heard });
    for (const name of ["connecting", "connected", "disconnected", "error", "status"]) {
      document.addEventListener(`calendar-${name}`, (event) => {
        const { error, provider, status } = (event as CustomEvent).detail;
        heard.push(`${name} ${error?.code ?? provider ?? status.connected}`);
      });
    }
  });
  return () => page.evaluate(() => (globalThis as unknown as { heard: string[] }).heard);
}

Deno.test("in another language, right to left: words, dates and layout follow", async () => {
  const { page, user, context } = await world.signedIn();
  await connect(page, world, "google");
  await world.alter(user, "google", { connected_at: "2026-01-26T15:04:00Z" });
  await page.reload();
  await showsStatus(page, "google", "active");
  await inArabic(page);
  match(await row(page, "google").innerText(), /منذ ٢٦ يناير ٢٠٢٦|منذ 26 يناير 2026/);
  const name = await row(page, "google").locator('[part="name"]').boundingBox();
  const action = await button(page, "قطع الاتصال بـ تقويم غوغل").boundingBox();
  ok(name && action && action.x < name.x, "the button is at the end, which is the left");
  await context.close();
});

Deno.test("custom properties and parts change its looks, and theme overrides the page's", async () => {
  const { page, context } = await world.signedIn();
  await page.addStyleTag({
    content: `calendar-settings { --calendar-accent: rgb(1, 120, 80); --calendar-radius: 3px }
      calendar-settings::part(heading) { font-style: italic }`,
  });
  const primary = button(page, "Connect Google Calendar");
  equal(await styleOf("background-color"), "rgb(1, 120, 80)");
  equal(
    await page.locator('[part="list"]').evaluate((each) => getComputedStyle(each).borderRadius),
    "3px",
  );
  equal(
    await page.locator('[part="heading"]').evaluate((each) => getComputedStyle(each).fontStyle),
    "italic",
  );
  const list = page.locator('[part="list"]');
  const surface = () => list.evaluate((each) => getComputedStyle(each).backgroundColor);
  await page.emulateMedia({ colorScheme: "light" });
  const light = await surface();
  await page.locator("calendar-settings").evaluate((each) => each.setAttribute("theme", "dark"));
  const dark = await surface();
  ok(light !== dark, `theme="dark" changes ${light}`);
  await page.emulateMedia({ colorScheme: "dark" });
  await page.locator("calendar-settings").evaluate((each) => each.removeAttribute("theme"));
  equal(await surface(), dark);
  await context.close();

  function styleOf(property: string) {
    return primary.evaluate(
      (each, name) => getComputedStyle(each).getPropertyValue(name),
      property,
    );
  }
});

Deno.test("motion stops for who asked for less of it", async () => {
  const { page, context } = await world.signedIn();
  await page.route("**/connect/*", () => {});
  await pressConnect(page, "google");
  await button(page, "Opening Google…").waitFor();
  equal(await running(), 0);
  await page.emulateMedia({ reducedMotion: "no-preference" });
  ok(await running() > 0, "the spinner turns for everybody else");
  await context.close();

  function running() {
    return page.locator("calendar-settings").evaluate((panel) =>
      panel.shadowRoot!.getAnimations().filter(({ playState }) => playState === "running").length
    );
  }
});

Deno.test("nothing is cut off on a screen 320 pixels wide", async () => {
  const { page, user, context } = await world.signedIn();
  await connect(page, world, "google");
  await world.alter(user, "google", {
    status: "revoked",
    account_label: "a.person.with.a.very.long.address.indeed@department.university.example",
  });
  await page.setViewportSize({ width: 320, height: 700 });
  await page.reload();
  await showsStatus(page, "google", "revoked");
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  ok(width <= 320, `the page is ${width} pixels wide`);
  await context.close();
});

/** The words on what has the focus, inside the panel. */
function focused(page: Page): Promise<string> {
  return page.evaluate(() =>
    document.activeElement?.shadowRoot?.activeElement?.textContent?.trim() ?? "nothing"
  );
}
