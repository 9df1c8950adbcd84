/** Who is a caller and who is not: tokens in the header, session cookies, and where each one counts. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { createClient } from "@supabase/supabase-js";
import { signJwt, userClaims } from "../../dev/jwt.ts";
import { authorize } from "../providers/person.ts";
import { expectError, expectJson, expectRedirect } from "../support/answers.ts";
import {
  arrival,
  authorizeAs,
  bearer,
  callbackPath,
  connected,
  finishOf,
  navigation,
  post,
} from "../support/flow.ts";
import type { Status } from "../support/payloads.ts";
import { openWorld, type User } from "../support/world.ts";

const world = await openWorld();
const { service } = world;
Deno.test.afterAll(() => world.close());

/** Tokens that name the victim, or nobody, and are not the token of a signed-in user. */
const TOKENS: [what: string, make: (user: User) => Promise<string> | string][] = [
  ["the publishable key", () => world.publishableKey],
  ["the secret key", () => world.stack.secretKey],
  ["garbage", () => "garbage"],
  ["three parts of garbage", () => "a.b.c"],
  ["parts that are JSON and no claims", () => `${part([])}.${part([])}.c2ln`],
  ["alg none", ({ id }) => `${part({ alg: "none" })}.${part(userClaims(id))}.`],
  ["a signature of another key", ({ id }) => signJwt(userClaims(id), "another secret")],
  ["no signature", ({ token }) => token.split(".").slice(0, 2).join(".")],
  ["changed claims", ({ token, id }) => replaced(token, part(userClaims(id, { aal: "aal2" })))],
  ["an expired token", ({ id }) => world.stack.supabase.signJwt(userClaims(id, { exp: past() }))],
  ["a legacy anon key", () => world.stack.supabase.signJwt({ role: "anon", exp: future() })],
  [
    "a legacy service_role key",
    () => world.stack.supabase.signJwt({ role: "service_role", exp: future() }),
  ],
  ["service_role with a sub", ({ id }) => claims(id, { role: "service_role" })],
  ["an anonymous user", ({ id }) => claims(id, { is_anonymous: true })],
  ["a token of an OAuth client", ({ id }) => claims(id, { client_id: crypto.randomUUID() })],
  ["no sub", ({ id }) => claims(id, { sub: undefined })],
  ["a sub that is no UUID", ({ id }) => claims(id, { sub: "1 or true" })],
  ["no role", ({ id }) => claims(id, { role: undefined })],
  ["a list of roles", ({ id }) => claims(id, { role: ["authenticated"] })],
];

function claims(id: string, more: Record<string, unknown>): Promise<string> {
  return world.stack.supabase.signJwt(userClaims(id, more));
}

const ROUTES: [method: string, path: string][] = [
  ["POST", "/connect/google"],
  ["GET", "/connect/google"],
  ["POST", "/callback/google"],
  ["GET", "/status"],
  ["DELETE", "/disconnect"],
];

for (const [what, make] of TOKENS) {
  Deno.test(`${what} is unauthorized everywhere and changes nothing`, async () => {
    const victim = await world.sharedUser("victim");
    const before = await everything();
    const token = await make(victim);
    for (const [method, path] of ROUTES) {
      const response = await service.call(path, {
        method,
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
        ...(method === "POST" ? { body: `{"code":"c","state":"${"s".repeat(43)}"}` } : {}),
      });
      const { message } = await expectError(response, "unauthorized");
      match(message, /sign in/i);
    }
    deepEqual(await everything(), before);
  });
}

