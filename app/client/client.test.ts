import assert from "node:assert/strict";
import { captureFromNowOn } from "./capture.ts";
import { CalendarClient } from "./client.ts";
import { CalendarError } from "./error.ts";
import {
  ADA,
  type Call,
  GOOGLE_CONNECTED,
  NO_CONNECTION,
  onPage,
  refusal,
  supabaseFor,
} from "./page_for_tests.ts";

const settings = "https://app.example/app/settings";
const relayed = `${settings}#calendar_provider=google&calendar_code=c-1&calendar_state=s-1`;
const authorization = {
  authorization_url: "https://accounts.example/authorize?state=s-1",
  provider: "google",
  expires_at: "2999-01-01T00:00:00Z",
};

function service(call: Call): unknown {
  if (call.path.startsWith("calendar/connect/")) return authorization;
  if (call.path.startsWith("calendar/disconnect")) {
    return { ...NO_CONNECTION, disconnected: ["google"] };
  }
  return call.path.startsWith("calendar/callback/") ? GOOGLE_CONNECTED : NO_CONNECTION;
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(() => null, (error: unknown) => error);
  assert(error instanceof CalendarError, `expected a CalendarError, got ${error}`);
  return error.code;
}

Deno.test("connect sends the browser where the function says", () =>
  onPage(settings, async (page) => {
    const { supabase, calls } = supabaseFor("ada", service);
    assert.deepEqual(await new CalendarClient(supabase).connect("google"), authorization);
    assert.deepEqual(calls, [{
      path: "calendar/connect/google",
      method: "POST",
      body: undefined,
    }]);
    assert.deepEqual(page.assigned, [authorization.authorization_url]);
  }));

Deno.test("connect goes to web pages only", () =>
  onPage(settings, async (page) => {
    const hostile = { ...authorization, authorization_url: "javascript:alert(1)" };
    const { supabase } = supabaseFor("ada", () => hostile);
    assert.equal(await codeOf(new CalendarClient(supabase).connect("google")), "unreachable");
    assert.deepEqual(page.assigned, []);
  }));

Deno.test("finish redeems the return with the user's token and clears the address first", () =>
  onPage(relayed, async (page) => {
    const { supabase, calls } = supabaseFor("ada", (call) => {
      assert.equal(page.href(), settings);
      return service(call);
    });
    const finished = await new CalendarClient(supabase).finish();
    assert.deepEqual(finished, {
      outcome: "connected",
      provider: "google",
      connection: ADA,
      status: GOOGLE_CONNECTED,
    });
    assert.deepEqual(calls, [{
      path: "calendar/callback/google",
      method: "POST",
      body: { code: "c-1", state: "s-1" },
    }]);
  }));

Deno.test("finish clears the address before its caller can do anything else", () =>
  onPage(relayed, async (page) => {
    const work = new CalendarClient(supabaseFor("ada", service).supabase).finish();
    assert.deepEqual(page.replaced, [settings]);
    await work;
  }));

Deno.test("a return that is opened in a tab that shows the page leaves the address at once", () =>
  onPage(settings, (page) => {
    captureFromNowOn();
    history.replaceState(null, "", relayed);
    dispatchEvent(new Event("hashchange"));
    assert.equal(page.href(), settings);
    return Promise.resolve();
  }));

Deno.test("callers of finish at one time, of any client, share one redemption", () =>
  onPage(relayed, async () => {
    const { supabase, calls } = supabaseFor("ada", service);
    const first = new CalendarClient(supabase);
    const results = await Promise.all([
      first.finish(),
      first.finish(),
      new CalendarClient(supabase).finish(),
    ]);
    assert.deepEqual(results.map(({ outcome }) => outcome), Array(3).fill("connected"));
    assert.equal(calls.length, 1);
    assert.deepEqual(await first.finish(), { outcome: "none" });
  }));

Deno.test("finish on an ordinary load does nothing", () =>
  onPage(`${settings}?code=supabase&x=1#section`, async (page) => {
    const { supabase, calls } = supabaseFor("ada", service);
    assert.deepEqual(await new CalendarClient(supabase).finish(), { outcome: "none" });
    assert.deepEqual([calls, page.replaced], [[], []]);
  }));

