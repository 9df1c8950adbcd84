/** A person with several accounts of one provider, in a real browser on the real stack. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import {
  addGoogleAccount,
  button,
  consent,
  decide,
  pressConnect,
  row,
  showsNotice,
  showsStatus,
} from "./panel.ts";
import { type User, World } from "./world.ts";

const world = await World.open({ env: { CALENDAR_ACCOUNTS_PER_PROVIDER: "2" } });
Deno.test.afterAll(() => world.close());

const [ada, grace, eve] = ["ada@home.test", "grace@example.test", "eve@example.test"];
const ADD = "Add another account at Google";

Deno.test("two Google accounts are connected, one is disconnected, and the other stays", async () => {
  const { page, user, context } = await connectedTwice();
  deepEqual(await labels(user), [ada, grace]);
  for (const name of [ada, grace]) await button(page, `Disconnect ${name}`).waitFor();
  equal(await button(page, ADD).count(), 0, "two accounts are the limit here");

  await button(page, `Disconnect ${ada}`).click();
  await button(page, "Disconnect").click();
  await showsNotice(page, `${ada} is disconnected.`);
  match(await page.locator('[part="notice-remedy"]').innerText(), /Our copy of the access is/);
  deepEqual(await labels(user), [grace]);
  deepEqual((await world.stored(user)).connected, true);
  await button(page, ADD).waitFor();
  await context.close();
});

Deno.test("an account that is connected already is renewed, not added", async () => {
  const { page, user, context } = await world.signedIn();
  await pressConnect(page, "google");
  await consent(page, world, "Allow", ada);
  await showsStatus(page, "google", "active");
  const before = await ids(user);
  await button(page, ADD).click();
  await consent(page, world, "Allow", ada);
  await showsNotice(page, "Google Calendar is connected.");
  deepEqual(await ids(user), before);
  await context.close();
});

Deno.test("Reconnect renews the account that it names", async () => {
  const { page, user, context } = await connectedTwice();
  const before = await ids(user);
  await expire(user, grace);
  await page.reload();
  await button(page, `Reconnect ${grace}`).click();
  await decide(page, world);
  await showsNotice(page, `${grace} is connected.`);
  equal(await button(page, `Reconnect ${grace}`).count(), 0);
  deepEqual(await ids(user), before);
  await context.close();
});

Deno.test("another account than the one to renew is refused, and both are named", async () => {
  const { page, user, context } = await connectedTwice();
  await expire(user, ada);
  await page.reload();
  // The provider still knows the account of the last sign-in, which is the other one.
  await button(page, `Reconnect ${ada}`).click();
  await decide(page, world);
  await showsNotice(page, "You chose another account.");
  match(
    await page.locator('[part="notice-remedy"]').innerText(),
    new RegExp(
      `${grace}, but this connection belongs to ${ada}, .* Reconnect and choose ${ada}\\.$`,
    ),
  );
  await button(page, `Reconnect ${ada}`).waitFor();
  deepEqual(await labels(user), [ada, grace]);
  await context.close();
});

Deno.test("one account more than the app allows is refused, and nothing is stored", async () => {
  const { page, user, context } = await connectedTwice();
  await page.goto(await world.returnAddress(user, "google", { account: eve }));
  await showsNotice(page, "No more accounts can be connected.");
  deepEqual(await labels(user), [ada, grace]);
  await context.close();
});

Deno.test("what another tab disconnected cannot be renewed, and leaves the list", async () => {
  const { page, user, context } = await connectedTwice();
  await expire(user, grace);
  await page.reload();
  await button(page, `Reconnect ${grace}`).waitFor();
  const tab = await context.newPage();
  await tab.goto(world.settingsUrl);
  await button(tab, `Disconnect ${grace}`).click();
  await button(tab, "Disconnect").click();
  await showsNotice(tab, `${grace} is disconnected.`);
  await tab.close();
  await button(page, `Reconnect ${grace}`).click();
  await showsNotice(page, "This account is no longer connected.");
  await row(page, "google").getByText(grace).waitFor({ state: "detached" });
  await context.close();
});

async function connectedTwice() {
  const scene = await world.signedIn();
  await pressConnect(scene.page, "google");
  await consent(scene.page, world, "Allow", ada);
  await showsStatus(scene.page, "google", "active");
  await addGoogleAccount(scene.page, world, grace);
  return scene;
}

async function stored(user: User): Promise<{ id: string; account_label: string }[]> {
  const rows = await world.stack.database.query<{ id: string; account_label: string }>(
    "select id, account_label from public.calendar_connections where user_id = $1 order by 2",
    [user.id],
  );
  ok(rows.every(({ id }) => id.length === 36));
  return rows;
}

const ids = async (user: User) => (await stored(user)).map(({ id }) => id);

const labels = async (user: User) => (await stored(user)).map((each) => each.account_label);

async function expire(user: User, account: string): Promise<void> {
  await world.stack.database.query(
    "update public.calendar_connections set status = 'expired' where user_id = $1 and account_label = $2",
    [user.id, account],
  );
}
