/** What the panel shows once the user, the network or another tab has changed something, and where the focus is. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import type { Page } from "playwright-core";
import {
  Alone,
  type Answer,
  changing,
  GOOGLE_CONNECTED,
  NO_CONNECTION,
  PAGE,
  panel,
  read,
  refused,
  shows,
} from "./alone.ts";
import { button, showsNotice, showsStatus } from "./panel.ts";

const alone = await Alone.start();
Deno.test.afterAll(() => alone.stop());

const UNAUTHORIZED = refused("unauthorized", 401);
const RETURN = "#calendar_provider=google&calendar_code=c&calendar_state=s";

// --- who is signed in ----------------------------------------------------------------------------

{
  const { state, answer } = changing(UNAUTHORIZED);
  panel(
    alone,
    "after a 401 the same user's next session shows the calendars",
    { answer },
    async (it) => {
      await shows(it.page, "Sign in to connect your calendars.");
      state.now = { body: GOOGLE_CONNECTED };
      await it.signIn("ada", "second token");
      await showsStatus(it.page, "google", "active");
    },
  );
}

panel(
  alone,
  "a token that was refused is not tried again",
  { answer: () => UNAUTHORIZED },
  async (it) => {
    await shows(it.page, "Sign in to connect your calendars.");
    const before = it.asked.length;
    for (let time = 0; time < 3; time++) await it.signIn("ada", "first token");
    await it.page.evaluate(() => new Promise(requestAnimationFrame));
    equal(it.asked.length, before);
  },
);

{
  const { state, answer } = changing(UNAUTHORIZED);
  panel(
    alone,
    "after a 401 the calendars are back when the page is seen again",
    { answer },
    async (it) => {
      await shows(it.page, "Sign in to connect your calendars.");
      state.now = { body: GOOGLE_CONNECTED };
      await it.look();
      await showsStatus(it.page, "google", "active");
    },
  );
}

panel(alone, "“You are signed out” ends with the sign-in, and what it means for the return stays", {
  answer: () => ({ body: NO_CONNECTION }),
  user: null,
  at: RETURN,
}, async (it) => {
  await showsNotice(it.page, "You are signed out.");
  await it.signIn("ada");
  await showsNotice(it.page, "Google Calendar was not connected.");
  await showsStatus(it.page, "google", "none");
  match(await read(it.page), /You were signed out when you came back from Google/);
  equal((await read(it.page)).includes("You are signed out"), false);
});

{
  const { state, answer } = changing({ body: GOOGLE_CONNECTED });
  panel(
    alone,
    "a 401 to Disconnect is told once, and not after the sign-in",
    { answer },
    async (it) => {
      state.now = UNAUTHORIZED;
      await button(it.page, "Disconnect Google Calendar").click();
      await button(it.page, "Disconnect").click();
      await showsNotice(it.page, "You are signed out.");
      await shows(it.page, "Sign in to connect your calendars.");
      state.now = { body: GOOGLE_CONNECTED };
      await it.signIn("ada", "second token");
      await showsStatus(it.page, "google", "active");
      equal((await read(it.page)).includes("You are signed out"), false);
    },
  );
}

panel(alone, "the content of slot signed-out is not seen before the element is defined", {
  answer: () => ({ body: NO_CONNECTION }),
  user: null,
  html: (html) =>
    html.replace("</head>", `<style>${documentedStyle}</style></head>`)
      .replace("></calendar", '><form slot="signed-out">Please sign in</form></calendar')
      .replace('src="/settings.js"', ""),
}, async ({ page }) => {
  equal(await page.getByText("Please sign in").isVisible(), false);
  await page.addScriptTag({ type: "module", url: "/settings.js" });
  await page.getByText("Please sign in").waitFor({ state: "visible" });
});

/** The rule that docs/client.md tells an app to have. */
const documentedStyle = /<style>(.*?)<\/style>/s.exec(await Deno.readTextFile("docs/client.md"))
  ?.[1] ?? "";

Deno.test("the demo page has the documented rule as well", async () => {
  const lines = documentedStyle.trim().split("\n").map((line) => line.trim());
  ok(lines.length >= 3, documentedStyle);
  const css = await Deno.readTextFile("dev/demo/page.css");
  ok(css.split("\n").map((line) => line.trim()).join("\n").includes(lines.join("\n")));
});

panel(alone, "without a supabase-js client the console says what is missing", {
  answer: () => ({ body: NO_CONNECTION }),
  html: (html) => html.replace(/<script>document.querySelector.*?<\/script>/, ""),
}, async ({ page }) => {
  const { text } = await page.waitForEvent("console").then((said) => ({ text: said.text() }));
  match(text, /<calendar-settings> has no supabase-js client.*element\.supabase = supabase/);
});

