/** Which origins a browser lets read the answers. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { expectError, expectHeaders } from "../support/answers.ts";
import { ALLOWED_ORIGINS, SETTINGS_URL } from "../support/environment.ts";
import { openWorld } from "../support/world.ts";

const world = await openWorld();
const { service } = world;
Deno.test.afterAll(() => world.close());

const ROUTES = ["/connect/google", "/callback/outlook", "/status", "/disconnect", "/health"];

/** What supabase-js sends with a call, in the words of a preflight. */
const CLIENT_HEADERS = ["authorization", "apikey", "content-type", "x-client-info"];

const FOREIGN = [
  "https://attacker.example",
  "null",
  "https://app.example.test.attacker.example",
  "https://attacker.example/https://app.example.test",
  "https://app.example.test:8443",
  "http://app.example.test",
  "https://xapp.example.test",
  "https://app.example.test/",
  "https://APP.example.test",
  "http://localhost:5174",
  "https://app.example.test, https://attacker.example",
  "*",
];

function preflight(path: string, origin: string, method = "POST"): Promise<Response> {
  return service.call(path, {
    method: "OPTIONS",
    headers: {
      origin,
      "access-control-request-method": method,
      "access-control-request-headers": CLIENT_HEADERS.join(", "),
    },
  });
}

function grants(response: Response): string[] {
  return [...response.headers.keys()].filter((name) => name.startsWith("access-control-"));
}

for (const origin of ALLOWED_ORIGINS) {
  Deno.test(`a preflight from ${origin} is granted on every route`, async () => {
    for (const path of ROUTES) {
      const response = await preflight(path, origin);
      await response.body?.cancel();
      ok(response.ok);
      expectHeaders(response);
      equal(response.headers.get("access-control-allow-origin"), origin);
      equal(response.headers.get("access-control-allow-credentials"), null);
      match(response.headers.get("vary") ?? "", /\borigin\b/i);
      const words = (name: string) =>
        (response.headers.get(name) ?? "").toLowerCase().split(/\s*,\s*/);
      for (const header of CLIENT_HEADERS) {
        ok(words("access-control-allow-headers").includes(header), header);
      }
      for (const method of ["get", "post", "delete"]) {
        ok(words("access-control-allow-methods").includes(method), method);
      }
    }
  });

  Deno.test(`an answer to ${origin}, good or bad, can be read there`, async () => {
    for (const path of [...ROUTES, "/nothing"]) {
      const response = await service.call(path, { headers: { origin } });
      await response.body?.cancel();
      equal(response.headers.get("access-control-allow-origin"), origin, path);
      equal(response.headers.get("access-control-allow-credentials"), null);
      equal(response.headers.get("access-control-expose-headers"), "x-request-id, retry-after");
      match(response.headers.get("vary") ?? "", /\borigin\b/i);
    }
  });
}

Deno.test("a misconfigured function says so to the pages of its origins, and to no others", async () => {
  const misconfigured = await world.newService({
    CALENDAR_ENCRYPTION_KEY: "too short",
    GOOGLE_CLIENT_SECRET: undefined,
  });
  for (const origin of [...ALLOWED_ORIGINS, ...FOREIGN]) {
    const response = await misconfigured.call("/status", { headers: { origin } });
    await expectError(response, "misconfigured");
    const granted = ALLOWED_ORIGINS.includes(origin) ? origin : null;
    equal(response.headers.get("access-control-allow-origin"), granted);
    const preflight = await misconfigured.call("/status", {
      method: "OPTIONS",
      headers: { origin },
    });
    await preflight.body?.cancel();
    equal(preflight.headers.get("access-control-allow-origin"), granted);
    equal(preflight.headers.has("access-control-allow-headers"), granted !== null);
  }
});

for (const origin of FOREIGN) {
  Deno.test(`the origin ${origin} is granted nothing`, async () => {
    for (const path of ROUTES) {
      for (
        const response of [
          await preflight(path, origin),
          await service.call(path, { headers: { origin } }),
        ]
      ) {
        await response.body?.cancel();
        deepEqual(grants(response), []);
        expectHeaders(response);
      }
    }
  });
}

Deno.test("without an origin there is nothing to grant", async () => {
  const response = await service.call("/health");
  await response.body?.cancel();
  deepEqual(grants(response), []);
});

Deno.test("a preflight asks neither the database nor the provider", async () => {
  const { calls } = await world.counting(async () => {
    await (await preflight("/connect/google", ALLOWED_ORIGINS[0] ?? "")).body?.cancel();
  });
  equal(calls.length, 0);
});

Deno.test("where no origins are configured, the settings page's own is allowed", async () => {
  const only = await world.newService({ CALENDAR_ALLOWED_ORIGINS: undefined });
  const ask = async (origin: string) => {
    const response = await only.call("/health", { headers: { origin } });
    await response.body?.cancel();
    return response.headers.get("access-control-allow-origin");
  };
  equal(await ask(new URL(SETTINGS_URL).origin), new URL(SETTINGS_URL).origin);
  equal(await ask("http://localhost:5173"), null);
});
