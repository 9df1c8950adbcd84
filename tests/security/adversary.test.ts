/**
 * Lines 1 to 9: every attack, at both providers, by header and cookie, by GET and POST, through the
 * running function, on a real Postgres, against a strict authorization server.
 *
 * Mutations tried: see defences.ts, "1" to "9".
 */
import { equal, ok } from "node:assert/strict";
import { authorizeAs, bearer, connected } from "../support/flow.ts";
import { openWorld } from "../support/world.ts";
import { attacks } from "./attacks.ts";
import { PROVIDERS } from "./names.ts";
import { bring, describe, ours, WAYS } from "./stage.ts";

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

Deno.test("line 8: what a user writes into their own rows moves neither redirect nor relay", async () => {
  const user = await world.signUp();
  await connected(world.service, user, "google");
  const evil = "https://attacker.example/";
  const [row] = await world.sealedRows(user);
  const { error } = await user.client.from("calendar_connections")
    .update({
      account_id: evil,
      account_label: `${evil}&prompt=none&redirect_uri=${evil}`,
      scopes: [evil],
      // A change counts only together with both tokens.
      sealed_access_token: row?.sealed_refresh_token,
      sealed_refresh_token: row?.sealed_access_token,
    })
    .eq("user_id", user.id);
  equal(error, null);
  const again = await world.service.call(`/connect/google?connection=${row?.id}`, {
    headers: bearer(user),
  });
  const asked = new URL((await again.json()).authorization_url);
  equal(asked.origin + asked.pathname, world.google.authorizationEndpoint);
  equal(asked.searchParams.get("redirect_uri"), world.redirectUri("google"));
  equal(asked.searchParams.get("prompt"), "consent");
  for (const way of [...WAYS, { session: "none", method: "GET" } as const]) {
    if (way.method === "POST") continue;
    const callback = await authorizeAs(world.service, user, "google");
    equal(callback.href.startsWith(world.redirectUri("google")), true);
    const response = await bring(target, user, callback, way);
    const location = response.headers.get("location") ?? "";
    ok(location.startsWith(world.settingsUrl) && !location.includes("attacker"), location);
  }
});