panel(alone, "with a supabase-js client the console stays silent", {
  answer: () => ({ body: NO_CONNECTION }),
}, async ({ page }) => {
  const said: string[] = [];
  page.on("console", (message) => said.push(message.text()));
  await page.waitForTimeout(3_300);
  deepEqual(said, []);
});

{
  const held = Promise.withResolvers<Answer>();
  const { state, answer } = changing({ body: GOOGLE_CONNECTED });
  panel(alone, "an answer for one user is neither shown nor told once another is signed in", {
    answer: ({ method }) => method === "DELETE" ? held.promise : answer(),
  }, async (it) => {
    await button(it.page, "Disconnect Google Calendar").click();
    await button(it.page, "Disconnect").click();
    await button(it.page, "Disconnecting…").waitFor();
    state.now = { body: GOOGLE_CONNECTED };
    await it.signIn("grace");
    await showsStatus(it.page, "google", "active");
    const told = await it.heard();
    held.resolve({ body: { ...NO_CONNECTION, disconnected: ["google"], revocations: [] } });
    await settled(it.page);
    await showsStatus(it.page, "google", "active");
    equal(await it.page.locator('[part="notice"]').count(), 0);
    deepEqual(await it.heard(), told);
  });
}

{
  const held = Promise.withResolvers<Answer>();
  const { state, answer } = changing({ body: NO_CONNECTION });
  let first = true;
  panel(alone, "a status for one user is neither shown nor told once another is signed in", {
    answer: () => first ? (first = false, held.promise) : answer(),
  }, async (it) => {
    state.now = { body: GOOGLE_CONNECTED };
    await it.signIn("grace");
    await showsStatus(it.page, "google", "active");
    held.resolve({ body: NO_CONNECTION });
    await settled(it.page);
    await showsStatus(it.page, "google", "active");
    deepEqual(await it.heard(), ["calendar-status"]);
  });
}

{
  const held = Promise.withResolvers<Answer>();
  panel(alone, "nobody is sent to the provider for a user who has left meanwhile", {
    answer: ({ method }) => method === "POST" ? held.promise : { body: NO_CONNECTION },
  }, async (it) => {
    await button(it.page, "Connect Google Calendar").click();
    await button(it.page, "Opening Google…").waitFor();
    await it.signIn("grace");
    await button(it.page, "Connect Google Calendar").waitFor();
    held.resolve({
      body: {
        authorization_url: `${PAGE}/left`,
        provider: "google",
        expires_at: "2999-01-01T00:00:00Z",
      },
    });
    await settled(it.page);
    equal(it.page.url(), PAGE);
  });
}

/** After everything that is under way in the page. */
const settled = (page: Page) => page.evaluate(() => new Promise((done) => setTimeout(done, 50)));

// --- the network ---------------------------------------------------------------------------------

{
  const { state, answer } = changing({ body: NO_CONNECTION });
  panel(
    alone,
    "“You are offline” is said once, and ends when the network is back",
    { answer },
    async (it) => {
      await showsStatus(it.page, "google", "none");
      state.now = "lost";
      await it.context.setOffline(true);
      await button(it.page, "Connect Google Calendar").click();
      await showsNotice(it.page, "You are offline.");
      match(await read(it.page), /The connection was not started/);
      await it.page.locator("calendar-settings").evaluate((panel) =>
        (panel as HTMLElement & { refresh(): Promise<void> }).refresh()
      );
      await it.page.locator('[part="failure-title"]').waitFor();
      equal((await read(it.page)).match(/You are offline/g)?.length, 1);
      state.now = { body: NO_CONNECTION };
      await it.context.setOffline(false);
      await showsStatus(it.page, "google", "none");
      equal((await read(it.page)).includes("offline"), false);
    },
  );
}

{
  const { state, answer } = changing("lost");
  panel(alone, "after a return offline the doubt stays, the claim to be offline does not", {
    answer,
    at: RETURN,
    html: (html) =>
      html.replace(
        "<script>",
        `<script>
          let online = false;
          Object.defineProperty(Navigator.prototype, "onLine", { get: () => online });`,
      ),
  }, async ({ page }) => {
    await showsNotice(page, "We could not confirm the connection to Google Calendar.");
    equal((await read(page)).match(/You are offline\.$/gm)?.length, 1);
    state.now = { body: NO_CONNECTION };
    await page.evaluate("online = true; dispatchEvent(new Event('online'))");
    await showsStatus(page, "google", "none");
    await showsNotice(page, "We could not confirm the connection to Google Calendar.");
    equal((await read(page)).includes("offline"), false);
  });
}

