/** The gateway: one origin like the platform's, which counts calls and breaks them on demand. */
import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { createClient } from "@supabase/supabase-js";
import type { Call, Fault } from "../../dev/mod.ts";
import { startStubStack } from "./support.ts";

const calls: Call[] = [];
let fault: (call: Call) => Fault | undefined = () => undefined;

const stack = await startStubStack({
  before: "create table public.notes (text text);",
  hooks: { onCall: (call) => calls.push(call), fault: (call) => fault(call) },
});
Deno.test.afterAll(() => stack.stop());
Deno.test.beforeEach(() => {
  calls.length = 0;
  fault = () => undefined;
});

const health = `${stack.url}/rest/v1/users?select=id`;
const asService = { apikey: stack.secretKey };

async function isUnreachable(url: string): Promise<void> {
  await rejects(fetch(url, { headers: asService, method: "POST", body: "{}" }), TypeError);
}

Deno.test("a function sees its path from its own name on, the query, and the outer host", async () => {
  const headers = { "x-forwarded-host": "elsewhere.example", "x-forwarded-proto": "https" };
  const response = await fetch(`${stack.functionUrl}/url?a=1&a=2`, { headers });
  deepEqual(await response.json(), {
    path: "/calendar/url",
    query: "?a=1&a=2",
    host: new URL(stack.url).host,
    protocol: "http",
  });
});

Deno.test("a function's redirect and its cookies are passed on and not followed", async () => {
  const response = await fetch(`${stack.functionUrl}/redirect`, { redirect: "manual" });
  equal(response.status, 303);
  equal(response.headers.get("location"), "https://app.example.test/");
  deepEqual(response.headers.getSetCookie(), ["one=1", "two=2"]);
});

Deno.test("the APIs answer pages of any origin, without cookies", async () => {
  const origin = "https://app.example.test";
  const preflight = await fetch(`${stack.url}/auth/v1/token`, {
    method: "OPTIONS",
    headers: { origin, "access-control-request-headers": "apikey,x-client-info" },
  });
  const answer = await fetch(health, { headers: { ...asService, origin } });
  for (const { headers } of [preflight, answer]) {
    equal(headers.get("access-control-allow-origin"), "*");
    equal(headers.get("access-control-allow-credentials"), null);
  }
  equal(preflight.headers.get("access-control-allow-headers"), "apikey,x-client-info");
  deepEqual(await answer.json(), []);
});

Deno.test("a large body goes through in both directions unchanged", async () => {
  const body = "é".repeat(500_000);
  const headers = { "content-type": "text/plain", "accept-encoding": "gzip" };
  const response = await fetch(`${stack.functionUrl}/echo`, { method: "POST", body, headers });
  ok(await response.text() === body);
});

Deno.test("an answer that comes before the upload's end is passed on, and ends nothing", async () => {
  const body = "x".repeat(4_000_000);
  for (let round = 0; round < 10; round++) {
    const response = await fetch(`${stack.functionUrl}/url`, { method: "POST", body });
    equal(response.status, 200);
    await response.body?.cancel();
  }
  equal((await fetch(`${stack.functionUrl}/url`)).status, 200);
});

Deno.test("what no part serves is a 404 of the gateway", async () => {
  for (
    const path of ["/functions/v1/other", "/functions/v1/", "/storage/v1/bucket", "/", "/restless"]
  ) {
    const response = await fetch(stack.url + path);
    deepEqual([response.status, (await response.json()).code], [404, "NOT_FOUND"], path);
  }
});

Deno.test("every call is told with method, path, query and headers", async () => {
  const client = createClient(stack.url, stack.publishableKey, { auth: { persistSession: false } });
  await client.functions.invoke("calendar/connections", { method: "GET" });
  deepEqual(calls.map(({ method, path }) => `${method} ${path}`), [
    "GET /functions/v1/calendar/connections",
    "GET /rest/v1/calendar_connections",
  ]);
  equal(calls[1]?.url.search, "?select=provider,status");
  equal(calls[1]?.headers.get("apikey"), stack.publishableKey);
});

Deno.test("a fault answers in place of the part, once it is asked for and no longer", async () => {
  fault = ({ path }) =>
    path.startsWith("/rest/v1")
      ? { status: 503, body: '{"code":"PGRST000"}', headers: { "retry-after": "3" } }
      : undefined;
  const broken = await fetch(health, { headers: asService });
  deepEqual(
    [broken.status, broken.headers.get("retry-after"), await broken.text()],
    [503, "3", '{"code":"PGRST000"}'],
  );
  fault = () => undefined;
  deepEqual(await (await fetch(health, { headers: asService })).json(), []);
});

Deno.test("a caller who gives up during a delay is not served, one who gives up on the answer is", async () => {
  const giveUp = (body: string) =>
    rejects(
      fetch(`${stack.url}/rest/v1/notes`, {
        method: "POST",
        headers: { ...asService, "content-type": "application/json" },
        body,
        signal: AbortSignal.timeout(500),
      }),
      { name: "TimeoutError" },
    );
  fault = () => ({ delay: 60_000 });
  await giveUp('{"text":"during the delay"}');
  fault = () => ({ answerDelay: 60_000 });
  await giveUp('{"text":"waiting for the answer"}');
  deepEqual(await stack.database.query("select text from public.notes"), [
    { text: "waiting for the answer" },
  ]);
});

Deno.test("a reset before leaves nothing done, a reset after leaves it done", async () => {
  const count = async () => {
    const rows = await stack.database.query("select 1 from public.users");
    return rows.length;
  };
  const signUp = (email: string) =>
    fetch(`${stack.url}/auth/v1/signup`, {
      method: "POST",
      headers: { apikey: stack.publishableKey, "content-type": "application/json" },
      body: JSON.stringify({ email, password: "a password of a test" }),
    });
  fault = () => ({ reset: "before" });
  await isUnreachable(health);
  await rejects(signUp("before@example.test"), TypeError);
  equal(await count(), 0);
  fault = () => ({ reset: "after" });
  await rejects(signUp("after@example.test"), TypeError);
  equal(await count(), 1);
});
