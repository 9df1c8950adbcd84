/** What the panel does as time passes, and when it leaves the page or is there twice. */
import { deepEqual, equal, match } from "node:assert/strict";
import type { Page } from "playwright-core";
import {
  Alone,
  changing,
  GOOGLE_CONNECTED,
  googleWith,
  NO_CONNECTION,
  panel,
  refused,
  shows,
} from "./alone.ts";
import { button, row, showsNotice, showsStatus } from "./panel.ts";

const alone = await Alone.start();
Deno.test.afterAll(() => alone.stop());

const RETURN = "#calendar_provider=google&calendar_code=c&calendar_state=s";

const used = (connected_at: string) => ({ path }: { path: string }) =>
  path === "status" ? { body: googleWith({ connected_at }) } : refused("invalid_state", 400);

panel(alone, "a return that was used just now is no failure", {
  answer: used(new Date().toISOString()),
  at: RETURN,
}, async ({ page }) => {
  await showsNotice(page, "Google Calendar is connected.");
});

panel(alone, "a return that was used long ago is one, although the calendar is connected", {
  answer: used(new Date(Date.now() - 16 * 60_000).toISOString()),
  at: RETURN,
}, async ({ page }) => {
  await showsNotice(page, "This return cannot be used any more.");
  await showsStatus(page, "google", "active");
});

panel(alone, "a page that stays although it was sent away can be used again after ten seconds", {
  answer: ({ path }) => ({
    body: path === "status" ? NO_CONNECTION : {
      authorization_url: "https://provider.example/authorize",
      provider: "google",
      expires_at: "2999-01-01T00:00:00Z",
    },
  }),
}, async ({ page }) => {
  // An answer without content leaves the browser where it is.
  await page.route("https://provider.example/**", (route) => route.fulfill({ status: 204 }));
  await showsStatus(page, "google", "none");
  await page.clock.install();
  const left = page.waitForRequest("https://provider.example/**");
  await button(page, "Connect Google Calendar").click();
  await button(page, "Opening Google…").waitFor();
  await left;
  await page.clock.fastForward(9_000);
  equal(await button(page, "Opening Google…").count(), 1);
  await page.clock.fastForward(2_000);
  await button(page, "Connect Google Calendar").waitFor();
});

panel(alone, "the time since the last sync goes on by itself", {
  answer: () => ({ body: googleWith({ last_sync_at: "2026-06-15T12:00:00Z" }) }),
}, async ({ page }) => {
  await page.clock.install({ time: "2026-06-15T12:00:30Z" });
  await page.reload();
  await row(page, "google").getByText("Synced now").waitFor();
  await page.clock.fastForward(120_000);
  await row(page, "google").getByText("Synced 2 minutes ago").waitFor();
});

panel(
  alone,
  "an answer of the function is told as it is, whatever the browser thinks of the network",
  {
    answer: () => refused("misconfigured", 500),
    html: (html) =>
      html.replace(
        "<script>",
        "<script>Object.defineProperty(Navigator.prototype, 'onLine', { get: () => false });",
      ),
  },
  ({ page }) => shows(page, "This app’s calendar connection is not set up correctly."),
);

panel(alone, "two looks at once ask once", {
  answer: () => ({ body: GOOGLE_CONNECTED }),
}, async (it) => {
  await showsStatus(it.page, "google", "active");
  const before = it.asked.length;
  await it.page.evaluate(() => {
    for (const _ of [1, 2]) document.dispatchEvent(new Event("visibilitychange"));
  });
  await settled(it.page);
  equal(it.asked.length, before + 1);
});

panel(alone, "a panel that has left the page asks nothing, and works when it is back", {
  answer: () => ({ body: GOOGLE_CONNECTED }),
}, async (it) => {
  await showsStatus(it.page, "google", "active");
  await it.page.evaluate(() => {
    Object.assign(globalThis, { panel: document.querySelector("calendar-settings") });
    document.querySelector("calendar-settings")!.remove();
  });
  const before = it.asked.length;
  await it.look();
  await it.signIn("grace");
  await settled(it.page);
  equal(it.asked.length, before);
  await it.page.evaluate(() =>
    document.querySelector("main")!.append((globalThis as unknown as { panel: Node }).panel)
  );
  await settled(it.page);
  equal(it.asked.length, before + 1);
  await showsStatus(it.page, "google", "active");
});

{
  const { state, answer } = changing({ body: GOOGLE_CONNECTED });
  panel(alone, "another supabase-js client replaces the one before", { answer }, async (it) => {
    await showsStatus(it.page, "google", "active");
    state.now = { body: NO_CONNECTION };
    await it.page.evaluate(() => {
      const panel = document.querySelector("calendar-settings") as unknown as { supabase: object };
      panel.supabase = { ...panel.supabase };
    });
    await showsStatus(it.page, "google", "none");
  });
}

panel(alone, "a page with two copies of the script shows the panel once", {
  answer: () => ({ body: GOOGLE_CONNECTED }),
  html: (html) =>
    html.replace(
      "</head>",
      '<script type="module" src="/copy/settings.js"></script><script>var problems = []; ' +
        'addEventListener("error", ({ message }) => problems.push(message));</script></head>',
    ),
}, async (it) => {
  await showsStatus(it.page, "google", "active");
  await settled(it.page);
  deepEqual(await it.page.evaluate("problems"), []);
  deepEqual(it.asked, ["GET status"]);
});

panel(alone, "words that are replaced later are shown at once", {
  answer: () => ({ body: GOOGLE_CONNECTED }),
}, async ({ page }) => {
  await showsStatus(page, "google", "active");
  await page.evaluate(() => {
    Object.assign(document.querySelector("calendar-settings")!, {
      texts: { "google.name": "Google-Kalender", "status.active": "Verbunden" },
    });
  });
  await button(page, "Disconnect Google-Kalender").waitFor();
  match(await row(page, "google").innerText(), /Verbunden/);
});

/** After everything that is under way in the page. */
const settled = (page: Page) => page.evaluate(() => new Promise((done) => setTimeout(done, 50)));
