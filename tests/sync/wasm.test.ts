/**
 * The worker's Wasm by itself: what it exports, what it holds of the other function, and how it answers
 * while a database that this file plays answers it.
 */
import { environmentNames, requestHandler } from "../../pkg/sync/calendar_connect.js";
import * as calendar from "../../pkg/calendar_connect.js";

const user = "00000000-0000-4000-8000-00000000000a";
const secret = "sb_secret_fake";
const origin = "https://app.example";

const jwt = (claims: Record<string, unknown>) =>
  `e30.${btoa(JSON.stringify(claims)).replace(/=+$/, "")}.fake`;
const session = jwt({ sub: user, role: "authenticated", exp: 4_000_000_000 });

/** A database that answers every function with what a test says, and remembers who asked for what. */
function database(answers: Record<string, unknown>) {
  const asked: { path: string; authorization: string | null; apikey: string | null }[] = [];
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, (request) => {
    const { pathname } = new URL(request.url);
    const name = pathname.split("/").at(-1)!;
    asked.push({
      path: pathname,
      authorization: request.headers.get("authorization"),
      apikey: request.headers.get("apikey"),
    });
    return name in answers
      ? Response.json(answers[name])
      : Response.json({ code: "42883", message: "no such function" }, { status: 404 });
  });
  return { url: `http://127.0.0.1:${server.addr.port}`, asked, stop: () => server.shutdown() };
}

function environment(url: string): Record<string, string> {
  return {
    SUPABASE_URL: url,
    SUPABASE_PUBLISHABLE_KEYS: '{"default":"sb_publishable_fake"}',
    SUPABASE_SECRET_KEYS: JSON.stringify({ default: secret, other: "sb_secret_other_fake" }),
    CALENDAR_ENCRYPTION_KEY: btoa("0".repeat(32)),
    CALENDAR_SETTINGS_URL: `${origin}/settings`,
    GOOGLE_CLIENT_ID: "fake-id",
    GOOGLE_CLIENT_SECRET: "fake-secret",
  };
}

const idle = {
  calendar_sync_claim: { run: null, items: [] },
  calendar_refresh_mine: { marked: 0, waiting: [] },
  calendar_status: { connections: [], sync: { healthy: null, last_run_at: null } },
};

async function answered(
  handler: (request: Request) => Promise<Response>,
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body?: string,
) {
  const request = new Request(`http://edge/calendar-sync/${path}`, { method, headers, body });
  const response = await handler(request);
  const text = await response.text();
  return { status: response.status, headers: response.headers, json: text && JSON.parse(text) };
}

function expect(actual: unknown, expected: unknown, about: string): void {
  const [a, b] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (a !== b) throw new Error(`${about}: ${a}, not ${b}`);
}

