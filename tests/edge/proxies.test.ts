/** Behind a proxy built on Node's `fetch`, which replaces Sec-Fetch-Mode: nothing unsafe, and no dead end. */
import { equal, ok } from "node:assert/strict";
import { expectError, expectRedirect } from "../support/answers.ts";
import { arrival, authorizeAs, callbackPath, finishOf, navigation, post } from "../support/flow.ts";
import { openWorld } from "../support/world.ts";

const world = await openWorld();
Deno.test.afterAll(() => world.close());

const replaced = { "sec-fetch-mode": "cors" };

Deno.test("a link to connect starts nothing", async () => {
  const user = await world.newUser();
  const { result, calls } = await world.counting(() =>
    world.service.call("/connect/google", { headers: { ...navigation(user), ...replaced } })
  );
  await expectError(result, "unauthorized");
  equal(calls.length, 0);
});

Deno.test("a return is handed to the page, which completes it", async () => {
  const user = await world.newUser();
  const callback = await authorizeAs(world.service, user, "google");
  const headers = { ...arrival(user), ...replaced };
  const home = await expectRedirect(await world.service.call(callbackPath(callback), { headers }));
  ok(home.hash.includes("calendar_code="), home.href);
  const completed = await post(world.service, user, "google", finishOf(callback));
  equal(completed.status, 200);
  equal((await completed.json()).connected, true);
});