Deno.test("finish where there is no page does nothing", async () => {
  const { supabase } = supabaseFor("ada", service);
  assert.deepEqual(await new CalendarClient(supabase).finish(), { outcome: "none" });
});

Deno.test("finish when signed out clears the address, keeps nothing and says to sign in", () =>
  onPage(relayed, async (page) => {
    const { supabase, calls } = supabaseFor(null, service);
    const finished = await new CalendarClient(supabase).finish();
    assert(finished.outcome === "refused");
    assert.equal(finished.error.code, "unauthorized");
    assert.equal(page.href(), settings);
    assert.deepEqual([calls, sessionStorage.length], [[], 0]);
    const later = supabaseFor("ada", service);
    assert.deepEqual(await new CalendarClient(later.supabase).finish(), { outcome: "none" });
    assert.deepEqual(later.calls, []);
  }));

Deno.test("a return started by another user is not sent", () =>
  onPage(settings, async () => {
    await new CalendarClient(supabaseFor("ada", service).supabase).connect("google");
    history.replaceState(null, "", relayed);
    const { supabase, calls } = supabaseFor("grace", service);
    const finished = await new CalendarClient(supabase).finish();
    assert(finished.outcome === "refused");
    assert.equal(finished.error.code, "wrong_user");
    assert.deepEqual(calls, []);
  }));

const unlike = JSON.stringify({ user: 7, provider: "google", expires_at: "2999-01-01T00:00:00Z" });
for (const kept of ["not JSON", "null", "7", '{"user":"grace"}', unlike]) {
  Deno.test(`a start that is kept as ${kept} says nothing about who returns`, () =>
    onPage(relayed, async () => {
      sessionStorage.setItem("calendar-connect.starter", kept);
      const finished = await new CalendarClient(supabaseFor("ada", service).supabase).finish();
      assert.equal(finished.outcome, "connected");
      assert.equal(sessionStorage.length, 0);
    }));
}

Deno.test("where the browser forbids storage everything else works", () =>
  onPage(settings, async (page) => {
    const storage = Object.getOwnPropertyDescriptor(globalThis, "sessionStorage")!;
    const forbidden = () => {
      throw new DOMException("forbidden", "SecurityError");
    };
    Object.defineProperty(globalThis, "sessionStorage", { get: forbidden, configurable: true });
    try {
      const calendar = new CalendarClient(supabaseFor("ada", service).supabase);
      await calendar.connect("google");
      assert.equal(page.assigned.length, 1);
      history.replaceState(null, "", relayed);
      assert.equal((await calendar.finish()).outcome, "connected");
    } finally {
      Object.defineProperty(globalThis, "sessionStorage", storage);
    }
  }));

Deno.test("a start with one provider says nothing about a return from the other", () =>
  onPage(settings, async () => {
    await new CalendarClient(supabaseFor("ada", service).supabase).connect("google");
    history.replaceState(null, "", relayed.replace("google", "outlook"));
    const finished = await new CalendarClient(supabaseFor("grace", service).supabase).finish();
    assert.equal(finished.outcome, "connected");
  }));

Deno.test("a start that has run out says nothing about who returns", () =>
  onPage(settings, async () => {
    const past = { ...authorization, expires_at: "2020-01-01T00:00:00Z" };
    await new CalendarClient(supabaseFor("ada", () => past).supabase).connect("google");
    history.replaceState(null, "", relayed);
    const finished = await new CalendarClient(supabaseFor("grace", service).supabase).finish();
    assert.equal(finished.outcome, "connected");
  }));

Deno.test("a denied consent is told to the function and comes back as its refusal", () =>
  onPage(
    `${settings}#calendar_provider=outlook&calendar_error=access_denied&calendar_state=s`,
    async () => {
      const { supabase, calls } = supabaseFor("ada", () => refusal("access_denied", 403));
      const finished = await new CalendarClient(supabase).finish();
      assert(finished.outcome === "refused");
      assert.deepEqual([finished.provider, finished.error.code], ["outlook", "access_denied"]);
      assert.deepEqual(calls[0]?.body, { error: "access_denied", state: "s" });
    },
  ));

