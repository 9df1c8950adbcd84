/** What the panel decides by itself: what it shows of any answer, and what it still shows later. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import type { Page } from "playwright-core";
import {
  Alone,
  type Answer,
  GOOGLE_CONNECTED,
  googleWith,
  NO_CONNECTION,
  type OpenOptions,
  PAGE,
  refused,
} from "./alone.ts";
import { button, row, showsNotice, showsStatus } from "./panel.ts";

const alone = await Alone.start();
Deno.test.afterAll(() => alone.stop());

const UNAUTHORIZED = refused("unauthorized", 401);
const RETURN = "#calendar_provider=google&calendar_code=c&calendar_state=s";

/** Opens the page and closes it after `look`. */
function panel(
  name: string,
  options: OpenOptions,
  look: (opened: Awaited<ReturnType<Alone["open"]>>) => Promise<void>,
): void {
  Deno.test(name, async () => {
    await using opened = await alone.open(options);
    await look(opened);
  });
}

const shows = (page: Page, words: string) =>
  page.locator("calendar-settings").getByText(words).first().waitFor();

/** What can be read on the panel now; what only a screen reader says is not part of it. */
const read = (page: Page) =>
  page.locator("calendar-settings").evaluate((panel) =>
    [...panel.shadowRoot!.querySelectorAll<HTMLElement>("section > :not(.unseen)")]
      .map((part) => part.innerText).join("\n")
  );

/** Answers `before` until the test says `now`. */
function changing(before: Answer) {
  const state = { now: before };
  return { state, answer: () => state.now };
}

// --- who is signed in ----------------------------------------------------------------------------

{
  const { state, answer } = changing(UNAUTHORIZED);
  panel("after a 401 the same user's next session shows the calendars", { answer }, async (it) => {
    await shows(it.page, "Sign in to connect your calendars.");
    state.now = { body: GOOGLE_CONNECTED };
    await it.signIn("ada", "second token");
    await showsStatus(it.page, "google", "active");
  });
}

panel("a token that was refused is not tried again", { answer: () => UNAUTHORIZED }, async (it) => {
  await shows(it.page, "Sign in to connect your calendars.");
  const before = it.asked.length;
  for (let time = 0; time < 3; time++) await it.signIn("ada", "first token");
  await it.page.evaluate(() => new Promise(requestAnimationFrame));
  equal(it.asked.length, before);
});