panel(
  alone,
  "after a lost answer to Disconnect the list shows what is, and the words claim nothing",
  {
    answer: ({ method }) =>
      method === "DELETE" ? (disconnected = true, "lost") : {
        body: disconnected ? NO_CONNECTION : GOOGLE_CONNECTED,
      },
  },
  async ({ page }) => {
    await button(page, "Disconnect Google Calendar").click();
    await button(page, "Disconnect").click();
    await showsNotice(page, "We could not confirm that Google Calendar is disconnected.");
    await showsStatus(page, "google", "none");
  },
);
let disconnected = false;

for (
  const [when, title, options] of [
    ["loading", "Your calendars could not be loaded.", {}],
    ["a return", "The connection could not be saved.", { at: RETURN }],
  ] as const
) {
  panel(alone, `a database that is away during ${when} is told in its own words`, {
    answer: () => refused("storage_unavailable", 503),
    ...options,
  }, async ({ page }) => {
    await shows(page, title);
    equal((await read(page)).includes("could not be saved"), when === "a return");
  });
}

// --- other tabs ----------------------------------------------------------------------------------

{
  const { state, answer } = changing({ body: NO_CONNECTION });
  panel(
    alone,
    "what another tab changed is seen when the page is seen again",
    { answer },
    async (it) => {
      await showsStatus(it.page, "google", "none");
      state.now = { body: GOOGLE_CONNECTED };
      await it.look();
      await showsStatus(it.page, "google", "active");
      await button(it.page, "Disconnect Google Calendar").click();
      await it.page.getByText("Disconnect Google Calendar?").waitFor();
      state.now = { body: NO_CONNECTION };
      await it.look();
      await showsStatus(it.page, "google", "none");
      state.now = { body: GOOGLE_CONNECTED };
      await it.look();
      await showsStatus(it.page, "google", "active");
      equal(await it.page.locator('[part="confirm"]').count(), 0);
    },
  );
}

panel(alone, "a page that is hidden asks nothing", {
  answer: () => ({ body: NO_CONNECTION }),
}, async (it) => {
  await showsStatus(it.page, "google", "none");
  const before = it.asked.length;
  await it.page.evaluate(() =>
    Object.defineProperty(document, "visibilityState", { get: () => "hidden" })
  );
  await it.look();
  await settled(it.page);
  equal(it.asked.length, before);
});

{
  const { state, answer } = changing({ body: GOOGLE_CONNECTED });
  panel(alone, "a look that fails changes nothing and tells nobody", { answer }, async (it) => {
    await showsStatus(it.page, "google", "active");
    state.now = "lost";
    const [before, told] = [it.asked.length, await it.heard()];
    await it.look();
    await settled(it.page);
    equal(it.asked.length, before + 1);
    await showsStatus(it.page, "google", "active");
    equal(await it.page.locator('[part="failure"], [part="notice"]').count(), 0);
    deepEqual(await it.heard(), told);
  });
}

// --- the focus -----------------------------------------------------------------------------------

/** The part of the panel that has the focus, or the name of the element of the page. */
const focusedPart = (page: Page) =>
  page.evaluate(() => {
    const { activeElement } = document;
    return activeElement?.shadowRoot?.activeElement?.getAttribute("part") ?? activeElement?.tagName;
  });

{
  const { state, answer } = changing("lost");
  panel(alone, "after Try again the focus is still in the panel", { answer }, async ({ page }) => {
    await button(page, "Try again").focus();
    state.now = { body: NO_CONNECTION };
    await page.keyboard.press("Enter");
    await showsStatus(page, "google", "none");
    equal(await focusedPart(page), "panel");
    await page.keyboard.press("Tab");
    equal(await focusedPart(page), "button primary");
  });
}

panel(alone, "after Dismiss the focus is still in the panel", {
  answer: () => ({ body: GOOGLE_CONNECTED }),
  at: RETURN,
}, async ({ page }) => {
  await button(page, "Dismiss").focus();
  await page.keyboard.press("Enter");
  await page.locator('[part="notice"]').waitFor({ state: "detached" });
  equal(await focusedPart(page), "panel");
});

panel(alone, "a panel that is drawn anew does not take the focus from the page", {
  answer: () => ({ body: GOOGLE_CONNECTED }),
  html: (html) => html.replace("<main>", "<main><input>"),
}, async (it) => {
  await it.page.locator("input").focus();
  await it.look();
  await showsStatus(it.page, "google", "active");
  equal(await focusedPart(it.page), "INPUT");
});
