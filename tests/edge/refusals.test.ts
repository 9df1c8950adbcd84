/** Refusals of the providers: each arrives as one of our codes, by every way home, and stores nothing. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { ENTRA_REFUSALS } from "../providers/entra.ts";
import { type Code, expectError, expectRedirect } from "../support/answers.ts";
import { arrival, authorizeAs, callbackPath, connect, post } from "../support/flow.ts";
import { openWorld } from "../support/world.ts";

const world = await openWorld();
const { service } = world;
Deno.test.afterAll(() => world.close());

/** What a provider may say instead of a code, and the closed set it becomes. */
const PROVIDER_ERRORS: [said: string, code: Code, relayed?: string][] = [
  ["access_denied", "access_denied"],
  ["consent_required", "access_denied"],
  ["interaction_required", "access_denied", "sign_in_again"],
  ["login_required", "access_denied", "sign_in_again"],
  ["admin_policy_enforced", "access_denied", "admin_blocked"],
  ["server_error", "provider_unavailable"],
  ["temporarily_unavailable", "provider_unavailable"],
  ["unauthorized_client", "misconfigured"],
  ["invalid_scope", "misconfigured"],
  ["invalid_request", "misconfigured"],
  ["admin_policy_enforced_and_more", "provider_rejected"],
  ["<script>alert(1)</script>", "provider_rejected"],
];

for (const [said, code, relayed_as = code] of PROVIDER_ERRORS) {
  Deno.test(`the provider's error ${said} is ${code} by every way home`, async () => {
    const user = await world.newUser();
    const fresh = async () =>
      new URL((await connect(service, user, "google")).authorization_url).searchParams.get(
        "state",
      ) ?? "";

    const state = await fresh();
    const query = new URLSearchParams({ error: said, error_description: "SECRETTEXT", state });
    const relayed = await expectRedirect(await service.call(`/callback/google?${query}`));
    const fragment = new URLSearchParams(relayed.hash.slice(1));
    deepEqual(
      [
        fragment.get("calendar_error"),
        fragment.get("calendar_state"),
        fragment.get("calendar_code"),
      ],
      [relayed_as, state, null],
    );
    const error = fragment.get("calendar_error");
    await expectError(await post(service, user, "google", { error, state }), code);

    query.set("state", await fresh());
    const home = await expectRedirect(
      await service.call(`/callback/google?${query}`, { headers: arrival(user) }),
    );
    deepEqual([home.searchParams.get("reason"), home.hash], [code, ""]);

    ok(!`${relayed}${home}`.includes("SECRETTEXT"));
    ok(!service.lines().some((line) => line.includes("SECRETTEXT") || line.includes("alert(1)")));
    deepEqual(await world.rowsOf(user), { connections: 0, states: 0 });
  });
}

for (const refusal of ENTRA_REFUSALS) {
  Deno.test(`Microsoft refuses because ${refusal.what}: ${refusal.code} by every way home`, async () => {
    const user = await world.newUser();
    const decision = `deny: ${refusal.what}` as const;

    const callback = await authorizeAs(service, user, "outlook", { decision });
    match(callback.search, /%0d%0aTrace/);
    const handedOn = await service.call(callbackPath(callback));
    const handedOnLog = await logOf(handedOn);
    deepEqual([handedOnLog.code, handedOnLog.cause], [undefined, refusal.cause]);
    const fragment = new URLSearchParams((await expectRedirect(handedOn)).hash.slice(1));
    const [error, state] = [fragment.get("calendar_error"), fragment.get("calendar_state")];
    equal(error, refusal.relayed);
    await expectError(await post(service, user, "outlook", { error, state }), refusal.code);

    const again = await authorizeAs(service, user, "outlook", { decision });
    const arrived = await service.call(callbackPath(again), { headers: arrival(user) });
    const log = await logOf(arrived);
    deepEqual([log.code, log.cause], [refusal.code, refusal.cause]);
    const home = await expectRedirect(arrived);
    deepEqual([home.searchParams.get("reason"), home.hash], [refusal.code, ""]);
    ok(!`${home}${JSON.stringify(log)}`.includes("AADSTS"));
    deepEqual(await world.rowsOf(user), { connections: 0, states: 0 });
  });
}

async function logOf(response: Response): Promise<{ code?: string; cause?: string }> {
  return JSON.parse(await service.logLine(response.headers.get("x-request-id") ?? "none"));
}
