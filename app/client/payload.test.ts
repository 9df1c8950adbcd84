import assert from "node:assert/strict";
import { CalendarError } from "./error.ts";
import { ADA, GOOGLE_CONNECTED, NO_CONNECTION, OLD_GOOGLE_CONNECTED } from "./page_for_tests.ts";
import { authorizationOf, disconnectedOf, statusOf } from "./payload.ts";

const [google] = GOOGLE_CONNECTED.connections;

function refuses(judge: (body: unknown) => unknown, body: unknown): void {
  assert.throws(() => judge(body), (error) => {
    return error instanceof CalendarError && error.code === "unreachable";
  });
}

Deno.test("a complete status is handed over as it is, unknown members included", () => {
  for (const status of [NO_CONNECTION, GOOGLE_CONNECTED, { ...GOOGLE_CONNECTED, added: [1] }]) {
    assert.deepEqual(statusOf(status), status);
  }
});

Deno.test("an unknown status or provider is handed over as it is", () => {
  const row = { ...google, provider: "carrier-pigeon", status: "asleep" };
  const [connection] = statusOf({ ...GOOGLE_CONNECTED, connections: [row] }).connections;
  assert.deepEqual([connection?.provider, connection?.status], ["carrier-pigeon", "asleep"]);
});

Deno.test("members of a connection that are null or missing become their empty form", () => {
  const bare = { provider: "google", scopes: null, last_sync_at: 0, needs_reconnect: "yes" };
  assert.deepEqual(statusOf({ ...GOOGLE_CONNECTED, connections: [bare] }).connections, [{
    id: "google",
    provider: "google",
    status: "",
    calendar_id: "",
    account_label: null,
    account_class: null,
    scopes: [],
    connected_at: "",
    last_sync_at: null,
    reason: null,
    needs_reconnect: false,
    failing_since: null,
    next_sync_at: null,
    grant_expires_at: null,
  }]);
});

Deno.test("an older function's status gets what it lacks, and its connection the provider's name as id", () => {
  assert.deepEqual(statusOf(OLD_GOOGLE_CONNECTED), {
    ...GOOGLE_CONNECTED,
    accounts_per_provider: null,
    connections: [{ ...google, id: "google" }],
  });
});

for (
  const [sync, expected] of [
    [{ healthy: true, last_run_at: "2026-01-26T15:04:00Z" }, {
      healthy: true,
      last_run_at: "2026-01-26T15:04:00Z",
    }],
    [{ healthy: false, last_run_at: null }, { healthy: false, last_run_at: null }],
    [{ healthy: "no", last_run_at: 7 }, { healthy: null, last_run_at: null }],
    [null, { healthy: null, last_run_at: null }],
  ] as const
) {
  Deno.test(`sync ${JSON.stringify(sync)} is ${JSON.stringify(expected)}`, () => {
    assert.deepEqual(statusOf({ ...NO_CONNECTION, sync }).sync, expected);
  });
}

Deno.test("what is no connection at all is left out, and the others stay", () => {
  const connections = [null, "google", {}, { provider: null }, google];
  assert.deepEqual(statusOf({ ...GOOGLE_CONNECTED, connections }).connections, [google]);
});

Deno.test("without a list of providers none is offered", () => {
  for (const providers of [undefined, null, "google"]) {
    assert.deepEqual(statusOf({ ...GOOGLE_CONNECTED, providers }).providers, []);
  }
});

Deno.test("what has not the form of a status did not come from the function", () => {
  for (const body of [null, "hello", 1, [], {}, { connected: true }, { connections: [] }]) {
    refuses(statusOf, body);
  }
  refuses(statusOf, { ...NO_CONNECTION, connections: {} });
  refuses(statusOf, { ...NO_CONNECTION, connected: "yes" });
});

Deno.test("a disconnection names the providers that it disconnected", () => {
  const body = { ...NO_CONNECTION, disconnected: ["google", 1] };
  assert.deepEqual(disconnectedOf(body).disconnected, ["google"]);
  refuses(disconnectedOf, NO_CONNECTION);
});

Deno.test("a disconnection says what becomes of the access at the provider, and links to the web only", () => {
  const revocation = {
    connection: ADA,
    provider: "google",
    state: "queued",
    manage_url: "https://myaccount.google.com/connections",
  };
  const revocationsOf = (revocations: unknown) =>
    disconnectedOf({ ...NO_CONNECTION, disconnected: ["google"], revocations }).revocations;
  assert.deepEqual(revocationsOf([revocation, null, {}]), [revocation]);
  assert.deepEqual(revocationsOf(undefined), []);
  for (const manage_url of ["javascript:alert(1)", "http://a.example", 7, null, undefined]) {
    assert.equal(revocationsOf([{ ...revocation, manage_url }])[0]?.manage_url, null);
  }
});

Deno.test("an authorization has an address of the web, a known provider and an end", () => {
  const body = {
    authorization_url: "https://accounts.example/authorize",
    provider: "google",
    expires_at: "2999-01-01T00:00:00Z",
  };
  assert.deepEqual(authorizationOf(body), body);
  refuses(authorizationOf, null);
  refuses(authorizationOf, { ...body, provider: "apple" });
  refuses(authorizationOf, { ...body, expires_at: 1 });
  for (const url of [undefined, "/authorize", "javascript:alert(1)", "xhttps://a.example"]) {
    refuses(authorizationOf, { ...body, authorization_url: url });
  }
});
