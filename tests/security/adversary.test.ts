/**
 * Lines 1 to 9: every attack, at both providers, by header and cookie, by GET and POST, through the
 * running function, on a real Postgres, against a strict authorization server.
 *
 * Mutations tried: see defences.ts, "1" to "9".
 */
import { openWorld } from "../support/world.ts";
import { attacks } from "./attacks.ts";
import { PROVIDERS } from "./names.ts";
import { describe, ours, WAYS } from "./stage.ts";

const world = await openWorld();
const target = ours(world);
Deno.test.afterAll(() => world.close());

for (const { line, what, play } of attacks) {
  for (const provider of PROVIDERS) {
    for (const way of WAYS) {
      Deno.test(`line ${line}, ${provider}, ${describe(way)}: ${what}`, () =>
        play({ world, target, provider, way }));
    }
  }
}
