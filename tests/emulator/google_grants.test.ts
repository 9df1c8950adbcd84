/** How Google's grants end: by revocation, by the person, by the organisation. */
import { deepEqual, equal } from "node:assert/strict";
import {
  connect,
  consent,
  post,
  read,
  redirectUri,
  refresh,
  type RunningEmulator,
  setting,
  withEmulator,
} from "./support.ts";

const PERSON = "demo.person@gmail.example";
const WORKER = "demo.person@acme.example";

function revoke(emulator: RunningEmulator, token: string) {
  return post(setting(emulator, "google", "REVOCATION_ENDPOINT"), { token });
}

Deno.test("revoking one token ends all of that person's in the project, and nobody else's", () =>
  withEmulator(async (emulator) => {
    const other = {
      client_id: "same-project",
      client_secret: "another-secret-not-a-real-one",
    };
    const stranger = { client_id: "other-project", client_secret: "a-third-secret-not-a-real-one" };
    const shared = { provider: "google" as const, redirect_uris: [redirectUri("google")] };
    emulator.control.addClient({ ...shared, ...other });
    emulator.control.addClient({ ...shared, ...stranger, project: "elsewhere" });
    const mine = await connect(emulator, "google", PERSON);
    const sibling = await connect(emulator, "google", PERSON);
    const endpoint = setting(emulator, "google", "TOKEN_ENDPOINT");
    const through = async (client: typeof other) => {
      const ask = { change: { client_id: client.client_id } };
      const { form } = await consent(emulator, "google", PERSON, ask);
      return (await post(endpoint, { ...form, ...client })).body;
    };
    const cousin = await through(other);
    const foreign = await through(stranger);
    const neighbour = await connect(emulator, "google", WORKER);

    deepEqual(await revoke(emulator, mine.access).then(({ status, body }) => [status, body]), [
      200,
      {},
    ]);
    for (const dead of [mine, sibling]) {
      equal((await refresh(emulator, dead)).body.error, "invalid_grant");
    }
    const refreshed = async (tokens: typeof cousin, client: typeof other) =>
      await refresh(
        emulator,
        { provider: "google", refresh: String(tokens.refresh_token) },
        client,
      );
    equal((await refreshed(cousin, other)).body.error, "invalid_grant");
    equal((await refreshed(foreign, stranger)).status, 200);
    equal((await refresh(emulator, neighbour)).status, 200);
  }));

Deno.test("a token that is revoked already, or none, is a 400", () =>
  withEmulator(async (emulator) => {
    const connection = await connect(emulator, "google", PERSON);
    equal((await revoke(emulator, connection.refresh)).status, 200);
    for (const token of [connection.refresh, connection.access, "invented"]) {
      const answer = await revoke(emulator, token);
      deepEqual([answer.status, answer.body.error], [400, "invalid_token"]);
    }
    const none = await post(setting(emulator, "google", "REVOCATION_ENDPOINT"), {});
    deepEqual([none.status, none.body.error], [400, "invalid_request"]);
  }));

Deno.test("the token to revoke can stand in the query, and a new consent starts afresh", () =>
  withEmulator(async (emulator) => {
    const connection = await connect(emulator, "google", PERSON);
    const url = new URL(setting(emulator, "google", "REVOCATION_ENDPOINT"));
    url.searchParams.set("token", connection.refresh);
    const response = await fetch(url, { method: "POST" });
    equal((await read(response)).status, 200);
    const fresh = await connect(emulator, "google", PERSON);
    equal((await refresh(emulator, fresh)).status, 200);
    equal((await refresh(emulator, connection)).body.error, "invalid_grant");
  }));

// --- whose grants end, and how Google says so ----------------------------------------------------

Deno.test("each end of a grant has its own answer", () =>
  withEmulator(async (emulator) => {
    const { control } = emulator;
    const connection = await connect(emulator, "google", PERSON);
    const after = async (reason: string) => {
      control.endGrants({ person: PERSON, reason });
      const { body } = await refresh(emulator, connection);
      control.restoreGrants({ person: PERSON });
      return [body.error, body.error_subtype];
    };
    deepEqual(await after("revoked"), ["invalid_grant", undefined]);
    deepEqual(await after("sign_in_again"), ["invalid_grant", "invalid_rapt"]);
    deepEqual(await after("admin_block"), ["admin_policy_enforced", undefined]);
    equal((await refresh(emulator, connection)).status, 200);
  }));

Deno.test("an account that is deleted, disabled or blocked cannot refresh", () =>
  withEmulator(async (emulator) => {
    const connection = await connect(emulator, "google", PERSON);
    for (
      const [state, error, description] of [
        ["deleted", "invalid_grant", "Account has been deleted"],
        ["disabled", "invalid_grant", "Account has been disabled"],
        ["blocked_by_admin", "admin_policy_enforced", undefined],
      ] as const
    ) {
      emulator.control.changePerson(PERSON, { state });
      const { status, body } = await refresh(emulator, connection);
      deepEqual([status, body.error], [400, error]);
      if (description) equal(body.error_description, description);
    }
  }));
