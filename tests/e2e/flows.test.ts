/** A person connects, comes back, looks, and disconnects, in a real browser on the real stack. */
import { deepEqual, equal, match } from "node:assert/strict";
import {
  button,
  connect,
  consent,
  decide,
  pressConnect,
  row,
  showsNotice,
  showsStatus,
} from "./panel.ts";
import { withProfileScope } from "./states.ts";
import { World } from "./world.ts";

const world = await World.open();
Deno.test.afterAll(() => world.close());

Deno.test("a new user connects both calendars, reloads, and disconnects one: the other stays", async () => {
  const { page, context } = await world.newBrowser();
  const email = `new-${crypto.randomUUID().slice(0, 8)}@example.test`;
  await page.goto(world.settingsUrl);
  await world.submitCredentials(page, email, "Create an account");
  await showsStatus(page, "google", "none");
  const [{ id } = { id: "" }] = await world.stack.database.query<{ id: string }>(
    "select id from auth.users where email = $1",
    [email],
  );
  const user = { id };
  deepEqual(await world.stored(user), { providers: [], connected: false });

  await connect(page, world, "google");
  await showsNotice(page, "Google Calendar is connected.");
  equal(page.url(), world.settingsUrl);
  deepEqual(await world.stored(user), { providers: ["google"], connected: true });

  await page.reload();
  await showsStatus(page, "google", "active");
  equal(await page.locator('[part="notice"]').count(), 0);
  match(await row(page, "google").innerText(), /Can see your calendars, cannot change them/);
  match(
    await page.locator('[part="capacity"]').innerText(),
    /^6 actions a day, the default, until/,
  );

  await connect(page, world, "outlook");
  deepEqual(await world.stored(user), { providers: ["google", "outlook"], connected: true });

  await disconnect("Google Calendar");
  await showsStatus(page, "google", "none");
  await showsStatus(page, "outlook", "active");
  deepEqual(await world.stored(user), { providers: ["outlook"], connected: true });

  await disconnect("Outlook Calendar");
  await showsStatus(page, "outlook", "none");
  deepEqual(await world.stored(user), { providers: [], connected: false });
  await context.close();

  async function disconnect(name: string) {
    await button(page, `Disconnect ${name}`).click();
    await button(page, "Disconnect").click();
    await showsNotice(page, `${name} is disconnected.`);
  }
});

Deno.test("third-party cookies are blocked in this browser, so nothing here depends on them", async () => {
  const { page, context } = await world.newBrowser();
  const cookies: Record<string, string | null> = {};
  const other = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    cookies[new URL(request.url).pathname] = request.headers.get("cookie");
    return new Response("", { headers: { "set-cookie": "seen=1; Path=/; SameSite=None; Secure" } });
  });
  const url = `http://127.0.0.1:${other.addr.port}`;
  await page.goto(`${url}/first`);
  await send(`${url}/first-party`);
  await page.goto(world.settingsUrl);
  await send(`${url}/third-party`);
  deepEqual([cookies["/first-party"], cookies["/third-party"]], ["seen=1", null]);
  await context.close();
  await other.shutdown();

  async function send(to: string) {
    await page.evaluate(
      (url) => fetch(url, { credentials: "include", mode: "no-cors" }).then(() => {}),
      to,
    );
  }
});

Deno.test("a denied consent is said kindly, and nothing is stored", async () => {
  const { page, user, context } = await world.signedIn();
  await pressConnect(page, "outlook");
  const returned = page.waitForRequest((request) => request.url().includes("/callback/outlook?"));
  await consent(page, world, "Deny");
  // What Microsoft really sends, which no URL library would write like this.
  match((await returned).url(), /AADSTS65004%3a.*%0d%0aTrace\+ID%3a.*&error_uri=/);
  await showsNotice(page, "Outlook Calendar was not connected.");
  await showsStatus(page, "outlook", "none");
  equal(page.url(), world.settingsUrl);
  deepEqual(await world.stored(user), { providers: [], connected: false });
  await context.close();
});

Deno.test("consent without the calendar's scope connects nothing and says which box to tick", async () => {
  const { page, user, context } = await world.signedIn();
  await withProfileScope(page);
  await pressConnect(page, "google");
  await consent(page, world, "Allow without the calendar");
  await showsNotice(page, "The calendar permission is missing.");
  deepEqual(await world.stored(user), { providers: [], connected: false });
  await context.close();
});

Deno.test("a session that ends during consent: signed out, nothing stored, sign in and connect again", async () => {
  const { page, user, context } = await world.signedIn();
  await pressConnect(page, "google");
  await page.locator("form[data-prompt]").waitFor();
  await world.stack.database.query("delete from auth.sessions where user_id = $1", [user.id]);
  await page.clock.setSystemTime(Date.now() + 2 * 3_600_000);
  const before = world.tokenRequests;
  await consent(page, world);
  await showsNotice(page, "You are signed out.");
  equal(page.url(), world.settingsUrl);
  equal(world.tokenRequests, before);
  deepEqual(await world.stored(user), { providers: [], connected: false });

  await page.clock.setSystemTime(Date.now());
  await world.signIn(page, user);
  await connect(page, world, "google");
  deepEqual(await world.stored(user), { providers: ["google"], connected: true });
  await context.close();
});

Deno.test("a connection that expired is reconnected with one press", async () => {
  const { page, user, context } = await world.signedIn();
  await connect(page, world, "google");
  await world.alter(user, "google", { status: "expired" });
  deepEqual(await world.stored(user), { providers: ["google"], connected: false });
  await page.reload();
  await showsStatus(page, "google", "expired");
  await button(page, "Reconnect Google Calendar").click();
  // The account is named to the provider, so there is nothing to choose.
  await decide(page, world);
  await showsStatus(page, "google", "active");
  deepEqual(await world.stored(user), { providers: ["google"], connected: true });
  await context.close();
});
