/**
 * Lines 9, 10, 12, 13, 20 and 23 from the other side: whatever is sent, the Wasm that ships answers,
 * with a code of its closed set below 500 and the headers that every answer has, and goes on answering.
 *
 * Mutations tried: see defences.ts, "10" and "24".
 */
import { equal, ok } from "node:assert/strict";
import { expectHeaders } from "../support/answers.ts";
import { inProcess, printed } from "./handler.ts";
import { memory } from "./memory.ts";
import { malformedRequest } from "./malformed.ts";
import { answerFetchWith, empty, ENV, offline, token } from "./offline.ts";
import { newRandom } from "./random.ts";

const REQUESTS = 100_000;
const random = newRandom();
let left = 0;

answerFetchWith((url, init) => {
  left++;
  ok(url.origin !== "https://evil.example" && url.host !== "internal.invalid:9999", url.href);
  ok(!new Headers(init.headers).get("authorization")?.includes("service_role"));
  return empty(url, init);
});

Deno.test(`${REQUESTS} malformed requests are answered below 500, seed ${random.seed}`, async () => {
  const handle = offline();
  const seen = new Map<number, number>();
  for (let done = 0; done < REQUESTS; done++) {
    const request = malformedRequest(random);
    const what = `${request.method} ${request.url.slice(0, 300)}`;
    const response = await handle(request);
    seen.set(response.status, (seen.get(response.status) ?? 0) + 1);
    ok(response.status < 500 || isTheProviders(response), `${response.status} to ${what}`);
    expectHeaders(response);
    await response.body?.cancel();
    if (printed.lines.length > 5000) printed.lines.length = 0;
  }
  // All kinds of answers came, so the requests did reach what they are to test.
  for (const status of [200, 204, 303, 400, 401, 404, 405, 413, 415]) {
    ok(seen.has(status), `no request was answered with ${status}: ${JSON.stringify([...seen])}`);
  }
  ok(left > REQUESTS / 50, "hardly any request got as far as the database");
});

/** The one answer above 500 that a request may get here: the provider refused its code. */
function isTheProviders(response: Response): boolean {
  return response.status === 502;
}

Deno.test("3,000 malformed environments are answered: misconfigured, or served", async () => {
  const values = [
    "",
    " ",
    "x",
    "http://",
    "https://a.example",
    "https://a.example/#x",
    "javascript:alert(1)",
    "{}",
    '{"default":1}',
    "[".repeat(300),
    btoa("0".repeat(32)),
    "\0",
    "\u{1f600}",
    "1".repeat(400),
    "a\r\nb",
    "999999999999",
    "-1",
  ];
  const names = Object.keys(ENV).concat([
    "SUPABASE_ANON_KEY",
    "CALENDAR_ALLOWED_ORIGINS",
    "CALENDAR_REDIRECT_URL",
    "CALENDAR_RETIRED_ENCRYPTION_KEYS",
    "CALENDAR_SESSION_COOKIE",
    "CALENDAR_DATABASE_TIMEOUT_MS",
    "GOOGLE_TOKEN_ENDPOINT",
    "GOOGLE_ISSUER",
    "OUTLOOK_TENANT_ID",
  ]);
  const codes = new Set<string>();
  for (let done = 0; done < 3_000; done++) {
    const changes = Object.fromEntries(
      Array.from({ length: 1 + random.below(3) }, () => [random.pick(names), random.pick(values)]),
    );
    const handle = offline(changes);
    const response = await handle(
      new Request("http://internal.invalid/calendar/status", {
        headers: { authorization: `Bearer ${token()}` },
      }),
    );
    expectHeaders(response);
    const answer = await response.json();
    codes.add(answer.code ?? "served");
    ok(["misconfigured", undefined].includes(answer.code), JSON.stringify([changes, answer]));
    if (printed.lines.length > 5000) printed.lines.length = 0;
  }
  equal([...codes].toSorted().join(), "misconfigured,served");
});

Deno.test("line 10: a control character in a value that is used is refused, and elsewhere it is ignored", async () => {
  const service = inProcess(offline());
  const headers = { authorization: `Bearer ${token()}` };
  const state = "s".repeat(43);
  const good = { code: "a-code", state, iss: "https://accounts.google.com" };
  for (const control of ["%0d", "%0A", "%00", "%0D%0A", "%0b", "%1b", "%7f"]) {
    const disconnect = await service.call(`/disconnect?provider=google${control}`, {
      method: "DELETE",
      headers,
    });
    equal(disconnect.status, 404, control);
    for (const [name, reason] of Object.entries(REASONS)) {
      const used = { ...(name === "error" ? { error: "x", state } : good) };
      const query = new URLSearchParams(used).toString()
        .replace(new RegExp(`(^|&)${name}=[^&]*`), `$&${control}`);
      const home = new URL((await location(`/callback/google?${query}`)) ?? "");
      equal(home.searchParams.get("reason"), reason, `${name} ${control}`);
    }
    const relayed = new URL(
      await location(
        `/callback/google?${new URLSearchParams(good)}&error_description=a${control}b`,
      ),
    );
    ok(relayed.hash.startsWith("#calendar_provider=google&calendar_code=a-code"), relayed.href);
    equal((await service.call(`/health?x=a${control}b`)).status, 200);
  }

  async function location(path: string): Promise<string> {
    return (await service.call(path)).headers.get("location") ?? "";
  }
});

/** What a control character in a parameter of the callback is answered with. */
const REASONS = {
  code: "invalid_request",
  error: "invalid_request",
  state: "invalid_state",
  iss: "invalid_state",
};

Deno.test("line 10: a control character in a path is a 400, wherever it is", async () => {
  const service = inProcess(offline());
  for (const control of ["%0d", "%0A", "%00", "%0D%0A", "%0b", "%1B", "%7f"]) {
    for (const method of ["GET", "POST", "DELETE"]) {
      for (
        const path of [
          `/connect/google${control}`,
          `/callback/${control}outlook?code=c&state=${"s".repeat(43)}`,
          `/status${control}`,
          `/${control}/calendar/health`,
          `/${control}`,
        ]
      ) {
        const response = await service.call(path, { method });
        equal(response.status, 400, `${method} ${path}`);
        equal((await response.json()).code, "invalid_request");
      }
    }
  }
});

Deno.test("line 13: a session cookie of 64 KiB is no session and no fault", async () => {
  const service = inProcess(offline());
  for (const size of [65_000, 65_536, 70_000, 1 << 20]) {
    const response = await service.call(`/callback/google?code=c&state=${"s".repeat(43)}`, {
      headers: {
        cookie: `sb-project-auth-token=base64-${"A".repeat(size)}`,
        accept: "text/html",
      },
    });
    equal(response.status, 303);
    ok(response.headers.get("location")?.includes("#calendar_provider=google&calendar_code=c"));
  }
});

Deno.test("line 24: 20,000 requests leave the Wasm's memory and its table of JS values as they were", async () => {
  const handle = offline();
  await memory.steady(handle, 2_000);
  const before = memory.size();
  await memory.steady(handle, 20_000);
  equal(JSON.stringify(memory.size()), JSON.stringify(before));
});