Deno.test("a one-step success counts only when the status agrees", async () => {
  const landed = `${settings}?connected=success&provider=google`;
  await onPage(landed, async (page) => {
    const { supabase } = supabaseFor("ada", () => GOOGLE_CONNECTED);
    assert.equal((await new CalendarClient(supabase).finish()).outcome, "connected");
    assert.equal(page.href(), settings);
  });
  await onPage(landed, async () => {
    const { supabase } = supabaseFor("ada", () => NO_CONNECTION);
    assert.deepEqual(await new CalendarClient(supabase).finish(), { outcome: "none" });
  });
});

for (const status of ["expired", "revoked", "error", "paused"]) {
  Deno.test(`a link that claims success is not believed for a connection that is ${status}`, () =>
    onPage(`${settings}?connected=success&provider=google`, async () => {
      const connections = [{ ...GOOGLE_CONNECTED.connections[0], status }];
      const { supabase } = supabaseFor("ada", () => ({ ...GOOGLE_CONNECTED, connections }));
      assert.deepEqual(await new CalendarClient(supabase).finish(), { outcome: "none" });
    }));
}

Deno.test("a link that claims success for one provider is not believed for the other", () =>
  onPage(`${settings}?connected=success&provider=outlook`, async () => {
    const { supabase } = supabaseFor("ada", () => GOOGLE_CONNECTED);
    assert.deepEqual(await new CalendarClient(supabase).finish(), { outcome: "none" });
  }));

Deno.test("status and disconnect hand over the function's payload", () =>
  onPage(settings, async () => {
    const { supabase, calls } = supabaseFor("ada", service);
    const calendar = new CalendarClient(supabase);
    assert.deepEqual(await calendar.status(), NO_CONNECTION);
    await calendar.disconnect("google");
    await calendar.disconnect();
    assert.deepEqual(calls.map(({ method, path }) => `${method} ${path}`), [
      "GET calendar/status",
      "DELETE calendar/disconnect?provider=google",
      "DELETE calendar/disconnect",
    ]);
  }));

Deno.test("a refusal keeps code, status, request id and the time to wait", () =>
  onPage(settings, async () => {
    const { supabase } = supabaseFor(
      "ada",
      () => refusal("rate_limited", 429, { "retry-after": "7" }),
    );
    const error = await new CalendarClient(supabase).status().catch((error: unknown) => error);
    assert(error instanceof CalendarError);
    assert.deepEqual(
      [error.code, error.status, error.requestId, error.retryAfter],
      ["rate_limited", 429, "request-1", 7],
    );
  }));

Deno.test("a code of a newer function is kept, with message, status and request id", () =>
  onPage(settings, async () => {
    const { supabase } = supabaseFor("ada", () => refusal("calendar_full", 409));
    const error = await new CalendarClient(supabase).status().catch((error: unknown) => error);
    assert(error instanceof CalendarError);
    assert.deepEqual(
      [error.code, error.message, error.status, error.requestId],
      ["calendar_full", "refused: calendar_full", 409, "request-1"],
    );
  }));

for (
  const [what, answer] of [
    ["a gateway's page", new Response("<h1>502</h1>", { status: 502 })],
    ["a stranger's error", Response.json({ message: "Function not found" }, { status: 404 })],
    ["a code of another form", refusal("__proto__", 400)],
    ["a code with a space", refusal("not a code", 400)],
    ["a code that is a number", Response.json({ code: 401, message: "m", request_id: "r" })],
    ["an error without a request id", Response.json({ code: "internal", message: "m" })],
    ["text with status 200", "hello"],
    ["JSON of another shape", { connected: true }],
  ] as const
) {
  Deno.test(`${what} is unreachable, not a crash`, () =>
    onPage(settings, async () => {
      const { supabase } = supabaseFor("ada", () => answer);
      assert.equal(await codeOf(new CalendarClient(supabase).status()), "unreachable");
    }));
}

Deno.test("a session that the network kept from refreshing is unreachable, not signed out", () =>
  onPage(settings, async () => {
    const { supabase } = supabaseFor(null, service);
    supabase.auth.getSession = () =>
      Promise.resolve({ data: { session: null }, error: { name: "AuthRetryableFetchError" } });
    assert.equal(await codeOf(new CalendarClient(supabase).status()), "unreachable");
  }));

