import assert from "node:assert/strict";
import { CalendarError } from "./error.ts";
import { GOOGLE_CONNECTED, NO_CONNECTION } from "./page_for_tests.ts";
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
  const bare = { provider: "google", scopes: null, last_sync_at: 0 };
  assert.deepEqual(statusOf({ ...GOOGLE_CONNECTED, connections: [bare] }).connections, [{
    provider: "google",
    status: "",
    calendar_id: "",
    account_label: null,
    scopes: [],
    connected_at: "",
    last_sync_at: null,
  }]);
});

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
