/**
 * The real stack with a person before it: Postgres, Supabase Lite, the function, the Settings page by
 * Vite, a strict authorization server behind either provider name, and Chromium. App and API are on
 * different sites, and third-party cookies are blocked, as in the strictest of today's browsers.
 */
import type { BrowserContext, Page } from "playwright-core";
import { type Call, type Fault, type Stack, startStack } from "../../dev/mod.ts";
import { authorize, type Person as Consenting } from "../providers/person.ts";
import {
  type ProviderName,
  startStrictProvider,
  type StrictProvider,
} from "../providers/strict.ts";
import { type Chromium, startChromium } from "./chromium.ts";
import { type Front, startFront } from "./front.ts";
import { type Switch, switchBefore } from "./switch.ts";

export type { ProviderName };

export const PASSWORD = "a password of a test";
export const CLIENTS = {
  google: { clientId: "google-test-client", clientSecret: "google-client-secret-not-real" },
  outlook: { clientId: "outlook-test-client", clientSecret: "outlook-client-secret-not-real" },
};

export interface User {
  id: string;
  email: string;
  token: string;
  refreshToken: string;
}

export interface WorldOptions {
  /** Serves the function under the app's own domain as well, and has the providers return there. */
  ownDomain?: boolean;
  /** Variables for the function over the world's own; an empty text takes one away. */
  env?: Record<string, string>;
}

export class World {
  fault: (call: Call) => Fault | undefined = () => undefined;

  private constructor(
    readonly stack: Stack,
    readonly chromium: Chromium,
    readonly providers: Record<ProviderName, StrictProvider>,
    /** Stands before Google's token endpoint and can be turned off. */
    readonly googleTokens: Switch,
    /** Before the Settings page's server. */
    readonly front: Front,
  ) {}

  static async open({ env = {}, ownDomain = false }: WorldOptions = {}): Promise<World> {
    const google = await startStrictProvider("google");
    const outlook = await startStrictProvider("outlook");
    const googleTokens = switchBefore(google.tokenEndpoint);
    const front = startFront();
    const late: { world?: World } = {};
    const stack = await startStack({
      page: true,
      demo: { email: "demo@example.test", password: PASSWORD },
      env: ({ callbackUrl, settingsUrl, url }) => {
        const page = new URL(settingsUrl).origin;
        front.forwardTo(({ pathname, search }) =>
          ownDomain && pathname.startsWith("/api/calendar/")
            ? url + pathname.replace(/^\/api/, "/functions/v1") + search
            : page + pathname + search
        );
        const redirectUrl = ownDomain ? `${front.origin}/api/calendar/callback` : callbackUrl;
        for (const provider of [google, outlook]) {
          const redirectUris = [`${redirectUrl}/${provider.name}`];
          provider.register({ ...CLIENTS[provider.name], redirectUris });
        }
        return {
          GOOGLE_CLIENT_ID: CLIENTS.google.clientId,
          GOOGLE_CLIENT_SECRET: CLIENTS.google.clientSecret,
          OUTLOOK_CLIENT_ID: CLIENTS.outlook.clientId,
          OUTLOOK_CLIENT_SECRET: CLIENTS.outlook.clientSecret,
          ...google.environment(),
          ...outlook.environment(),
          GOOGLE_TOKEN_ENDPOINT: googleTokens.url,
          CALENDAR_SETTINGS_URL: `${front.origin}/app/settings`,
          CALENDAR_ALLOWED_ORIGINS: front.origin,
          CALENDAR_REDIRECT_URL: redirectUrl,
          ...env,
        };
      },
      hooks: { fault: (call) => late.world?.fault(call) },
    });
    // PGlite's initdb leaves its own exit code behind, which would fail whatever test runs first.
    Deno.exitCode = 0;
    const chromium = await startChromium();
    return late.world = new World(stack, chromium, { google, outlook }, googleTokens, front);
  }

  async close(): Promise<void> {
    await this.chromium.stop();
    await this.stack.stop();
    await this.googleTokens.stop();
    await this.front.stop();
    for (const provider of Object.values(this.providers)) await provider.stop();
  }

