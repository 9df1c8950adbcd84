/** Several accounts of one provider: each is named, fares by itself, and is renewed and disconnected alone. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import type { Page } from "playwright-core";
import {
  ADA,
  Alone,
  type Answer,
  type Asked,
  changing,
  GOOGLE_CONNECTION,
  GRACE,
  NO_CONNECTION,
  OLD_GOOGLE_CONNECTED,
  type Opened,
  PAGE,
  panel,
  read,
  refused,
  shows,
} from "./alone.ts";
import { button, row, showsNotice, showsStatus } from "./panel.ts";

const alone = await Alone.start();
Deno.test.afterAll(() => alone.stop());

const [ada, grace] = ["ada@example.test", "grace@work.example"];
const RETURN = "#calendar_provider=google&calendar_code=c&calendar_state=s";
const GRACES = {
  ...GOOGLE_CONNECTION,
  id: GRACE,
  account_label: grace,
  account_class: "google_workspace",
  status: "expired",
  reason: "grant_ended",
  needs_reconnect: true,
};
const ADAS = { ...GOOGLE_CONNECTION, account_label: ada, account_class: "google" };

const listing = (connections: Record<string, unknown>[], change: Record<string, unknown> = {}) => ({
  ...NO_CONNECTION,
  connected: connections.some(({ status }) => status === "active"),
  connections,
  ...change,
});
const TWO = listing([GRACES, ADAS]);
const one = (change: Record<string, unknown>) => listing([{ ...ADAS, ...change }]);

const account = (page: Page, id: string) => page.locator(`[data-connection="${id}"]`);
const detail = (it: Opened, name: string) =>
  it.page.evaluate((name) => {
    const { heardDetails } = globalThis as unknown as { heardDetails: [string, unknown][] };
    return heardDetails.filter(([heard]) => heard === name).map(([, detail]) => detail);
  }, name);

panel(alone, "each account has its address, its state and its own buttons", {
  answer: () => ({ body: TWO }),
}, async ({ page }) => {
  equal(await row(page, "google").locator("[data-connection]").count(), 2);
  match(await account(page, ADA).innerText(), /^ada@example\.test\s+Connected/);
  match(await account(page, GRACE).innerText(), /^grace@work\.example\s+Access expired/);
  match(await account(page, GRACE).innerText(), /it expired or was withdrawn\. Reconnect/);
  for (
    const name of [
      `Disconnect ${ada}`,
      `Disconnect ${grace}`,
      `Reconnect ${grace}`,
      "Add another account at Google",
      "Connect Outlook Calendar",
    ]
  ) equal(await button(page, name).count(), 1, name);
  equal(await button(page, `Reconnect ${ada}`).count(), 0);
  await showsStatus(page, "google", "active");
});

panel(alone, "Reconnect renews that connection and no other", {
  answer: ({ path }) => path === "status" ? { body: TWO } : refused("rate_limited", 429),
}, async (it) => {
  await button(it.page, `Reconnect ${grace}`).click();
  await showsNotice(it.page, "Too many attempts.");
  deepEqual(it.asked.slice(1), [`POST connect/google?connection=${GRACE}`]);
  deepEqual(await detail(it, "connecting"), [{ provider: "google", connection: GRACE }]);
  const [error] = await detail(it, "error") as { connection: string; provider: string }[];
  deepEqual([error?.provider, error?.connection], ["google", GRACE]);
});

panel(alone, "Add another account renews none", {
  answer: ({ path }) => path === "status" ? { body: TWO } : refused("rate_limited", 429),
}, async (it) => {
  await button(it.page, "Add another account at Google").click();
  await showsNotice(it.page, "Too many attempts.");
  deepEqual(it.asked.slice(1), ["POST connect/google"]);
  deepEqual(await detail(it, "connecting"), [{ provider: "google", connection: null }]);
});

panel(alone, "only the button that was pressed says that it is opening Google", {
  answer: ({ path }) => path === "status" ? { body: TWO } : new Promise(() => {}),
}, async ({ page }) => {
  await button(page, `Reconnect ${grace}`).click();
  await button(page, "Opening Google…").waitFor();
  equal(await button(page, "Opening Google…").count(), 1);
  equal(await account(page, GRACE).getByText("Opening Google…").count(), 1);
  equal(await button(page, "Add another account at Google").getAttribute("aria-disabled"), "true");
});

{
  let gone = false;
  const answer = ({ method }: Asked): Answer => {
    if (method === "DELETE") gone = true;
    const status = gone ? listing([GRACES]) : TWO;
    const manage_url = "https://myaccount.google.com/connections";
    const revocation = { connection: ADA, provider: "google", state: "queued", manage_url };
    return { body: { ...status, disconnected: ["google"], revocations: [revocation] } };
  };
  panel(alone, "Disconnect ends one account, says which, and what happens at Google", {
    answer,
  }, async (it) => {
    const { page } = it;
    await button(page, `Disconnect ${ada}`).click();
    const question = page.getByRole("group", { name: `Disconnect ${ada}?` });
    match(await question.innerText(), /Google may then ask for your consent again/);
    equal(await account(page, GRACE).getByRole("group").count(), 0);
    await button(page, "Disconnect").click();
    await showsNotice(page, `${ada} is disconnected.`);
    match(await read(page), /destroyed, and Google is asked to withdraw the access as well/);
    deepEqual(it.asked.slice(1), [`DELETE disconnect?connection=${ADA}`]);
    equal(await account(page, ADA).count(), 0);
    await button(page, "Reconnect Google Calendar").waitFor();
    const [told] = await detail(it, "disconnected") as { provider: string; connection: string }[];
    deepEqual([told?.provider, told?.connection], ["google", ADA]);
    equal(
      await page.evaluate(() =>
        document.activeElement?.shadowRoot?.activeElement?.getAttribute("aria-label")
      ),
      "Reconnect Google Calendar",
    );
  });
}

for (
  const [state, words] of [
    ["queued", /Microsoft is asked to withdraw the access as well/],
    ["not_supported", /At Microsoft only you can withdraw your consent/],
    ["off", /You can also withdraw your consent here/],
    ["of_a_newer_function", /You can also withdraw your consent here/],
    [undefined, /You can also withdraw your consent here/],
  ] as const
) {
  const outlook = { ...ADAS, provider: "outlook", account_class: "personal" };
  const revocations = state && [{ connection: ADA, provider: "outlook", state }];
  panel(alone, `a revocation that is ${state} is told as that`, {
    answer: ({ method }) => ({
      body: method === "DELETE"
        ? { ...listing([]), disconnected: ["outlook"], revocations }
        : listing([outlook]),
    }),
  }, async ({ page }) => {
    await button(page, "Disconnect Outlook Calendar").click();
    await button(page, "Disconnect").click();
    await showsNotice(page, "Outlook Calendar is disconnected.");
    match(await page.locator('[part="notice-remedy"]').innerText(), words);
    deepEqual(
      await page.locator('[part="notice"] a').evaluateAll((all) =>
        all.map((link) => link.getAttribute("href"))
      ),
      ["https://account.live.com/consent/Manage"],
    );
  });
}

// --- what keeps an account from being read -------------------------------------------------------

for (
  const [change, badge, words, reconnect] of [
    [{}, "Connected", /Can see your calendars/, false],
    [{ reason: "provider_unavailable" }, "Not up to date", /Google does not answer/, false],
    [{ reason: "throttled" }, "Not up to date", /Google asks this app to wait/, false],
    [{ reason: "no_mailbox" }, "Not up to date", /has no calendar/, false],
    [{ reason: "operator" }, "Not up to date", /contact this app’s support/, false],
    [{ reason: "key_missing" }, "Not up to date", /you can also reconnect/, true],
    [
      { reason: "scope_missing", needs_reconnect: true },
      "Needs attention",
      /leave the box for your calendars ticked/,
      true,
    ],
    [
      { status: "expired", reason: "sign_in_again", needs_reconnect: true },
      "Access expired",
      /asks you to sign in again/,
      true,
    ],
    [{ status: "expired" }, "Access expired", /has expired\. Reconnect to continue/, true],
    [{ reason: "of_a_newer_function" }, "Not up to date", /cannot be read at the moment/, false],
    [{ needs_reconnect: true }, "Needs attention", /cannot be read at the moment/, true],
  ] as const
) {
  panel(alone, `${JSON.stringify(change)} says “${badge}” and what to do`, {
    answer: () => ({ body: one(change) }),
  }, async ({ page }) => {
    const words_ = await account(page, ADA).innerText();
    ok(words_.includes(badge), words_);
    match(words_, words);
    equal(await button(page, "Reconnect Google Calendar").count(), reconnect ? 1 : 0);
  });
}

const inMinutes = (minutes: number) =>
  new Date(Date.now() + minutes * 60_000 + 5_000).toISOString();

panel(alone, "the next attempt and the end of the access are told", {
  answer: () => ({
    body: one({
      reason: "throttled",
      next_sync_at: inMinutes(5),
      grant_expires_at: inMinutes(3 * 24 * 60),
    }),
  }),
}, async ({ page }) => {
  await shows(page, "Next attempt in 5 minutes");
  await shows(page, "Access ends on");
});

panel(alone, "what needs no attention is not told", {
  answer: () => ({
    body: one({
      next_sync_at: inMinutes(5),
      grant_expires_at: inMinutes(30 * 24 * 60),
    }),
  }),
}, async ({ page }) => {
  const words = await account(page, ADA).innerText();
  equal(/Next attempt|Access ends/.test(words), false, words);
});

for (
  const [sync, words] of [
    [{ healthy: true, last_run_at: null }, null],
    [{ healthy: null, last_run_at: null }, null],
    [{ healthy: false, last_run_at: null }, "This app does not read calendars at the moment."],
    [
      { healthy: false, last_run_at: new Date(Date.now() - 7_200_000).toISOString() },
      "This app last read calendars 2 hours ago.",
    ],
  ] as const
) {
  panel(alone, `sync ${JSON.stringify(sync)} ${words ? "is told" : "is not told"}`, {
    answer: () => ({ body: listing([ADAS], { sync }) }),
  }, async ({ page }) => {
    await showsStatus(page, "google", "active");
    equal(await page.locator('[part="paused"]').count(), words ? 1 : 0);
    if (words) await shows(page, words);
  });
}

// --- returns -------------------------------------------------------------------------------------

const MISMATCH = { code: "account_mismatch", message: "m", request_id: "r" };

for (
  const [actual, words] of [
    ["eve@example.test", /Reconnect with grace@work\.example, or add eve@example\.test as another/],
    [ada, /so nothing was stored\. Reconnect and choose grace@work\.example\.$/],
  ] as const
) {
  panel(alone, `${actual} instead of the account to renew: both are named`, {
    answer: ({ path }) =>
      path === "status" ? { body: TWO } : {
        status: 409,
        body: { ...MISMATCH, expected_label: grace, actual_label: actual },
      },
    at: RETURN,
  }, async ({ page }) => {
    await showsNotice(page, "You chose another account.");
    const told = await page.locator('[part="notice-remedy"]').innerText();
    ok(told.startsWith(`You chose ${actual}, but this connection belongs to ${grace}`), told);
    match(told, words);
  });
}

panel(alone, "another account, by redirect: the account to renew is named", {
  answer: () => ({ body: TWO }),
  at: `?connected=error&reason=account_mismatch&provider=google&connection=${GRACE}`,
}, async ({ page }) => {
  await showsNotice(page, "You chose another account.");
  match(await read(page), /Reconnect grace@work\.example with the account that it belongs to/);
  equal(page.url(), PAGE);
});

panel(alone, "one account too many", {
  answer: ({ path }) => path === "status" ? { body: TWO } : refused("account_limit", 409),
  at: RETURN,
}, async ({ page }) => {
  await showsNotice(page, "No more accounts can be connected.");
  match(await read(page), /limits how many accounts of Google/);
});

panel(alone, "a second account's return names it, and the event says which connection it is", {
  answer: ({ path }) => ({
    body: path.startsWith("callback/") ? listing([{ ...GRACES, status: "active" }, ADAS]) : TWO,
  }),
  at: RETURN,
}, async (it) => {
  await showsNotice(it.page, `${grace} is connected.`);
  const [told] = await detail(it, "connected") as { connection: string }[];
  equal(told?.connection, GRACE);
});

{
  const { state, answer } = changing({ body: TWO });
  panel(alone, "an account that another tab disconnected is told so, and leaves the list", {
    answer: (asked) => asked.path.startsWith("connect/") ? refused("not_found", 404) : answer(),
  }, async ({ page }) => {
    await showsStatus(page, "google", "active");
    state.now = { body: listing([ADAS]) };
    await button(page, `Reconnect ${grace}`).click();
    await showsNotice(page, "This account is no longer connected.");
    await account(page, GRACE).waitFor({ state: "detached" });
  });
}

// --- order, room and older functions -------------------------------------------------------------

{
  const { state, answer } = changing({ body: TWO });
  panel(alone, "accounts keep their places and the focus its account, whichever is newest", {
    answer,
  }, async (it) => {
    const order = () =>
      it.page.locator("[data-connection]").evaluateAll((all) =>
        all.map((each) => each.getAttribute("data-connection"))
      );
    await showsStatus(it.page, "google", "active");
    deepEqual(await order(), [ADA, GRACE]);
    await button(it.page, `Disconnect ${grace}`).focus();
    const eve = {
      ...ADAS,
      id: "0198a0c4-0000-7000-8000-0000000000ee",
      account_label: "eve@a.test",
    };
    state.now = { body: listing([eve, ADAS, GRACES]) };
    await it.look();
    await account(it.page, eve.id).waitFor();
    deepEqual(await order(), [ADA, eve.id, GRACE]);
    equal(
      await it.page.evaluate(() =>
        document.activeElement?.shadowRoot?.activeElement?.getAttribute("aria-label")
      ),
      `Disconnect ${grace}`,
    );
  });
}

for (
  const [what, change, offered] of [
    ["room for more", { accounts_per_provider: 3 }, true],
    ["no room", { accounts_per_provider: 2 }, false],
    ["a function that does not say", { accounts_per_provider: undefined }, false],
    ["a provider that is no longer configured", { providers: ["outlook"] }, false],
  ] as const
) {
  panel(alone, `with ${what} another account is ${offered ? "" : "not "}offered`, {
    answer: () => ({ body: listing([GRACES, ADAS], change) }),
  }, async ({ page }) => {
    await showsStatus(page, "google", "active");
    equal(await button(page, "Add another account at Google").count(), offered ? 1 : 0);
  });
}

panel(alone, "with an older function everything works by the provider's name", {
  answer: ({ method, path }) => {
    if (method === "DELETE") return { body: { ...listing([]), disconnected: ["google"] } };
    return path === "status"
      ? {
        body: {
          ...OLD_GOOGLE_CONNECTED,
          connections: [{ ...OLD_GOOGLE_CONNECTED.connections[0], status: "expired" }],
        },
      }
      : refused("rate_limited", 429);
  },
}, async (it) => {
  await button(it.page, "Reconnect Google Calendar").click();
  await showsNotice(it.page, "Too many attempts.");
  await button(it.page, "Disconnect Google Calendar").click();
  await button(it.page, "Disconnect").click();
  await showsNotice(it.page, "Google Calendar is disconnected.");
  deepEqual(it.asked.slice(1), ["POST connect/google", "DELETE disconnect?provider=google"]);
});

panel(alone, "an account without an address has a name among several", {
  answer: () => ({ body: listing([{ ...GRACES, account_label: null }, ADAS]) }),
}, async ({ page }) => {
  match(await account(page, GRACE).innerText(), /^Account with an unknown address/);
  await button(page, "Disconnect Account with an unknown address").waitFor();
});
