/** An app that has set up one provider only. */
import { equal } from "node:assert/strict";
import { connect, row, showsStatus } from "./panel.ts";
import { World } from "./world.ts";

const world = await World.open({ env: { OUTLOOK_CLIENT_ID: "", OUTLOOK_CLIENT_SECRET: "" } });
Deno.test.afterAll(() => world.close());

Deno.test("a provider that is not configured is not offered, and the other works", async () => {
  const { page, context } = await world.signedIn();
  await showsStatus(page, "google", "none");
  equal(await row(page, "outlook").count(), 0);
  await connect(page, world, "google");
  equal(await row(page, "outlook").count(), 0);
  await context.close();
});