Deno.test("a forged token of the largest size is unauthorized, although the database's server has no room for it", async () => {
  const victim = await world.sharedUser("victim");
  const before = await everything();
  const claims = part(userClaims(victim.id, { padding: "x".repeat(11_900) }));
  const token = `${part({ alg: "HS256" })}.${claims}.c2ln`;
  ok(token.length > 15_900 && token.length <= 16 * 1024, String(token.length));
  for (const [method, path] of ROUTES) {
    const response = await fetch(`${service.direct}/calendar${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      ...(method === "POST" ? { body: `{"code":"c","state":"${"s".repeat(43)}"}` } : {}),
    });
    await expectError(response, "unauthorized");
  }
  deepEqual(await everything(), before);
});

const HEADERS: [what: string, value: string | undefined][] = [
  ["no Authorization", undefined],
  ["an empty bearer", "Bearer "],
  ["another scheme", "Basic dXNlcjpwYXNz"],
  ["two tokens in one header", "Bearer a.b.c, Bearer a.b.c"],
];

for (const [what, value] of HEADERS) {
  Deno.test(`${what} is unauthorized without asking the database`, async () => {
    for (const [method, path] of ROUTES) {
      const { result, calls } = await world.counting(() =>
        service.call(path, {
          method,
          headers: {
            "content-type": "application/json",
            ...(value ? { authorization: value } : {}),
          },
          ...(method === "POST" ? { body: '{"code":"c","state":"s"}' } : {}),
        })
      );
      await expectError(result, "unauthorized");
      equal(calls.length, 0);
    }
  });
}

Deno.test("a token over 16 KiB is unauthorized without asking the database", async () => {
  const user = await world.sharedUser("victim");
  const token = await claims(user.id, { filler: "x".repeat(16_384) });
  const { result, calls } = await world.counting(() =>
    fetch(`${service.direct}/calendar/status`, { headers: bearer({ token }) })
  );
  await expectError(result, "unauthorized");
  equal(calls.length, 0);
});

Deno.test("signed out, supabase-js gets a 401 with our code and no crash", async () => {
  const { functions } = createClient(world.stack.url, world.publishableKey, {
    auth: { persistSession: false, autoRefreshToken: false },
  });
  const { error } = await functions.invoke("calendar/status", { method: "GET" });
  await expectError(error.context as Response, "unauthorized");
});

Deno.test("a token whose user was deleted connects nothing", async () => {
  const user = await world.newUser();
  await world.database.query("delete from auth.users where id = $1", [user.id]);
  const response = await service.call("/connect/google", {
    method: "POST",
    headers: bearer(user),
  });
  await expectError(response, "unauthorized");
});

Deno.test("a cookie alone authorises no call that a page's script could make", async () => {
  const user = await world.sharedUser("victim");
  for (const [method, path] of ROUTES) {
    const { result, calls } = await world.counting(() =>
      service.call(path, {
        method,
        headers: {
          cookie: user.cookie,
          "content-type": "application/json",
          "sec-fetch-mode": "cors",
          "sec-fetch-dest": "empty",
          "sec-fetch-site": "same-origin",
          accept: "*/*",
        },
        ...(method === "POST" ? { body: '{"code":"c","state":"s"}' } : {}),
      })
    );
    await expectError(result, "unauthorized");
    equal(calls.length, 0);
  }
});

/** Navigations to connect with a good cookie that start nothing all the same. */
const NO_NAVIGATIONS: [what: string, headers: Record<string, string>][] = [
  ["from another site", { "sec-fetch-site": "cross-site" }],
  ["from a sibling of the site", { "sec-fetch-site": "same-site" }],
  ["in a frame", { "sec-fetch-dest": "iframe" }],
  ["as an image", { "sec-fetch-dest": "image", "sec-fetch-mode": "no-cors" }],
  ["prefetched", { "sec-purpose": "prefetch" }],
  ["prerendered", { "sec-purpose": "prefetch;prerender" }],
];

for (const [what, headers] of NO_NAVIGATIONS) {
  Deno.test(`connect ${what} starts nothing`, async () => {
    const user = await world.sharedUser("victim");
    const { result, calls } = await world.counting(() =>
      service.call("/connect/google", { headers: { ...navigation(user), ...headers } })
    );
    await expectError(result, "unauthorized");
    equal(calls.length, 0);
  });
}

Deno.test("typed into the address bar, connect starts", async () => {
  const user = await world.newUser();
  const response = await service.call("/connect/google", {
    headers: { ...navigation(user), "sec-fetch-site": "none" },
  });
  ok((await expectRedirect(response)).href.startsWith(world.google.origin));
});

Deno.test("a browser without Sec-Fetch headers navigates by asking for HTML", async () => {
  const user = await world.newUser();
  const ask = (accept: string) =>
    service.call("/connect/google", { headers: { cookie: user.cookie, accept } });
  ok((await expectRedirect(await ask("text/html,*/*"))).href.startsWith(world.google.origin));
  await expectError(await ask("*/*"), "unauthorized");
});

Deno.test("a navigation to connect without a session leads home with the reason", async () => {
  const response = await service.call("/connect/google", { headers: navigation({ cookie: "" }) });
  const home = await expectRedirect(response);
  equal(home.origin + home.pathname, world.settingsUrl);
  deepEqual([home.searchParams.get("connected"), home.searchParams.get("reason")], [
    "error",
    "unauthorized",
  ]);
});

Deno.test("a session so large that its cookie is in chunks connects and finishes", async () => {
  const user = await world.signUp({ about: "Grüße ✓ ".repeat(250) });
  match(user.cookie, /sb-127-auth-token\.2=/);
  const away = await expectRedirect(
    await service.call("/connect/google", { headers: navigation(user) }),
  );
  const callback = await authorize(away.href);
  const home = await expectRedirect(
    await service.call(callbackPath(callback), { headers: arrival(user) }),
  );
  equal(home.searchParams.get("connected"), "success");
});

/** Cookies that are no session: the callback relays, as it does for a stranger. */
const COOKIES: [what: string, make: (user: User) => Promise<string> | string][] = [
  ["an empty one", () => `${NAME}=`],
  ["garbage", () => `${NAME}=garbage`],
  ["garbage after the prefix", () => `${NAME}=base64-!!!!`],
  ["bytes that are no UTF-8", () => `${NAME}=base64-_-79`],
  ["JSON without a token", () => `${NAME}=base64-${part({ user: {} })}`],
  ["JSON with a token that is a number", () => `${NAME}=base64-${part({ access_token: 1 })}`],
  ["a truncated one", ({ cookie }) => session(cookie).slice(0, 200)],
  ["a first chunk missing", ({ cookie }) => session(cookie).replace(NAME, `${NAME}.1`)],
  ["a gap in the chunks", ({ cookie }) => chunked(session(cookie), [0, 2])],
  ["chunks of another order", ({ cookie }) => chunked(session(cookie), [1, 0])],
  ["an expired token", async ({ id }) => cookieOf(await claims(id, { exp: past() }))],
  [
    "a token of service_role",
    async ({ id }) => cookieOf(await claims(id, { role: "service_role" })),
  ],
  ["a token of another kind", async ({ id }) => cookieOf(await claims(id, { is_anonymous: true }))],
  [
    "two different ones of one name",
    async ({ cookie, id }) => `${session(cookie)}; ${cookieOf(await claims(id, { aal: "aal2" }))}`,
  ],
  ["one under another name", ({ cookie }) => session(cookie).replace(NAME, "sb-other-auth-token")],
];

for (const [what, make] of COOKIES) {
  Deno.test(`${what} in the cookie is no session: the callback relays`, async () => {
    const user = await world.newUser();
    const callback = await authorizeAs(service, user, "google");
    const { result, calls } = await world.counting(async () =>
      await service.call(callbackPath(callback), {
        headers: arrival({ cookie: await make(user) }),
      })
    );
    const target = await expectRedirect(result);
    const fragment = new URLSearchParams(target.hash.slice(1));
    equal(fragment.get("calendar_code"), finishOf(callback).code);
    equal(calls.length, 0);
    deepEqual(await world.rowsOf(user), { connections: 0, states: 1 });
  });
}

Deno.test("a forged token in the cookie is no session: the callback relays", async () => {
  const user = await world.newUser();
  const callback = await authorizeAs(service, user, "google");
  const forged = await signJwt(userClaims(user.id), "another secret");
  const target = await expectRedirect(
    await service.call(callbackPath(callback), { headers: arrival({ cookie: cookieOf(forged) }) }),
  );
  const fragment = new URLSearchParams(target.hash.slice(1));
  equal(fragment.get("calendar_code"), finishOf(callback).code);
  deepEqual(await world.rowsOf(user), { connections: 0, states: 1 });
});

Deno.test("a cookie of 32 KiB of nothing is no session and no fault", async () => {
  const cookie = `${NAME}=base64-${"A".repeat(32_768)}`;
  const response = await fetch(`${service.direct}/calendar/callback/google?code=c&state=${STATE}`, {
    redirect: "manual",
    headers: arrival({ cookie }),
  });
  ok((await expectRedirect(response)).hash.includes("calendar_code=c"));
});

Deno.test("one cookie sent twice is still one session", async () => {
  const user = await world.newUser();
  const callback = await authorizeAs(service, user, "google");
  const cookie = `${session(user.cookie)}; other=1; ${session(user.cookie)}`;
  const home = await expectRedirect(
    await service.call(callbackPath(callback), { headers: arrival({ cookie }) }),
  );
  equal(home.searchParams.get("connected"), "success");
});

Deno.test("in a frame, a session cookie does not count and the callback relays", async () => {
  const user = await world.newUser();
  const callback = await authorizeAs(service, user, "google");
  const target = await expectRedirect(
    await service.call(callbackPath(callback), {
      headers: { ...arrival(user), "sec-fetch-dest": "iframe" },
    }),
  );
  ok(target.hash.includes("calendar_code="));
  equal((await world.rowsOf(user)).states, 1);
});

Deno.test("a header beats a cookie", async () => {
  const [one, other] = [await world.newUser(), await world.newUser()];
  const callback = await authorizeAs(service, one, "google");
  const home = await expectRedirect(
    await service.call(callbackPath(callback), { headers: { ...arrival(other), ...bearer(one) } }),
  );
  equal(home.searchParams.get("connected"), "success");
  deepEqual((await world.rowsOf(other)).connections, 0);
});

Deno.test("one user sees and removes nothing of another's", async () => {
  const [one, other] = [await world.newUser(), await world.newUser()];
  await connected(service, one, "google");
  const seen = await expectJson<Status>(await service.call("/status", { headers: bearer(other) }));
  deepEqual(seen.connections, []);
  const gone = await expectJson<{ disconnected: string[] }>(
    await service.call("/disconnect", { method: "DELETE", headers: bearer(other) }),
  );
  deepEqual(gone.disconnected, []);
  equal((await world.rowsOf(one)).connections, 1);
  await expectError(
    await post(service, other, "google", { code: "c", state: STATE }),
    "invalid_state",
  );
});

const NAME = "sb-127-auth-token";

/** One that could be a state and is nobody's. */
const STATE = "s".repeat(43);

/** The session's own cookie, without the others that @supabase/ssr keeps. */
function session(cookie: string): string {
  return cookie.split("; ").find((one) => one.startsWith(`${NAME}=`)) ?? "";
}

/** The session cut into three chunks, of which the browser sends these as `.0`, `.1`, and so on. */
function chunked(cookie: string, order: number[]): string {
  const value = cookie.slice(NAME.length + 1);
  const third = Math.ceil(value.length / 3);
  const gap = Math.max(...order) > order.length - 1;
  return order.map((from, at) =>
    `${NAME}.${gap ? from : at}=${value.slice(from * third, (from + 1) * third)}`
  ).join("; ");
}

function cookieOf(token: string): string {
  return `${NAME}=base64-${
    part({ access_token: token, refresh_token: "r", token_type: "bearer" })
  }`;
}

function replaced(token: string, payload: string): string {
  const [head, , signature] = token.split(".");
  return `${head}.${payload}.${signature}`;
}

function part(value: unknown): string {
  return new TextEncoder().encode(JSON.stringify(value))
    .toBase64({ alphabet: "base64url", omitPadding: true });
}

function past(): number {
  return Math.floor(Date.now() / 1000) - 60;
}

function future(): number {
  return Math.floor(Date.now() / 1000) + 3600;
}

/** Every row there is, of everybody. */
async function everything(): Promise<unknown[]> {
  const [connections] = await world.database.query(
    "select count(*), max(updated_at) from public.calendar_connections",
  );
  const [states] = await world.database.query("select count(*) from public.calendar_oauth_states");
  return [connections, states];
}
