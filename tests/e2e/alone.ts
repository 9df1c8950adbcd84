/**
 * The built panel alone in Chromium: a page with one script, and a supabase-js client and a function
 * that the test plays itself. What only the panel decides is tried here without a stack, and so are
 * answers that today's function does not give.
 */
import type { BrowserContext, Page } from "playwright-core";
import { GOOGLE_CONNECTED } from "../../app/client/page_for_tests.ts";
import { type Chromium, startChromium } from "./chromium.ts";
import { buildLibrary } from "./library.ts";

export {
  ADA,
  GOOGLE_CONNECTED,
  GOOGLE_CONNECTION,
  GRACE,
  NO_CONNECTION,
  OLD_GOOGLE_CONNECTED,
} from "../../app/client/page_for_tests.ts";

export const PAGE = "https://app.example/app/settings";

/** A request of the panel. */
export interface Asked {
  method: string;
  path: string;
  body?: Record<string, string>;
}

/** The function's answer, or `lost`: the network ends the request. */
export type Answer = { status?: number; body: unknown } | "lost";

export interface Opened extends AsyncDisposable {
  page: Page;
  context: BrowserContext;
  /** Every request so far, as `GET status`. */
  asked: string[];
  /** What the panel told the page, as `calendar-status`, oldest first. */
  heard(): Promise<string[]>;
  /** supabase-js says that this user is signed in, with this access token; `null`: nobody is. */
  signIn(user: string | null, token?: string): Promise<void>;
  /** The page is seen again after another tab was. */
  look(): Promise<void>;
}

export interface OpenOptions {
  answer: (asked: Asked) => Answer | Promise<Answer>;
  /** Behind the page's address: a return, say. */
  at?: string;
  user?: string | null;
  /** Replaces parts of the page. */
  html?: (html: string) => string;
  width?: number;
}

export class Alone {
  private constructor(
    readonly chromium: Chromium,
    /** What apps without a bundler serve: the panel with Lit inside. */
    readonly script: string,
  ) {}

  static async start(): Promise<Alone> {
    const library = await buildLibrary();
    const script = await library.read("settings.js");
    await library.remove();
    return new Alone(await startChromium(), script);
  }

  async stop(): Promise<void> {
    await this.chromium.stop();
  }

  async open(
    { answer, at = "", user = "ada", html = (same) => same, width = 900 }: OpenOptions,
  ): Promise<Opened> {
    const context = await this.chromium.newContext({ viewport: { width, height: 700 } });
    context.setDefaultTimeout(5_000);
    const page = await context.newPage();
    const asked: string[] = [];
    await page.exposeFunction("askedOfTheFunction", (call: Asked) => {
      asked.push(`${call.method} ${call.path}`);
      return answer(call);
    });
    await page.route("https://app.example/**", (route) => {
      const isScript = route.request().url().endsWith("/settings.js");
      return route.fulfill(
        isScript
          ? { contentType: "text/javascript", body: this.script }
          : { contentType: "text/html", body: html(htmlFor(user)) },
      );
    });
    await page.goto(PAGE + at);
    const opened: Opened = {
      page,
      context,
      asked,
      heard: () => page.evaluate(() => (globalThis as unknown as { heard: string[] }).heard),
      signIn: (id, token = `token of ${id}`) =>
        page.evaluate(
          ([id, token]) =>
            (globalThis as unknown as Record<string, (...words: unknown[]) => void>)
              .signIn!(id, token),
          [id, token],
        ),
      look: () =>
        page.evaluate(() => {
          document.dispatchEvent(new Event("visibilitychange"));
        }),
      [Symbol.asyncDispose]: () => context.close(),
    };
    return opened;
  }
}

/** Opens the page and closes it after `look`. */
export function panel(
  alone: Alone,
  name: string,
  options: OpenOptions,
  look: (opened: Opened) => Promise<void>,
): void {
  Deno.test(name, async () => {
    await using opened = await alone.open(options);
    await look(opened);
  });
}

/** What can be read on the panel now; what only a screen reader says is not part of it. */
export function read(page: Page): Promise<string> {
  return page.locator("calendar-settings").evaluate((panel) =>
    [...panel.shadowRoot!.querySelectorAll<HTMLElement>("section > :not(.unseen)")]
      .map((part) => part.innerText).join("\n")
  );
}

export function shows(page: Page, words: string): Promise<void> {
  return page.locator("calendar-settings").getByText(words).first().waitFor();
}

/** Answers `state.now`, which the test changes on its way. */
export function changing(now: Answer): { state: { now: Answer }; answer: () => Answer } {
  const state = { now };
  return { state, answer: () => state.now };
}

/** An answer with which the function refuses. */
export function refused(code: string, status: number): Answer {
  return { status, body: { code, message: `refused: ${code}`, request_id: "request-1" } };
}

/** The status of one Google connection that has these members besides or instead. */
export function googleWith(change: Record<string, unknown>): Record<string, unknown> {
  return {
    ...GOOGLE_CONNECTED,
    connections: [{ ...GOOGLE_CONNECTED.connections[0], ...change }],
  };
}

const htmlFor = (user: string | null) =>
  `<!doctype html>
<html lang="en">
  <head>
    <meta name="color-scheme" content="light dark">
    <title>Settings</title>
    <script>
      var heard = [];
      var heardDetails = [];
      for (const name of ["connecting", "connected", "disconnected", "error", "status"]) {
        document.addEventListener("calendar-" + name, ({ detail }) => {
          heard.push("calendar-" + name);
          heardDetails.push([name, detail]);
        });
      }
      const sessionOf = (id, token) => id && { access_token: token, user: { id } };
      let session = sessionOf(${JSON.stringify(user)}, "first token");
      const listeners = new Set();
      const supabase = {
        auth: {
          getSession: async () => ({ data: { session }, error: null }),
          onAuthStateChange(listener) {
            listeners.add(listener);
            queueMicrotask(() => listener("INITIAL_SESSION", session));
            return { data: { subscription: { unsubscribe: () => listeners.delete(listener) } } };
          },
        },
        functions: {
          async invoke(path, { method, body }) {
            path = path.replace(/^calendar./, "");
            const answer = await askedOfTheFunction({ method, path, body });
            if (answer === "lost") return { data: null, error: new TypeError("lost") };
            const { status = 200, body: json } = answer;
            if (status === 200) return { data: json, error: null };
            return { data: null, error: { context: Response.json(json, { status }) } };
          },
        },
      };
      function signIn(id, token) {
        session = sessionOf(id, token);
        for (const listener of listeners) listener(id ? "SIGNED_IN" : "SIGNED_OUT", session);
      }
    </script>
    <script type="module" src="/settings.js"></script>
  </head>
  <body>
    <main>
      <h1>Settings</h1>
      <calendar-settings></calendar-settings>
    </main>
    <script>document.querySelector("calendar-settings").supabase = supabase;</script>
  </body>
</html>`;