  get settingsUrl(): string {
    return this.stack.env.CALENDAR_SETTINGS_URL!;
  }

  async newUser(): Promise<User> {
    const email = `person-${crypto.randomUUID().slice(0, 8)}@example.test`;
    const { id, accessToken: token, refreshToken } = await this.stack.createUser(email, PASSWORD);
    return { id, email, token, refreshToken };
  }

  /** A browser of a person's own: no cookies, no storage, nobody signed in unless told. */
  async newBrowser(user?: User): Promise<{ context: BrowserContext; page: Page }> {
    const context = await this.chromium.newContext(
      user ? { storageState: sessionOf(user, this) } : {},
    );
    return { context, page: await context.newPage() };
  }

  /** A new user in a browser of their own, signed in on the Settings page. */
  async signedIn(): Promise<{ user: User; page: Page; context: BrowserContext }> {
    const user = await this.newUser();
    const browser = await this.newBrowser(user);
    await browser.page.goto(this.settingsUrl);
    await browser.page.getByText(user.email).waitFor();
    return { user, ...browser };
  }

  async signIn(page: Page, { email }: { email: string }): Promise<void> {
    await this.submitCredentials(page, email, "Sign in");
    await page.getByText(email).waitFor();
  }

  async submitCredentials(page: Page, email: string, button: string): Promise<void> {
    await page.getByText("Use another account").click();
    await page.getByLabel("E-mail").fill(email);
    await page.getByLabel("Password").fill(PASSWORD);
    await page.getByRole("button", { name: button }).click();
  }

  /** Connects without a browser, up to the address of the app's page that the relay sends one to. */
  async returnAddress(user: User, name: ProviderName, person: Consenting = {}): Promise<string> {
    const { functionUrl } = this.stack;
    const headers = { authorization: `Bearer ${user.token}` };
    const start = await fetch(`${functionUrl}/connect/${name}`, { method: "POST", headers });
    const { authorization_url } = await start.json();
    const callback = await authorize(authorization_url, person);
    const relay = await fetch(callback, { redirect: "manual" });
    await relay.body?.cancel();
    return relay.headers.get("location") ?? "";
  }

  /** The user's rows, oldest provider name first, and the app's own flag. */
  async stored(user: { id: string }) {
    const connections = await this.stack.database.query<{ provider: string; status: string }>(
      "select provider, status from public.calendar_connections where user_id = $1 order by 1",
      [user.id],
    );
    const [row] = await this.stack.database.query<{ calendar_connected: boolean }>(
      "select calendar_connected from public.users where id = $1",
      [user.id],
    );
    return {
      providers: connections.map(({ provider }) => provider),
      connected: row?.calendar_connected,
    };
  }

  /** Changes a connection as only later background work would. */
  async alter(user: User, provider: ProviderName, change: Record<string, string>): Promise<void> {
    const { last_sync_at: readAt, ...columns } = change;
    const set = async (table: string, values: Record<string, string>) => {
      const list = Object.keys(values).map((name, index) => `${name} = $${index + 3}`).join(", ");
      await this.stack.database.query(
        `update public.${table} set ${list} where user_id = $1 and provider = $2`,
        [user.id, provider, ...Object.values(values)],
      );
    };
    if (Object.keys(columns).length > 0) await set("calendar_connections", columns);
    if (readAt !== undefined) await set("calendar_sync_states", { last_ok_at: readAt });
  }

  /** Everything the token endpoints were asked. */
  get tokenRequests(): number {
    return Object.values(this.providers).reduce((sum, each) => sum + each.tokenRequests.length, 0);
  }
}

/** What supabase-js keeps of a session, so that not every test goes through the sign-in form. */
function sessionOf({ id, email, token, refreshToken }: User, { front, stack }: World) {
  const value = JSON.stringify({
    access_token: token,
    refresh_token: refreshToken,
    token_type: "bearer",
    expires_in: 3600,
    expires_at: Math.floor(Date.now() / 1000) + 3600,
    user: { id, email, aud: "authenticated" },
  });
  return {
    cookies: [],
    origins: [{ origin: front.origin, localStorage: [{ name: stack.sessionCookie, value }] }],
  };
}
