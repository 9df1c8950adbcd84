/** Every state that a person can see, and the way there on the real stack. */
import type { BrowserContext, Page } from "playwright-core";
import { askingAlsoFor } from "../providers/person.ts";
import { PROFILE_SCOPE } from "../providers/strict.ts";
import {
  addGoogleAccount,
  button,
  connect,
  consent,
  decide,
  pressConnect,
  row,
  showsNotice,
  showsStatus,
} from "./panel.ts";
import type { ProviderName, User, World } from "./world.ts";

export interface Scene {
  world: World;
  user: User;
  page: Page;
  context: BrowserContext;
}

export interface State {
  name: string;
  /** What the panel says in this state. */
  says: string;
  reach(scene: Scene): Promise<unknown>;
}

const FUNCTION = "**/functions/v1/calendar";

export const STATES: State[] = [
  {
    name: "signed-out",
    says: "Sign in",
    reach: ({ page }) => button(page, "Sign out").click(),
  },
  {
    name: "loading",
    says: "Loading your calendars…",
    reach: async ({ page }) => {
      await hold(page, "status");
      await page.reload();
    },
  },
  { name: "none", says: "Not connected", reach: ({ page }) => showsStatus(page, "google", "none") },
  {
    name: "connecting",
    says: "Opening Google…",
    reach: async ({ page }) => {
      await hold(page, "connect/google");
      await pressConnect(page, "google");
    },
  },
  {
    name: "returning",
    says: "Finishing the connection to Outlook Calendar…",
    reach: async ({ page, world, user }) => {
      await hold(page, "callback/outlook");
      await page.goto(await world.returnAddress(user, "outlook"));
    },
  },
  {
    name: "connected",
    says: "Google Calendar is connected.",
    reach: ({ page, world }) => connect(page, world, "google"),
  },
  {
    name: "active",
    says: "Synced 3 minutes ago",
    reach: async (scene) => {
      await settled(scene, "google", { account_label: "ada.lovelace@gmail.example" });
      await settled(scene, "outlook", { account_label: "ada@analytical-engines.example" });
    },
  },
  {
    name: "several-accounts",
    says: "grace@example.test",
    reach: async (scene) => {
      await settled(scene, "google", { account_label: "ada.lovelace@gmail.example" });
      await addGoogleAccount(scene.page, scene.world, GRACE);
      await change(scene, GRACE, "status = 'expired'");
      await button(scene.page, "Reconnect grace@example.test").waitFor();
    },
  },
  {
    name: "not-up-to-date",
    says: "Google does not answer at the moment. The app tries again by itself.",
    reach: async (scene) => {
      await settled(scene, "google", {});
      await scene.world.stack.database.query(
        `update public.calendar_sync_states
          set reason = 'provider_unavailable', failing_since = now() - interval '1 day'
          where user_id = $1`,
        [scene.user.id],
      );
      await scene.page.reload();
    },
  },
  {
    name: "another-account",
    says: "You chose another account.",
    reach: async (scene) => {
      const { page, world } = scene;
      await connect(page, world, "google");
      await addGoogleAccount(page, world, GRACE);
      await change(scene, PERSON, "status = 'expired'");
      await button(page, "Reconnect person@example.test").click();
      await decide(page, world);
    },
  },
  {
    name: "too-many-accounts",
    says: "No more accounts can be connected.",
    reach: async ({ page }) => {
      await page.route(
        `${FUNCTION}/callback/google`,
        (route) =>
          route.request().method() === "OPTIONS" ? route.continue() : route.fulfill({
            status: 409,
            headers: { "access-control-allow-origin": "*" },
            json: { code: "account_limit", message: "m", request_id: "r" },
          }),
      );
      await page.goto(`${page.url()}#calendar_provider=google&calendar_code=c&calendar_state=s`);
    },
  },
  {
    name: "expired",
    says: "Access expired",
    reach: (scene) => settled(scene, "google", { status: "expired" }),
  },
  {
    name: "revoked",
    says: "Access withdrawn",
    reach: (scene) => settled(scene, "outlook", { status: "revoked" }),
  },
  {
    name: "error",
    says: "Needs attention",
    reach: (scene) => settled(scene, "google", { status: "error" }),
  },
  {
    name: "disconnect-question",
    says: "Disconnect Outlook Calendar?",
    reach: async (scene) => {
      await settled(scene, "outlook", { account_label: "ada@analytical-engines.example" });
      await button(scene.page, "Disconnect Outlook Calendar").click();
    },
  },
  {
    name: "disconnecting",
    says: "Disconnecting…",
    reach: async (scene) => {
      await settled(scene, "google", {});
      await hold(scene.page, "disconnect?connection=*");
      await button(scene.page, "Disconnect Google Calendar").click();
      await button(scene.page, "Disconnect").click();
    },
  },
  {
    name: "disconnected",
    says: "Outlook Calendar is disconnected.",
    reach: async (scene) => {
      await settled(scene, "outlook", {});
      await button(scene.page, "Disconnect Outlook Calendar").click();
      await button(scene.page, "Disconnect").click();
    },
  },
  {
    name: "consent-denied",
    says: "Google Calendar was not connected.",
    reach: async ({ page, world }) => {
      await pressConnect(page, "google");
      await consent(page, world, "Deny");
    },
  },
  {
    name: "permission-not-granted",
    says: "The calendar permission is missing.",
    reach: async ({ page, world }) => {
      await withProfileScope(page);
      await pressConnect(page, "google");
      await consent(page, world, "Allow without the calendar");
    },
  },
  {
    name: "wrong-user",
    says: "Another user started this connection.",
    reach: async ({ page, world, context }) => {
      await pressConnect(page, "google");
      await page.locator("form[data-prompt]").waitFor();
      const tab = await context.newPage();
      await tab.goto(world.settingsUrl);
      await button(tab, "Sign out").click();
      await world.signIn(tab, await world.newUser());
      await tab.close();
      await consent(page, world);
    },
  },
  {
    name: "return-used",
    says: "This return cannot be used any more.",
    reach: async ({ page, world }) => {
      await page.goto(await world.returnAddress(await world.newUser(), "google"));
    },
  },
  {
    name: "return-signed-out",
    says: "You are signed out.",
    reach: async ({ page, world, user }) => {
      const address = await world.returnAddress(user, "google");
      await button(page, "Sign out").click();
      await page.getByText("Use another account").waitFor();
      await page.goto(address);
    },
  },
  {
    name: "provider-not-configured",
    says: "This app no longer offers Google Calendar.",
    reach: async (scene) => {
      await settled(scene, "google", {});
      await offering(scene.page, ["outlook"]);
      await scene.page.reload();
    },
  },
  {
    name: "nothing-configured",
    says: "No calendar can be connected in this app yet.",
    reach: async ({ page }) => {
      await offering(page, []);
      await page.reload();
    },
  },
  {
    name: "provider-down",
    says: "Google does not answer at the moment.",
    reach: async ({ page, world }) => {
      await pressConnect(page, "google");
      world.googleTokens.on = false;
      await consent(page, world).finally(() => {});
      await showsNotice(page, "Google does not answer");
      world.googleTokens.on = true;
    },
  },
  {
    name: "function-down",
    says: "The calendar service does not answer.",
    reach: async ({ page, world }) => {
      world.fault = ({ path }) => path.startsWith("/functions/") ? { status: 503 } : undefined;
      await page.reload();
      await button(page, "Try again").waitFor();
      world.fault = () => undefined;
    },
  },
  {
    name: "offline",
    says: "You are offline.",
    reach: async ({ page, context }) => {
      await page.route(`${FUNCTION}/status`, (route) => route.abort("internetdisconnected"));
      await page.addInitScript(() => {
        Object.defineProperty(Navigator.prototype, "onLine", { get: () => false });
      });
      await page.reload();
      void context;
    },
  },
];