/** The background work of the test before must have ended: it has when the database was asked. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

Deno.test("each function's Wasm exports its own, and holds nothing that only the other needs", async () => {
  const worker = await import("../../pkg/sync/calendar_connect.js");
  expect(
    Object.keys(worker).sort(),
    ["environmentNames", "requestHandler"],
    "exports of the worker",
  );
  for (const name of ["encryptToken", "exchangeGoogleCode", "configurationProblems"]) {
    if (!(name in calendar)) throw new Error(`pkg/ no longer exports ${name}`);
  }
  const text = async (path: string) =>
    new TextDecoder("latin1").decode(
      await Deno.readFile(new URL(`../../pkg/${path}calendar_connect_bg.wasm`, import.meta.url)),
    );
  const [ofUsers, ofWorker] = [await text(""), await text("sync/")];
  const only = {
    worker: [
      "calendar_sync_claim",
      "calendar_sync_settle",
      "SUPABASE_SECRET_KEYS",
      "freeBusy",
      "calendarView",
    ],
    users: [
      "calendar_open_state",
      "calendar_take_state",
      "calendar_save_connection",
      "code_challenge",
    ],
  };
  for (const word of only.worker) {
    if (!ofWorker.includes(word)) throw new Error(`The worker's Wasm lacks ${word}.`);
    if (ofUsers.includes(word)) throw new Error(`The users' Wasm holds ${word}.`);
  }
  for (const word of only.users) {
    if (!ofUsers.includes(word)) throw new Error(`The users' Wasm lacks ${word}.`);
    if (ofWorker.includes(word)) throw new Error(`The worker's Wasm holds ${word}.`);
  }
});

Deno.test("only the worker is handed the project's secret keys", () => {
  const names = environmentNames();
  for (const name of ["SUPABASE_SECRET_KEYS", "SUPABASE_SERVICE_ROLE_KEY"]) {
    if (!names.includes(name)) throw new Error(`The worker does not ask for ${name}.`);
    if (calendar.environmentNames().includes(name)) {
      throw new Error(`The users' function asks for ${name}.`);
    }
  }
});

Deno.test("a tick is accepted from anybody, tells nothing, and claims once a second", async () => {
  const { url, asked, stop } = database(idle);
  try {
    const handler = requestHandler(environment(url));
    for (let n = 0; n < 20; n++) {
      const bodies = [undefined, "{}", "junk", '{"wait":false}', "x".repeat(5000)];
      const answer = await answered(handler, "POST", "tick", { origin }, bodies[n % bodies.length]);
      expect([answer.status, answer.json], [202, {}], "answer");
      expect(answer.headers.get("access-control-allow-origin"), null, "for a page");
    }
    await until(() => asked.length > 0);
    expect(asked.map(({ path }) => path), ["/rest/v1/rpc/calendar_sync_claim"], "asked");
    expect([asked[0]!.apikey, asked[0]!.authorization], [secret, null], "with");
  } finally {
    await stop();
  }
});

Deno.test("only the project's secret keys may wait for the figures of a tick", async () => {
  const { url, asked, stop } = database(idle);
  try {
    const handler = requestHandler(environment(url));
    const wait = (headers: Record<string, string>) =>
      answered(handler, "POST", "tick", headers, '{"wait":true}');
    for (
      const headers of [
        {},
        { apikey: "" },
        { apikey: "sb_publishable_fake" },
        { apikey: `${secret}x` },
        { apikey: secret.slice(0, -1) },
        { apikey: "x".repeat(5000) },
        { authorization: `Bearer ${secret}` },
      ]
    ) {
      const answer = await wait(headers as Record<string, string>);
      expect(
        [answer.status, answer.json.code],
        [401, "unauthorized"],
        JSON.stringify(headers).slice(0, 60),
      );
    }
    expect(asked.length, 0, "asked for strangers");
    for (const apikey of [secret, "sb_secret_other_fake"]) {
      const answer = await wait({ apikey });
      const none = { run: null, claimed: 0, read: 0, refreshed: 0, failed: 0, revoked: 0 };
      expect([answer.status, answer.json], [200, none], apikey);
    }
  } finally {
    await stop();
  }
});

Deno.test("a user is read now under their own JWT, and the key is used for the claim alone", async () => {
  const { url, asked, stop } = database({
    ...idle,
    calendar_refresh_mine: {
      marked: 1,
      waiting: [{ connection: user, reason: "refreshing", retry_after: 60 }],
    },
  });
  try {
    const handler = requestHandler(environment(url));
    const authorization = `Bearer ${session}`;
    const answer = await answered(handler, "POST", "now", { authorization, origin });
    expect(
      [answer.status, answer.json.connected, answer.json.refreshing],
      [200, false, true],
      "answer",
    );
    expect(answer.headers.get("access-control-allow-origin"), origin, "for a page");
    expect(
      asked.map(({ path, authorization: sent, apikey }) => [path.split("/").at(-1), sent, apikey]),
      [
        ["calendar_refresh_mine", authorization, "sb_publishable_fake"],
        ["calendar_sync_claim", null, secret],
        ["calendar_status", authorization, "sb_publishable_fake"],
      ],
      "asked",
    );
    for (
      const headers of [
        {},
        { authorization: "Bearer sb_publishable_fake" },
        { authorization: `Bearer ${secret}` },
        { authorization: `Bearer ${jwt({ sub: user, role: "service_role" })}` },
        {
          authorization: `Bearer ${jwt({ sub: user, role: "authenticated", is_anonymous: true })}`,
        },
        { cookie: `sb-127-auth-token=${session}` },
      ]
    ) {
      const refused = await answered(handler, "POST", "now", headers as Record<string, string>);
      expect(
        [refused.status, refused.json.code],
        [401, "unauthorized"],
        JSON.stringify(headers).slice(0, 60),
      );
    }
    expect(asked.length, 3, "asked for strangers");
  } finally {
    await stop();
  }
});

Deno.test("other paths and methods are refused, and health needs no database", async () => {
  const handler = requestHandler(environment("http://127.0.0.1:9"));
  for (
    const [method, path, status] of [
      ["GET", "health", 200],
      ["HEAD", "health", 200],
      ["GET", "tick", 405],
      ["DELETE", "now", 405],
      ["POST", "token", 404],
      ["GET", "status", 404],
      ["POST", "connect/google", 404],
    ] as const
  ) {
    expect((await answered(handler, method, path)).status, status, `${method} ${path}`);
  }
  const lacking = requestHandler({
    ...environment("http://127.0.0.1:9"),
    SUPABASE_SECRET_KEYS: "{}",
  });
  const answer = await answered(lacking, "GET", "health");
  expect([answer.status, answer.json.code], [500, "misconfigured"], "without a secret key");
});
