/** Every row of the route table: methods, paths, headers, log line, and how often the database is asked. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import {
  expectError,
  expectHeaders,
  expectJson,
  expectRedirect,
  STATUS_OF,
} from "../support/answers.ts";
import {
  arrival,
  authorizeAs,
  bearer,
  callbackPath,
  connect,
  connected,
  finishOf,
  navigation,
  post,
} from "../support/flow.ts";
import type { Connect } from "../support/payloads.ts";
import { referenceTable } from "../support/reference.ts";
import { openWorld } from "../support/world.ts";

const world = await openWorld();
const { service } = world;
Deno.test.afterAll(() => world.close());

const WRONG_METHODS: [method: string, path: string, allow: string[]][] = [
  ["PUT", "/connect/google", ["GET", "POST"]],
  ["DELETE", "/connect/outlook", ["GET", "POST"]],
  ["PUT", "/callback/google", ["GET", "POST"]],
  ["DELETE", "/callback/outlook", ["GET", "POST"]],
  ["POST", "/status", ["GET"]],
  ["DELETE", "/status", ["GET"]],
  ["GET", "/disconnect", ["DELETE"]],
  ["POST", "/disconnect", ["DELETE"]],
  ["POST", "/health", ["GET", "HEAD"]],
  ["PATCH", "/health", ["GET", "HEAD"]],
];

for (const [method, path, allow] of WRONG_METHODS) {
  Deno.test(`${method} ${path} is refused with the methods that are allowed`, async () => {
    const response = await service.call(path, { method });
    await expectError(response, "method_not_allowed");
    const allowed = (response.headers.get("allow") ?? "").split(/\s*,\s*/);
    for (const one of allow) ok(allowed.includes(one), `Allow lacks ${one}`);
    ok(!allowed.includes(method));
  });
}

const NO_ROUTES = [
  "",
  "/",
  "/nothing",
  "/connect",
  "/connect/google/more",
  "/callback",
  "/status/google",
  "/disconnect/google",
  "/healthz",
  "/calendar/nothing",
];

for (const path of NO_ROUTES) {
  Deno.test(`GET ${path === "" ? "the base" : path} is no route`, async () => {
    await expectError(await service.call(path), "not_found");
  });
}

const UNKNOWN_PROVIDERS: [method: string, path: string][] = [
  ["GET", "/connect/yahoo"],
  ["POST", "/connect/Google"],
  ["POST", "/connect/google%20"],
  ["GET", "/callback/yahoo"],
  ["POST", "/callback/yahoo"],
  ["DELETE", "/disconnect?provider=yahoo"],
];

for (const [method, path] of UNKNOWN_PROVIDERS) {
  Deno.test(`${method} ${path}: the provider is not supported`, async () => {
    const user = await world.newUser();
    await connected(service, user, "google");
    const response = await service.call(path, {
      method,
      headers: { ...bearer(user), "content-type": "application/json" },
      ...(method === "POST" ? { body: '{"code":"c","state":"s"}' } : {}),
    });
    await expectError(response, "unsupported_provider");
    deepEqual(await world.rowsOf(user), { connections: 1, states: 0 });
  });
}

Deno.test("GET and POST both connect, and OAuth parameters of a caller are refused", async () => {
  const user = await world.newUser();
  const shape = (answer: Connect) => {
    const url = new URL(answer.authorization_url);
    for (const name of ["state", "code_challenge"]) url.searchParams.delete(name);
    return url.href;
  };
  const posted = shape(await connect(service, user, "google"));
  const override = new URLSearchParams({
    client_id: "mine",
    redirect_uri: "https://attacker.example/",
    scope: "everything",
    state: "fixed",
    code_challenge: "fixed",
    code_challenge_method: "plain",
    response_type: "token",
    prompt: "none",
    access_type: "online",
  });
  const got = await service.call("/connect/google", { headers: bearer(user) });
  equal(shape(await expectJson<Connect>(got)), posted);
  for (const [name, value] of override) {
    const query = new URLSearchParams({ [name]: value });
    const response = await service.call(`/connect/google?${query}`, { headers: bearer(user) });
    await expectError(response, "invalid_request");
  }
  const navigated = await service.call(`/connect/google?${override}`, {
    headers: navigation(user),
  });
  const home = await expectRedirect(navigated);
  equal(home.origin + home.pathname, world.settingsUrl);
  equal(home.searchParams.get("reason"), "invalid_request");
});

