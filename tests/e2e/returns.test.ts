/** What becomes of a return from the provider: used once, by who started it, and seen by nobody else. */
import { deepEqual, equal, ok } from "node:assert/strict";
import type { BrowserContext, Page } from "playwright-core";
import { buildLibrary } from "./library.ts";
import { button, consent, pressConnect, showsNotice, showsStatus } from "./panel.ts";
import { World } from "./world.ts";

const world = await World.open();
const library = await buildLibrary();
const head = await library.read("head.js");
await library.remove();
Deno.test.afterAll(() => world.close());
Deno.test.afterEach(() => changePage((html) => html));

Deno.test("the same return opened twice in one tab connects once", async () => {
  const { page, user, context } = await world.signedIn();
  const address = await world.returnAddress(user, "google");
  const before = world.tokenRequests;
  await page.goto(address);
  await showsNotice(page, "Google Calendar is connected.");
  equal(page.url(), world.settingsUrl);
  // The same page, another fragment: the browser does not load anything.
  await page.goto(address);
  await page.getByText("This return was used before").first().waitFor();
  equal(page.url(), world.settingsUrl);
  await showsStatus(page, "google", "active");
  equal(world.tokenRequests, before + 1);
  deepEqual(await world.stored(user), { providers: ["google"], connected: true });
  await context.close();
});

Deno.test("the same return opened in two tabs at once connects once, and both tabs show it", async () => {
  const { page, user, context } = await world.signedIn();
  const address = await world.returnAddress(user, "outlook");
  const before = world.tokenRequests;
  const other = await context.newPage();
  await Promise.all([page.goto("about:blank"), other.goto("about:blank")]);
  await Promise.all([page.goto(address), other.goto(address)]);
  await Promise.all([page, other].map((tab) => showsNotice(tab, "Outlook Calendar is connected.")));
  for (const tab of [page, other]) await showsSomethingConnected(tab);
  equal(world.tokenRequests, before + 1);
  deepEqual(await world.stored(user), { providers: ["outlook"], connected: true });
  await context.close();
});

async function showsSomethingConnected(tab: Page): Promise<void> {
  equal(tab.url(), world.settingsUrl);
  await tab.reload();
  await showsStatus(tab, "outlook", "active");
}

Deno.test("a second user who opens the first one's return is refused, and nothing is stored", async () => {
  const first = await world.newUser();
  const { page, user: second, context } = await world.signedIn();
  const address = await world.returnAddress(first, "google");
  const before = world.tokenRequests;
  await page.goto(address);
  await showsNotice(page, "This return cannot be used any more.");
  await showsStatus(page, "google", "none");
  equal(world.tokenRequests, before);
  for (const user of [first, second]) {
    deepEqual(await world.stored(user), { providers: [], connected: false });
  }
  await context.close();
});

Deno.test("when another user signs in during consent, the page knows and sends nothing", async () => {
  const { page, user: first, context } = await world.signedIn();
  const second = await world.newUser();
  await pressConnect(page, "google");
  await page.locator("form[data-prompt]").waitFor();
  const otherTab = await context.newPage();
  await otherTab.goto(world.settingsUrl);
  await button(otherTab, "Sign out").click();
  await world.signIn(otherTab, second);
  const posts: string[] = [];
  page.on("request", (request) => request.method() === "POST" && posts.push(request.url()));
  const atProvider = new URL(page.url()).origin;
  await consent(page, world);
  await showsNotice(page, "Another user started this connection.");
  deepEqual(posts.filter((url) => !url.startsWith(atProvider)), []);
  for (const user of [first, second]) {
    deepEqual(await world.stored(user), { providers: [], connected: false });
  }
  await context.close();
});

Deno.test("a return opened signed out is cleared and not kept: signing in does not complete it", async () => {
  const user = await world.newUser();
  const { page, context } = await world.newBrowser();
  const before = world.tokenRequests;
  await page.goto(await world.returnAddress(user, "google"));
  await showsNotice(page, "You are signed out.");
  equal(page.url(), world.settingsUrl);
  equal(await storageOf(page), "{}{}");
  await world.signIn(page, user);
  await showsStatus(page, "google", "none");
  equal(world.tokenRequests, before);
  await context.close();
});

Deno.test("supabase-js still reads its own return from the same page's address", async () => {
  const user = await world.newUser();
  const { page, context } = await world.newBrowser();
  const fragment = new URLSearchParams({
    access_token: user.token,
    refresh_token: "not-used-here",
    expires_in: "3600",
    token_type: "bearer",
  });
  await page.goto(`${world.settingsUrl}#${fragment}`);
  await page.getByText(user.email).waitFor();
  await showsStatus(page, "google", "none");
  await context.close();
});

