/** Each fault is seen by a plain client as what it claims to be. */
import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import {
  deepJson,
  gzipBomb,
  type HostileProvider,
  json,
  startHostileProvider,
  tokens,
} from "./hostile.ts";

Deno.test("scripted answers come in order, then the standing one", () =>
  withProvider(async (provider) => {
    provider.always(json(418, {}));
    provider.script(json(429, { error: "slow_down" }, { "retry-after": "7" }), tokens("a"));
    const first = await post(provider);
    deepEqual([first.status, first.headers.get("retry-after")], [429, "7"]);
    deepEqual(await first.json(), { error: "slow_down" });
    equal((await (await post(provider)).json()).scope, "a");
    equal((await drained(await post(provider))).status, 418);
    deepEqual(provider.received.map(({ form }) => form.code), ["c", "c", "c"]);
  }));

Deno.test("a redirect points to another origin and is seen there when followed", () =>
  withProvider((provider) =>
    withProvider(async (other) => {
      other.always(json(200, {}));
      provider.always({ status: 307, headers: { location: other.tokenEndpoint } });
      await drained(await post(provider));
      deepEqual(other.received[0]?.form, { code: "c" });
    })
  ));

Deno.test("a reset connection fails the request", () =>
  withProvider(async (provider) => {
    provider.always({ fault: "reset" });
    await rejects(post(provider), TypeError);
  }));

Deno.test("a truncated body fails the reading of it", () =>
  withProvider(async (provider) => {
    provider.always({ ...tokens("a"), fault: "truncate" });
    const response = await post(provider);
    equal(response.status, 200);
    await rejects(response.text());
  }));

for (const fault of ["silence", "stall", "drip"] as const) {
  Deno.test(`${fault}: a client without a deadline would wait`, () =>
    withProvider(async (provider) => {
      provider.always({ ...tokens("a"), fault });
      const deadline = AbortSignal.timeout(300);
      await rejects(
        post(provider, deadline).then((response) => response.text()),
        (error: Error) => error.name === "TimeoutError",
      );
    }));
}

Deno.test("the bomb is small on the wire and large when unpacked", () =>
  withProvider(async (provider) => {
    const bomb = await gzipBomb(8 << 20);
    ok((bomb.body?.length ?? Infinity) < 20_000);
    provider.always(bomb);
    equal((await (await post(provider)).bytes()).length, 8 << 20);
  }));

Deno.test("deep JSON is as deep as it says", () =>
  withProvider(async (provider) => {
    provider.always(deepJson(3));
    deepEqual(await (await post(provider)).json(), { a: { a: { a: 1 } } });
  }));

async function withProvider(test: (provider: HostileProvider) => Promise<void>): Promise<void> {
  const provider = startHostileProvider();
  try {
    await test(provider);
  } finally {
    await provider.stop();
  }
}

function post(provider: HostileProvider, signal?: AbortSignal): Promise<Response> {
  return fetch(provider.tokenEndpoint, {
    method: "POST",
    body: new URLSearchParams({ code: "c" }),
    ...(signal ? { signal } : {}),
  });
}

async function drained(response: Response): Promise<Response> {
  await response.body?.cancel();
  return response;
}