Deno.test("forged forwarding headers change no URL", async () => {
  const user = await world.newUser();
  const response = await service.call("/connect/google", {
    method: "POST",
    headers: {
      ...bearer(user),
      forwarded: "host=attacker.example;proto=https",
      "x-forwarded-host": "attacker.example",
      "x-forwarded-proto": "https",
      "x-forwarded-prefix": "/evil",
      "x-original-url": "/evil",
    },
  });
  const { authorization_url } = await expectJson<Connect>(response);
  ok(!authorization_url.includes("attacker") && !authorization_url.includes("evil"));
});

for (
  const prefix of [
    "/functions/v1/calendar",
    "/calendar",
    "/api/calendar",
    "/calendar/api/calendar",
    "/calendar/v1/calendar",
  ]
) {
  Deno.test(`the routes are found under the prefix ${prefix}`, async () => {
    const response = await fetch(`${service.direct}${prefix}/health`);
    equal((await expectJson<{ status: string }>(response)).status, "ok");
  });
}

for (const path of ["/status/", "/health/", "/connect/google/"]) {
  Deno.test(`${path} is the same route as without the slash`, async () => {
    const user = await world.newUser();
    const response = await service.call(path, { headers: bearer(user) });
    await expectJson(response);
  });
}

Deno.test("HEAD /health is what a monitor asks: 200, the headers of GET, and no body", async () => {
  const head = await service.call("/health", { method: "HEAD" });
  equal(head.status, 200);
  expectHeaders(head);
  match(head.headers.get("content-type") ?? "", /^application\/json\b/);
  equal(await head.text(), "");
});

Deno.test("health names the version and the providers, asks no database and wants no session", async () => {
  const { result, calls } = await world.counting(() => service.call("/health"));
  const health = await expectJson<Record<string, unknown>>(result);
  deepEqual(Object.keys(health).sort(), ["providers", "status", "version"]);
  deepEqual(health.providers, ["google", "outlook"]);
  match(String(health.version), /^\d+\.\d+\.\d+/);
  equal(calls.length, 0);
});

Deno.test("connect asks the database once", async () => {
  const user = await world.newUser();
  const { result, calls } = await world.counting(() =>
    service.call("/connect/google", { method: "POST", headers: bearer(user) })
  );
  await expectJson(result);
  deepEqual(calls.map(({ path }) => path), ["/rest/v1/rpc/calendar_open_state"]);
});

Deno.test("connect by navigation asks the database once", async () => {
  const user = await world.newUser();
  const { result, calls } = await world.counting(() =>
    service.call("/connect/google", { headers: navigation(user) })
  );
  await expectRedirect(result);
  equal(calls.length, 1);
});

for (const how of ["POST", "GET"] as const) {
  Deno.test(`callback by ${how} asks the database twice and the provider once`, async () => {
    const user = await world.newUser();
    const callback = await authorizeAs(service, user, "google");
    const asked = world.google.tokenRequests.length;
    const { result, calls } = await world.counting(() =>
      how === "POST"
        ? post(service, user, "google", finishOf(callback))
        : service.call(callbackPath(callback), { headers: arrival(user) })
    );
    equal(result.status, how === "POST" ? 200 : 303, await result.text());
    deepEqual(calls.map(({ path }) => path), [
      "/rest/v1/rpc/calendar_take_state",
      "/rest/v1/rpc/calendar_save_connection",
    ]);
    equal(world.google.tokenRequests.length - asked, 1);
  });
}

