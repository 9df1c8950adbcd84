/** Where a user sees and withdraws consent at the provider itself. */
import { html, nothing } from "lit";
import type { ProviderName, Revocation } from "../client/contract.ts";
import type { Say, TextName } from "./texts.ts";

interface ConsentPage {
  provider: ProviderName;
  text: TextName;
  href: string;
  /** The classes of account it is for. */
  classes: readonly string[];
}

export const CONSENT_PAGES: readonly ConsentPage[] = [
  {
    provider: "google",
    text: "google.consent",
    href: "https://myaccount.google.com/connections",
    classes: ["google", "google_workspace"],
  },
  {
    provider: "outlook",
    text: "outlook.consent.personal",
    href: "https://account.live.com/consent/Manage",
    classes: ["personal"],
  },
  {
    provider: "outlook",
    text: "outlook.consent.work",
    href: "https://myapps.microsoft.com",
    classes: ["work"],
  },
];

/** The page for this class of account; where the class is unknown, all of the provider's pages. */
export function consentPages(
  provider: ProviderName | null,
  accountClass: string | null,
  revocation: Revocation | null = null,
): Pick<ConsentPage, "text" | "href">[] {
  const pages = CONSENT_PAGES.filter((page) => page.provider === provider);
  const fitting = pages.filter(({ classes }) => classes.includes(accountClass ?? ""));
  if (fitting.length > 0) return fitting;
  const href = revocation?.manage_url;
  return pages.length === 0 && href ? [{ text: "any.consent", href }] : pages;
}

export function consentLinks(pages: Pick<ConsentPage, "text" | "href">[], say: Say) {
  if (pages.length === 0) return nothing;
  const links = pages.map(({ text, href }) =>
    html`<a href=${href} target="_blank" rel="noopener noreferrer">${say(text)}<span
          class="unseen"> ${say("new_tab")}</span></a>`
  );
  return html`<span class="links">${links}</span>`;
}