/** Leaves a request without an answer until the page is closed. */
async function hold(page: Page, path: string): Promise<void> {
  await page.route(`${FUNCTION}/${path}`, (route) => {
    if (route.request().method() === "OPTIONS") return route.continue();
  });
}

const PERSON = "person@example.test";
const GRACE = "grace@example.test";

/** Changes one account's connection as only later background work would. */
async function change({ page, user, world }: Scene, account: string, set: string): Promise<void> {
  await world.stack.database.query(
    `update public.calendar_connections set ${set} where user_id = $1 and account_label = $2`,
    [user.id, account],
  );
  await page.reload();
}

/** A connection that has been there for a while. */
async function settled(
  { page, world, user }: Scene,
  provider: ProviderName,
  change: Record<string, string>,
): Promise<void> {
  await connect(page, world, provider);
  await world.alter(user, provider, {
    connected_at: "2026-01-26T15:04:00Z",
    last_sync_at: new Date(Date.now() - 3 * 60_000).toISOString(),
    ...change,
  });
  await page.reload();
  await row(page, provider).getByText("Since January 26, 2026").waitFor();
}

/** The function's own answer, but for the list of configured providers. */
async function offering(page: Page, providers: ProviderName[]): Promise<void> {
  await page.route(`${FUNCTION}/status`, async (route) => {
    if (route.request().method() !== "GET") return route.continue();
    const response = await route.fetch();
    await route.fulfill({ response, json: { ...await response.json(), providers } });
  });
}

/** As when an app asks for more than the calendar: then a person can allow a part. */
export async function withProfileScope(page: Page): Promise<void> {
  await page.route("**/authorize?**", (route) =>
    route.fulfill({
      status: 303,
      headers: { location: askingAlsoFor(route.request().url(), PROFILE_SCOPE.google) },
    }), { times: 1 });
}

/** Goes to each state in a browser of its own. */
export async function visit(
  world: World,
  state: State,
  look: (scene: Scene) => Promise<void>,
): Promise<void> {
  const scene = { world, ...await world.signedIn() };
  await showsStatus(scene.page, "google", "none");
  await state.reach(scene);
  await scene.page.locator("calendar-settings").getByText(state.says).first().waitFor();
  await look(scene);
  await scene.context.close();
}