Deno.test("a relay asks neither the database nor the provider", async () => {
  const callback = await authorizeAs(service, await world.newUser(), "google");
  const asked = world.google.tokenRequests.length;
  const { result, calls } = await world.counting(() => service.call(callbackPath(callback)));
  await expectRedirect(result);
  deepEqual([calls.length, world.google.tokenRequests.length - asked], [0, 0]);
});

Deno.test("status asks the database once, disconnect once", async () => {
  const user = await world.newUser();
  await connected(service, user, "google");
  const looked = await world.counting(() => service.call("/status", { headers: bearer(user) }));
  await expectJson(looked.result);
  const gone = await world.counting(() =>
    service.call("/disconnect", { method: "DELETE", headers: bearer(user) })
  );
  await expectJson(gone.result);
  deepEqual([looked.calls.length, gone.calls.length], [1, 1]);
});

Deno.test("every call to the database carries the caller's token and the publishable key", async () => {
  const user = await world.newUser();
  const { calls } = await world.counting(async () => {
    await connected(service, user, "google");
    await (await service.call("/status", { headers: bearer(user) })).body?.cancel();
    await (await service.call("/disconnect", { method: "DELETE", headers: bearer(user) })).body
      ?.cancel();
  });
  equal(calls.length, 5);
  for (const { headers } of calls) {
    equal(headers.authorization, `Bearer ${user.token}`);
    equal(headers.apikey, world.publishableKey);
    equal(headers.cookie, undefined);
  }
});

interface LogLine {
  request_id: string;
  route: string;
  provider?: string;
  status: number;
  code?: string;
  ms: number;
  database_calls: number;
  provider_calls: number;
}

Deno.test("a request leaves one JSON line with what happened and nothing secret", async () => {
  const user = await world.newUser();
  const callback = await authorizeAs(service, user, "outlook");
  const response = await post(service, user, "outlook", finishOf(callback));
  await expectJson(response);
  const id = response.headers.get("x-request-id") ?? "";
  const line = await service.logLine(id);
  const log: LogLine = JSON.parse(line);
  deepEqual(
    [log.request_id, log.provider, log.status, log.database_calls, log.provider_calls],
    [id, "outlook", 200, 2, 1],
  );
  match(log.route, /callback/);
  ok(Number.isFinite(log.ms) && log.ms >= 0);
  const { code = "", state = "" } = finishOf(callback);
  for (const secret of [code, state, user.token, world.clients.outlook.clientSecret]) {
    ok(!service.lines().some((one) => one.includes(secret)));
  }
});

Deno.test("every line of the log has documented fields only", async () => {
  await (await service.call("/nothing")).body?.cancel();
  await (await service.call("/callback/google?error=access_denied&state=s")).body?.cancel();
  const documented = new Set(referenceTable("field").map(([name]) => name));
  const lines = service.lines().map((line) => Object.keys(JSON.parse(line)));
  ok(lines.length > 20);
  deepEqual([...new Set(lines.flat())].filter((name) => !documented.has(name)), []);
});

Deno.test("the reference's table has every error code with its status", () => {
  const listed = referenceTable("code").map(([code, status]) => [code, Number(status)]);
  deepEqual(Object.fromEntries(listed), { ...STATUS_OF });
});

Deno.test("a failed request's line has its code", async () => {
  const response = await service.call("/status");
  const { request_id } = await expectError(response, "unauthorized");
  const log: LogLine = JSON.parse(await service.logLine(request_id));
  deepEqual([log.status, log.code, log.database_calls], [401, "unauthorized", 0]);
});

Deno.test("each request has an id of its own", async () => {
  const ids = await Promise.all([1, 2, 3].map(async () => {
    const response = await service.call("/health");
    await response.body?.cancel();
    return expectHeaders(response);
  }));
  equal(new Set(ids).size, 3);
});
