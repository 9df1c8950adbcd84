/** Debian's Chromium, driven by Playwright. */
import { type Browser, type BrowserContext, chromium } from "playwright-core";

const EXECUTABLES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

const SWITCHES = [
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  // A page that is left stays alive, so that Back shows it as it was.
  "--enable-features=BackForwardCache",
];

export interface Chromium {
  version: string;
  /** A browser of its own, off the record: there Chromium blocks third-party cookies. */
  newContext(options?: Parameters<Browser["newContext"]>[0]): Promise<BrowserContext>;
  stop(): Promise<void>;
}

export async function startChromium(): Promise<Chromium> {
  const browser = await chromium.launch(launchOptions());
  return {
    version: browser.version(),
    newContext: async (options = {}) => {
      const context = await browser.newContext({
        viewport: { width: 900, height: 680 },
        locale: "en-GB",
        timezoneId: "UTC",
        reducedMotion: "reduce",
        ...options,
      });
      context.setDefaultTimeout(15_000);
      return context;
    },
    stop: () => browser.close(),
  };
}

export function launchOptions() {
  return {
    executablePath: executable(),
    // Playwright turns the back-forward cache off by a switch of its own.
    ignoreDefaultArgs: ["--disable-back-forward-cache"],
    // Chromium's sandbox refuses to run as root.
    args: Deno.uid() === 0 ? [...SWITCHES, "--no-sandbox"] : SWITCHES,
  };
}

function executable(): string {
  const found = EXECUTABLES.find((path) => {
    try {
      return Deno.statSync(path).isFile;
    } catch {
      return false;
    }
  });
  if (!found) throw new Error("Chromium is not installed: apt-get install chromium");
  return found;
}
