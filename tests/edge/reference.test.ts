/** The examples of docs/reference.md have exactly the members that the function answers with. */
import { deepEqual, ok } from "node:assert/strict";
import { bearer, connect, connected } from "../support/flow.ts";
import { blocks, read } from "../support/markdown.ts";
import { openWorld } from "../support/world.ts";

const world = await openWorld();
Deno.test.afterAll(() => world.close());

/** The names of all members, with the path to each; entries of a list count once. */
function members(value: unknown, path = ""): string[] {
  if (Array.isArray(value)) return value.flatMap((each) => members(each, `${path}[]`));
  if (typeof value !== "object" || value === null) return [];
  const all = Object.entries(value).flatMap(([name, each]) => {
    const here = `${path}.${name}`;
    return [here, ...members(each, here)];
  });
  return [...new Set(all)].sort();
}

const examples = blocks(read("docs/reference.md"))
  .filter(({ language }) => language === "json").map(({ code }) => JSON.parse(code));

function example(member: string): Record<string, unknown> {
  const found = examples.find((each) => member in each);
  ok(found, `no example has ${member}`);
  return found;
}

Deno.test("each route's example is what it answers", async () => {
  const { service } = world;
  const user = await world.newUser();
  deepEqual(members(await connect(service, user, "google")), members(example("authorization_url")));
  const status = await connected(service, user, "google");
  deepEqual(members(status), members(example("accounts_per_provider")));

  const response = await service.call("/disconnect", { method: "DELETE", headers: bearer(user) });
  const disconnected = await response.json();
  const added = Object.keys(disconnected).filter((name) => !(name in status));
  const more = Object.fromEntries(added.map((name) => [name, disconnected[name]]));
  deepEqual(members(more), members(example("disconnected")));

  const health = await (await service.call("/health")).json();
  deepEqual(members(health), members(example("version")));
  deepEqual(examples.length, 4, "another example needs its test here");
});