const ANALYTICS = `
  const send = (what) => {
    const request = new XMLHttpRequest();
    request.open("POST", "/collect?at=" + encodeURIComponent(location.href), false);
    request.send(JSON.stringify([what, location.href, document.referrer, history.state]));
  };
  send("loaded");
  for (const name of ["pushState", "replaceState"]) {
    const before = history[name];
    history[name] = function (...words) { send(name); return before.apply(this, words); };
  }
  addEventListener("hashchange", (event) => send(event.oldURL + event.newURL));
  addEventListener("load", () => send("load"));`;

/** What a page may do to its visitors: each is put into the Settings page's own HTML. */
const PAGES = {
  "an analytics script in <head>, after ours": (html: string) =>
    html.replace("<head>", `<head><script>${head}</script><script>${ANALYTICS}</script>`),
  "an analytics module after the app's": (html: string) =>
    html.replace("</body>", `<script type="module">${ANALYTICS}</script></body>`),
};

for (const [what, change] of Object.entries(PAGES)) {
  Deno.test(`the code is gone before any other request: ${what}`, async () => {
    const { page, user, context } = await world.signedIn();
    changePage(change);
    const traffic = trafficOf(context);
    await pressConnect(page, "google");
    await consent(page, world);
    await showsNotice(page, "Google Calendar is connected.");
    deepEqual(await world.stored(user), { providers: ["google"], connected: true });

    const code = codeIn(traffic);
    const { collected, seen } = world.front;
    ok(collected.length >= 2, "the analytics script ran");
    deepEqual([...collected, ...seen].filter((text) => text.includes(code)), []);
    const carriers = traffic.filter((request) => request.all.includes(code));
    deepEqual(carriers.map(({ method, path }) => `${method} ${path}`), [
      "GET /functions/v1/calendar/callback/google",
      "POST /functions/v1/calendar/callback/google",
    ]);
    await nowhereInHistory(page, code);
    await context.close();
  });
}

Deno.test("an auth guard that redirects with the address it came from carries no code on", async () => {
  const user = await world.newUser();
  const { page, context } = await world.newBrowser();
  const guard = `<script>
    if (location.pathname !== "/login") {
      location.assign("/login?next=" + encodeURIComponent(location.href));
    }</script>`;
  changePage((html) => html.replace("<head>", `<head><script>${head}</script>${guard}`));
  const traffic = trafficOf(context);
  const address = await world.returnAddress(user, "google");
  await page.goto(address);
  await page.waitForURL("**/login?**");
  equal(new URL(page.url()).searchParams.get("next"), world.settingsUrl);
  await page.getByText("Use another account").waitFor();
  const code = new URLSearchParams(new URL(address).hash.slice(1)).get("calendar_code")!;
  deepEqual(traffic.filter(({ all }) => all.includes(code)), []);
  equal(await storageOf(page), "{}{}");
  deepEqual(await world.stored(user), { providers: [], connected: false });
  await context.close();
});

/** From here on the Settings page's HTML is changed like this, and what is collected is kept anew. */
function changePage(change: (html: string) => string): void {
  world.front.change = change;
  world.front.collected.length = 0;
  world.front.seen.length = 0;
}

interface Traffic {
  method: string;
  path: string;
  code: string | null;
  /** Everything that went over the wire, decoded. */
  all: string;
}

function trafficOf(context: BrowserContext): Traffic[] {
  const traffic: Traffic[] = [];
  context.on("request", (request) => {
    const url = new URL(request.url());
    // A fragment stays in the browser.
    url.hash = "";
    const { referer = "" } = request.headers();
    traffic.push({
      method: request.method(),
      path: url.pathname,
      code: url.searchParams.get("code"),
      all: decodeURIComponent(`${url.href} ${referer} ${request.postData() ?? ""}`),
    });
  });
  return traffic;
}

function codeIn(traffic: Traffic[]): string {
  const callback = traffic.find(({ path }) => path.endsWith("/callback/google"));
  ok(callback?.code, "the provider sent a code");
  return callback.code;
}

async function nowhereInHistory(page: Page, code: string): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const { entries } = await session.send("Page.getNavigationHistory");
  ok(entries.length > 0);
  deepEqual(entries.filter((entry) => JSON.stringify(entry).includes(code)), []);
  await session.detach();
}

function storageOf(page: Page): Promise<string> {
  return page.evaluate(() => JSON.stringify(localStorage) + JSON.stringify(sessionStorage));
}
