/** What a person sees and presses: the settings panel and the provider's pages. */
import type { Locator, Page } from "playwright-core";
import type { ProviderName, World } from "./world.ts";

const NAMES = { google: "Google Calendar", outlook: "Outlook Calendar" };

export function row(page: Page, provider: ProviderName): Locator {
  return page.locator(`[data-provider="${provider}"]`);
}

export function button(page: Page, name: string): Locator {
  return page.getByRole("button", { name, exact: true });
}

export async function pressConnect(page: Page, provider: ProviderName): Promise<void> {
  await button(page, `Connect ${NAMES[provider]}`).click();
}

export async function showsStatus(
  page: Page,
  provider: ProviderName,
  status: "none" | "active" | "expired" | "revoked" | "error",
): Promise<void> {
  await page.locator(`[data-provider="${provider}"][data-status="${status}"]`).waitFor();
}

export async function showsNotice(page: Page, title: string): Promise<void> {
  await page.locator('[part="notice-title"]', { hasText: title }).waitFor();
}

/** At the provider: chooses the account, then decides. */
export async function consent(
  page: Page,
  world: World,
  decision: "Allow" | "Deny" | "Allow without the calendar" = "Allow",
  account?: string,
): Promise<void> {
  await page.locator('form[data-prompt="login"], form[data-prompt="select_account"]').waitFor();
  if (account !== undefined) await page.getByLabel("Account").fill(account);
  await button(page, "Allow").click();
  await decide(page, world, decision);
}

/** At the provider once more, for an account that it knows: only decides. */
export async function decide(
  page: Page,
  world: World,
  decision: "Allow" | "Deny" | "Allow without the calendar" = "Allow",
): Promise<void> {
  await page.locator('form[data-prompt="consent"]').waitFor();
  if (decision === "Allow without the calendar") {
    await page.locator('input[value*="alendar"]').uncheck();
  }
  await button(page, decision === "Deny" ? "Deny" : "Allow").click();
  await page.waitForURL((url) => url.origin === new URL(world.settingsUrl).origin);
}

/** A person whom the provider does not know in this browser adds an account. */
export async function addGoogleAccount(page: Page, world: World, account: string): Promise<void> {
  await page.context().clearCookies({
    domain: new URL(world.providers.google.tokenEndpoint).hostname,
  });
  await button(page, "Add another account at Google").click();
  await consent(page, world, "Allow", account);
  await showsNotice(page, `${account} is connected.`);
}

export async function connect(page: Page, world: World, provider: ProviderName): Promise<void> {
  await pressConnect(page, provider);
  await consent(page, world);
  await showsStatus(page, provider, "active");
}
