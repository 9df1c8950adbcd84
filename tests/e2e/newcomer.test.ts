/** `make start` for somebody who has read nothing: the printed address, and only buttons from there. */
import { equal, match, ok } from "node:assert/strict";
import type { Page } from "playwright-core";
import { startChromium } from "./chromium.ts";
import { showsNotice, showsStatus } from "./panel.ts";

Deno.test("from the printed address both calendars are connected by the obvious buttons", async () => {
  await using started = await start();
  const chromium = await startChromium();
  const page = await (await chromium.newContext()).newPage();
  try {
    await page.goto(started.address);
    await page.getByRole("button", { name: /^Continue as / }).click();
    for (const name of ["Google Calendar", "Outlook Calendar"]) {
      await page.getByRole("button", { name: `Connect ${name}` }).click();
      await allow(page);
      await showsNotice(page, `${name} is connected.`);
      equal(page.url(), started.address);
    }
    await page.reload();
    await showsStatus(page, "google", "active");
    await showsStatus(page, "outlook", "active");
  } finally {
    await chromium.stop();
  }
});

/** The first button of the provider's page, whatever it is called, until the app's page is back. */
async function allow(page: Page): Promise<void> {
  await page.waitForURL((url) => url.pathname !== "/app/settings");
  match(await page.locator("body").innerText(), /calendar/i);
  await page.locator("form button").first().click();
  await page.waitForURL("**/app/settings");
}

/** Runs what `make start` runs, up to the line that tells where to go. */
async function start(): Promise<{ address: string } & AsyncDisposable> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "dev/start.ts"],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let said = "";
  let address: string | undefined;
  while (address === undefined) {
    const { value, done } = await reader.read();
    ok(!done, `the stack ended before it was ready:\n${said}`);
    said += value;
    address = /Settings page\s+(http\S+)\n/.exec(said)?.[1];
  }
  return {
    address,
    async [Symbol.asyncDispose]() {
      child.kill("SIGINT");
      while (!(await reader.read()).done);
      await child.status;
    },
  };
}
