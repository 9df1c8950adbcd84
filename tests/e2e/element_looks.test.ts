/** What the panel makes of any answer and any page, and how it looks. */
import { equal, match, ok } from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { Alone, GOOGLE_CONNECTED, googleWith, NO_CONNECTION, PAGE, panel, shows } from "./alone.ts";
import { button, row, showsNotice, showsStatus } from "./panel.ts";

const alone = await Alone.start();
Deno.test.afterAll(() => alone.stop());

const RETURN = "#calendar_provider=google&calendar_code=c&calendar_state=s";

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
  panel(alone, `a connection with ${what} is shown`, {
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
  panel(alone, `a status with ${what} leaves out its line`, {
    answer: () => ({ body: { ...GOOGLE_CONNECTED, ...change } }),
  }, async ({ page }) => {
    await showsStatus(page, "google", "active");
    equal(await page.locator('[part="capacity"]').count(), 0);
  });
}

for (
  const [capacity, says] of [
    [{ level: "default", actions_per_day: 1 }, "1 action a day, the default, until"],
    [{ level: "busy", actions_per_day: 4 }, "4 actions a day, as your calendar leaves room"],
  ] as const
) {
  panel(alone, `the capacity says “${says}”`, {
    answer: () => ({ body: { ...GOOGLE_CONNECTED, capacity } }),
  }, async ({ page }) => {
    match(await page.locator('[part="capacity"]').innerText(), new RegExp(`^${says}`));
  });
}

panel(alone, "a connection that may change events says so", {
  answer: () => ({ body: googleWith({ scopes: ["https://www.googleapis.com/auth/calendar"] }) }),
}, ({ page }) => shows(page, "Can see and change your calendars"));

for (const lang of ["en_US", "C", "not a locale", "x", ""]) {
  panel(alone, `on a page in lang="${lang}" the dates are still written`, {
    answer: () => ({ body: GOOGLE_CONNECTED }),
    html: (html) => html.replace('lang="en"', `lang="${lang}"`),
  }, async ({ page }) => {
    match(await row(page, "google").innerText(), /January/);
  });
}

// --- its size and its looks -----------------------------------------------------------------------------------

Deno.test("the panel with Lit inside is at most 24 KB, gzipped", () => {
  const { length } = gzipSync(alone.script, { level: 9 });
  ok(length <= 24 * 1024, `${length} bytes`);
});

panel(alone, "no line begins with a separator, however wide the panel is", {
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
  panel(alone, `with --calendar-radius: ${radius} a button's corners are ${expected}`, {
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

panel(alone, "the eye stands beside the first line of its words", {
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

panel(alone, "the capacity begins where the heading does", {
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

panel(alone, "a path of two slashes does not keep the return in the address", {
  answer: () => ({ body: GOOGLE_CONNECTED }),
  at: `//${RETURN}`,
}, async ({ page }) => {
  await showsNotice(page, "Google Calendar is connected.");
  equal(page.url(), `${PAGE}//`);
});