const never = () => new Promise<never>(() => {});

Deno.test("a call without an answer is unreachable after the client's own time", () =>
  onPage(settings, async () => {
    const began = Date.now();
    const { supabase } = supabaseFor("ada", never);
    const calendar = new CalendarClient(supabase, { timeoutMs: 30 });
    assert.equal(await codeOf(calendar.status()), "unreachable");
    const stuck = supabaseFor("ada", service).supabase;
    stuck.auth.getSession = never;
    const signingIn = new CalendarClient(stuck, { timeoutMs: 30 });
    assert.equal(await codeOf(signingIn.status()), "unreachable");
    assert(Date.now() - began < 5_000, `it took ${Date.now() - began} ms`);
  }));

Deno.test("an answer that stops half way is unreachable, and its request is ended", async () => {
  const ended = Promise.withResolvers<void>();
  const closing = new AbortController();
  const { addr, finished } = Deno.serve(
    { port: 0, onListen: () => {}, signal: closing.signal },
    () => {
      const start = (body: ReadableStreamDefaultController) =>
        body.enqueue(new TextEncoder().encode('{"connected":'));
      return new Response(new ReadableStream({ start, cancel: () => ended.resolve() }));
    },
  );
  const tooLong = setTimeout(() => ended.reject(new Error("the request is still open")), 3_000);
  const { supabase } = supabaseFor("ada", service);
  const calendar = new CalendarClient(supabase, {
    url: `http://127.0.0.1:${addr.port}`,
    timeoutMs: 200,
  });
  try {
    assert.equal(await codeOf(calendar.status()), "unreachable");
    await ended.promise;
  } finally {
    clearTimeout(tooLong);
    closing.abort();
    await finished;
  }
});

Deno.test("an answer in time leaves no timer behind", () =>
  onPage(settings, async () => {
    const { setTimeout: set, clearTimeout: clear } = globalThis;
    const open = new Set<unknown>();
    globalThis.setTimeout = ((work: () => void, time: number) => {
      const timer = set(work, time);
      open.add(timer);
      return timer;
    }) as typeof set;
    globalThis.clearTimeout = (timer) => {
      open.delete(timer);
      clear(timer);
    };
    try {
      await new CalendarClient(supabaseFor("ada", service).supabase).status();
      assert.equal(open.size, 0);
    } finally {
      Object.assign(globalThis, { setTimeout: set, clearTimeout: clear });
      open.forEach((timer) => clear(timer as number));
    }
  }));

Deno.test("under the app's own domain the calls go there, with the user's token", async () => {
  const seen: string[] = [];
  const server = Deno.serve({ port: 0, onListen: () => {} }, async (request) => {
    const { pathname, search } = new URL(request.url);
    seen.push(
      `${request.method} ${pathname}${search} ${request.headers.get("authorization")} ` +
        await request.text(),
    );
    return pathname.endsWith("/status") ? refusal("misconfigured", 500) : Response.json(
      pathname.endsWith("/disconnect") ? { ...NO_CONNECTION, disconnected: [] } : GOOGLE_CONNECTED,
    );
  });
  const url = `http://127.0.0.1:${server.addr.port}/api/calendar`;
  await onPage(relayed, async () => {
    const { supabase } = supabaseFor("ada", () => assert.fail("not through functions.invoke"));
    const calendar = new CalendarClient(supabase, { url: `${url}/` });
    assert.equal((await calendar.finish()).outcome, "connected");
    assert.equal(await codeOf(calendar.status()), "misconfigured");
    await calendar.disconnect("outlook");
  });
  await server.shutdown();
  const gone = new CalendarClient(supabaseFor("ada", service).supabase, { url });
  assert.equal(await codeOf(gone.status()), "unreachable");
  assert.deepEqual(seen, [
    'POST /api/calendar/callback/google Bearer token of ada {"code":"c-1","state":"s-1"}',
    "GET /api/calendar/status Bearer token of ada ",
    "DELETE /api/calendar/disconnect?provider=outlook Bearer token of ada ",
  ]);
});