{
  const { state, answer } = changing(UNAUTHORIZED);
  panel(
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

panel(
  "“You are signed out” ends with the sign-in, and what it means for the return stays",
  { answer: () => ({ body: NO_CONNECTION }), user: null, at: RETURN },
  async (it) => {
    await showsNotice(it.page, "You are signed out.");
    await it.signIn("ada");
    await showsNotice(it.page, "Google Calendar was not connected.");
    await showsStatus(it.page, "google", "none");
    match(await read(it.page), /You were signed out when you came back from Google/);
    equal((await read(it.page)).includes("You are signed out"), false);
  },
);

{
  const { state, answer } = changing({ body: GOOGLE_CONNECTED });
  panel("a 401 to Disconnect is told once, and not after the sign-in", { answer }, async (it) => {
    state.now = UNAUTHORIZED;
    await button(it.page, "Disconnect Google Calendar").click();
    await button(it.page, "Disconnect").click();
    await showsNotice(it.page, "You are signed out.");
    await shows(it.page, "Sign in to connect your calendars.");
    state.now = { body: GOOGLE_CONNECTED };
    await it.signIn("ada", "second token");
    await showsStatus(it.page, "google", "active");
    equal((await read(it.page)).includes("You are signed out"), false);
  });
}

panel(
  "the content of slot signed-out is not seen before the element is defined",
  {
    answer: () => ({ body: NO_CONNECTION }),
    user: null,
    html: (html) =>
      html.replace("</head>", `<style>${documentedStyle}</style></head>`)
        .replace("></calendar", '><form slot="signed-out">Please sign in</form></calendar')
        .replace('src="/settings.js"', ""),
  },
  async ({ page }) => {
    equal(await page.getByText("Please sign in").isVisible(), false);
    await page.addScriptTag({ type: "module", url: "/settings.js" });
    await page.getByText("Please sign in").waitFor({ state: "visible" });
  },
);

/** The rule that docs/client.md tells an app to have. */
const documentedStyle = /<style>(.*?)<\/style>/s.exec(await Deno.readTextFile("docs/client.md"))
  ?.[1] ?? "";

Deno.test("the demo page has the documented rule as well", async () => {
  const lines = documentedStyle.trim().split("\n").map((line) => line.trim());
  ok(lines.length >= 3, documentedStyle);
  const css = await Deno.readTextFile("dev/demo/page.css");
  ok(css.split("\n").map((line) => line.trim()).join("\n").includes(lines.join("\n")));
});

panel(
  "without a supabase-js client the console says what is missing",
  {
    answer: () => ({ body: NO_CONNECTION }),
    html: (html) => html.replace(/<script>document.querySelector.*?<\/script>/, ""),
  },
  async ({ page }) => {
    const { text } = await page.waitForEvent("console").then((said) => ({ text: said.text() }));
    match(text, /<calendar-settings> has no supabase-js client.*element\.supabase = supabase/);
  },
);

panel(
  "with a supabase-js client the console stays silent",
  { answer: () => ({ body: NO_CONNECTION }) },
  async ({ page }) => {
    const said: string[] = [];
    page.on("console", (message) => said.push(message.text()));
    await page.waitForTimeout(3_300);
    deepEqual(said, []);
  },
);

// --- the network ---------------------------------------------------------------------------------

{
  const { state, answer } = changing({ body: NO_CONNECTION });
  panel(
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
  panel("after a return offline the doubt stays, the claim to be offline does not", {
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
  panel(`a database that is away during ${when} is told in its own words`, {
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
  panel("what another tab changed is seen when the page is seen again", { answer }, async (it) => {
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
  });
}

{
  const { state, answer } = changing({ body: GOOGLE_CONNECTED });
  panel("a look that fails changes nothing and tells nobody", { answer }, async (it) => {
    await showsStatus(it.page, "google", "active");
    state.now = "lost";
    const [before, told] = [it.asked.length, await it.heard()];
    await it.look();
    await it.page.waitForFunction(() => true);
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
  panel("after Try again the focus is still in the panel", { answer }, async ({ page }) => {
    await button(page, "Try again").focus();
    state.now = { body: NO_CONNECTION };
    await page.keyboard.press("Enter");
    await showsStatus(page, "google", "none");
    equal(await focusedPart(page), "panel");
    await page.keyboard.press("Tab");
    equal(await focusedPart(page), "button primary");
  });
}

panel("after Dismiss the focus is still in the panel", {
  answer: () => ({ body: GOOGLE_CONNECTED }),
  at: RETURN,
}, async ({ page }) => {
  await button(page, "Dismiss").focus();
  await page.keyboard.press("Enter");
  await page.locator('[part="notice"]').waitFor({ state: "detached" });
  equal(await focusedPart(page), "panel");
});

panel("a panel that is drawn anew does not take the focus from the page", {
  answer: () => ({ body: GOOGLE_CONNECTED }),
  html: (html) => html.replace("<main>", "<main><input>"),
}, async (it) => {
  await it.page.locator("input").focus();
  await it.look();
  await showsStatus(it.page, "google", "active");
  equal(await focusedPart(it.page), "INPUT");
});

// --- answers and pages of every kind -------------------------------------------------------------

for (
  const [what, change, says] of [
    ["an unknown status", { status: "asleep" }, "asleep"],
    ["scopes that are null", { scopes: null }, "Connected"],
    ["a connection since infinity", { connected_at: "infinity" }, "Not synced yet"],
    ["a last sync at -infinity", { last_sync_at: "-infinity" }, "Since January 26, 2026"],
    ["no times at all", { connected_at: null, last_sync_at: null }, "Connected"],
    ["an unknown provider", { provider: "carrier-pigeon" }, "carrier-pigeon"],
    ["a label that is a number", { account_label: 7 }, "Connected"],
  ] as const
) {
  panel(`a connection with ${what} is shown`, {
    answer: () => ({ body: googleWith(change) }),
  }, async ({ page }) => {
    await shows(page, says);
    await button(page, "Connect Outlook Calendar").waitFor();
  });
}

for (
  const [what, change] of [
    ["no capacity", { capacity: undefined }],
    ["a capacity that is null", { capacity: null }],
    ["a capacity without a number", { capacity: { level: "default", actions_per_day: null } }],
  ] as const
) {
  panel(`a status with ${what} leaves out its line`, {
    answer: () => ({ body: { ...GOOGLE_CONNECTED, ...change } }),
  }, async ({ page }) => {
    await showsStatus(page, "google", "active");
    equal(await page.locator('[part="capacity"]').count(), 0);
  });
}

for (const lang of ["en_US", "C", "not a locale", "x", ""]) {
  panel(`on a page in lang="${lang}" the dates are still written`, {
    answer: () => ({ body: GOOGLE_CONNECTED }),
    html: (html) => html.replace('lang="en"', `lang="${lang}"`),
  }, async ({ page }) => {
    match(await row(page, "google").innerText(), /January/);
  });
}

// --- its looks -----------------------------------------------------------------------------------

panel("no line begins with a separator, however wide the panel is", {
  answer: () => ({ body: googleWith({ last_sync_at: new Date().toISOString() }) }),
}, async ({ page }) => {
  await showsStatus(page, "google", "active");
  for (let width = 240; width <= 640; width += 20) {
    await page.setViewportSize({ width, height: 700 });
    const seen = await row(page, "google").locator('[part="detail"]').evaluate((detail) => {
      const box = detail.getBoundingClientRect();
      const facts = [...detail.querySelectorAll(".facts > *")].map((each) =>
        each.getBoundingClientRect()
      );
      const em = parseFloat(getComputedStyle(detail).fontSize);
      return {
        clips: getComputedStyle(detail).overflowX,
        facts: facts.map(({ left, top }, index) => ({
          begins: index === 0 || top > facts[index - 1]!.top,
          separatorEnds: Math.round(left + em - box.left),
        })),
      };
    });
    equal(seen.clips, "clip");
    equal(seen.facts.length, 2);
    for (const { begins, separatorEnds } of seen.facts) equal(separatorEnds <= 0, begins);
  }
});

for (const [radius, expected] of [["14px", "9px"], ["6px", "6px"], ["0px", "0px"]] as const) {
  panel(`with --calendar-radius: ${radius} a button's corners are ${expected}`, {
    answer: () => ({ body: NO_CONNECTION }),
    html: (html) =>
      html.replace(
        "</head>",
        `<style>calendar-settings { --calendar-radius: ${radius} }</style></head>`,
      ),
  }, async ({ page }) => {
    const corner = await button(page, "Connect Google Calendar").evaluate((each) =>
      getComputedStyle(each).borderTopLeftRadius
    );
    equal(corner, expected);
  });
}

panel("the eye stands beside the first line of its words", {
  answer: () => ({ body: GOOGLE_CONNECTED }),
  width: 300,
}, async ({ page }) => {
  const { eye, lines } = await row(page, "google").locator('[part="permission"]').evaluate(
    (permission) => {
      const range = document.createRange();
      range.selectNodeContents(permission.querySelector("span")!);
      const lines = [...range.getClientRects()].map(({ top, bottom }) => (top + bottom) / 2);
      const { top, bottom } = permission.querySelector("svg")!.getBoundingClientRect();
      return { eye: (top + bottom) / 2, lines };
    },
  );
  ok(lines.length >= 2, "the words take two lines");
  ok(Math.abs(eye - lines[0]!) <= 2, `${eye} beside ${lines}`);
});

panel("the capacity begins where the heading does", {
  answer: () => ({ body: NO_CONNECTION }),
}, async ({ page }) => {
  const left = (part: string) =>
    page.locator(`[part="${part}"]`).evaluate((each) => {
      const range = document.createRange();
      range.selectNodeContents(each);
      return Math.round(range.getBoundingClientRect().left);
    });
  equal(await left("capacity"), await left("heading"));
});

panel("a path of two slashes does not keep the return in the address", {
  answer: () => ({ body: GOOGLE_CONNECTED }),
  at: `//${RETURN}`,
}, async ({ page }) => {
  await showsNotice(page, "Google Calendar is connected.");
  equal(page.url(), `${PAGE}//`);
});
