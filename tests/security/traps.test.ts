/**
 * Line 23: a Wasm that traps answers its caller and everybody in flight with 500, ends, and is
 * replaced; nobody hangs. With a test-only build of the same sources, on both levels of Deno.
 *
 * Mutations tried: see defences.ts, "23".
 */
import { deepEqual, equal, ok } from "node:assert/strict";
import { denoBinary, type DenoVersion } from "../../dev/deno.ts";
import { type Functions, startFunctions } from "../../dev/functions.ts";
import { exists, inRepository } from "../../dev/paths.ts";
import { expectError, expectJson } from "../support/answers.ts";
import { DOCUMENTED_NAMES } from "../support/environment.ts";
import { ENV, token } from "./offline.ts";
import { Silence } from "./silence.ts";

const BUILT = inRepository(".cache", "pkg-trap", "calendar_connect.js");
const IN_FLIGHT = 21;

/** What pages send: none at all, one of the app's, and one of somebody else's. */
const PAGES: readonly Record<string, string>[] = [
  {},
  { origin: "https://app.example.test" },
  { origin: "https://attacker.example" },
];

/** The headers that one error's answer has in common with another's. */
function lasting(answer: Response | undefined): [string, string][] {
  const own = ["content-length", "date", "x-request-id"];
  return [...answer?.headers ?? []].filter(([name]) => !own.includes(name));
}

if (!exists(BUILT)) {
  throw new Error("The Wasm that can trap has not been built. Run: tests/security/build_trap.sh");
}

/** The shim of supabase/functions, importing the other build. */
async function shim(): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "calendar-trap-" });
  await Deno.writeTextFile(
    `${folder}/index.ts`,
    `import { environmentNames, requestHandler } from ${JSON.stringify(`file://${BUILT}`)};
const env = Object.fromEntries(environmentNames().map((name) => [name, Deno.env.get(name)]));
Deno.serve(requestHandler(env));
`,
  );
  const config = `[functions.calendar]\nverify_jwt = false\nentrypoint = "./index.ts"\n`;
  await Deno.writeTextFile(`${folder}/config.toml`, config);
  return folder;
}

/** Fails where a mutated defence would leave the test waiting for ever. */
async function soon<T>(work: Promise<T>, what: string): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`waited in vain for ${what}`)), 12_000);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}

const silence = new Silence();
const folder = await shim();
Deno.test.afterAll(async () => {
  silence.stop();
  await Deno.remove(folder, { recursive: true });
});

function start(deno: DenoVersion): Promise<Functions> {
  const env = { ...ENV, SUPABASE_URL: silence.origin, CALENDAR_DATABASE_TIMEOUT_MS: "60000" };
  return startFunctions({
    deno,
    env: Object.fromEntries(
      Object.entries(env).filter((pair): pair is [string, string] => !!pair[1]),
    ),
    names: DOCUMENTED_NAMES,
    allowNet: [new URL(silence.origin).host],
    configFile: `${folder}/config.toml`,
  });
}

for (const deno of ["2.1.4", "current"] as const) {
  Deno.test(`line 23, Deno ${deno}: a trap is answered, ends the isolate, and the next one serves`, async () => {
    const functions = await start(deno);
    silence.forget();
    try {
      const origin = await functions.origin("calendar");
      await expectJson(await fetch(`${origin}/calendar/health`));
      const headers = { authorization: `Bearer ${token()}` };
      const inFlight = Array.from(
        { length: IN_FLIGHT },
        (_, at) =>
          fetch(`${origin}/calendar/status`, {
            headers: { ...headers, ...PAGES[at % PAGES.length] },
          }),
      );
      await silence.asked(IN_FLIGHT);
      const other = await Promise.all(
        PAGES.map((page) => fetch(`${origin}/calendar/nothing`, { headers: { ...page } })),
      );

      const ended = functions.ended("calendar");
      const trapped = fetch(`${origin}/calendar/__trap`);
      const answers = await soon(Promise.all([trapped, ...inFlight]), "those in flight");
      deepEqual(answers.map(({ status }) => status), Array(IN_FLIGHT + 1).fill(500));
      for (const answer of answers) await expectError(answer, "internal");
      for (const [at, answer] of answers.slice(1).entries()) {
        deepEqual(lasting(answer), lasting(other[at % PAGES.length]));
      }
      for (const answer of other) await answer.body?.cancel();

      await soon(ended, "the isolate to end");
      const next = await functions.origin("calendar");
      await expectJson(await fetch(`${next}/calendar/health`));
      equal(functions.starts("calendar"), 2);
      const traps = functions.lines("calendar").filter((line) => line.includes('"cause":"trap"'));
      ok(traps.length >= IN_FLIGHT + 1, "each 500 has its line in the log");
    } finally {
      await functions.stop();
    }
  });

  Deno.test(`line 23, Deno ${deno}: a trap after a reply is answered too, and ends the isolate`, async () => {
    const functions = await start(deno);
    silence.forget();
    try {
      const origin = await functions.origin("calendar");
      const headers = { authorization: `Bearer ${token()}`, "content-type": "application/json" };
      const waiting = fetch(`${origin}/calendar/status`, { headers });
      await silence.asked(1);
      const ended = functions.ended("calendar");
      const callback = `${origin}/calendar/callback/google?__trap`;
      const trapped = fetch(callback, { method: "POST", headers, body: "{}" });
      for (const answer of await soon(Promise.all([trapped, waiting]), "those in flight")) {
        await expectError(answer, "internal");
      }
      await soon(ended, "the isolate to end");
      await expectJson(await fetch(`${await functions.origin("calendar")}/calendar/health`));
    } finally {
      await functions.stop();
    }
  });

  Deno.test(`line 23, Deno ${deno}: a trap rejects what helpers have promised, then and later`, async () => {
    const script = `${folder}/helpers.ts`;
    await Deno.writeTextFile(
      script,
      `import { exchangeGoogleCode, requestHandler } from ${JSON.stringify(`file://${BUILT}`)};
globalThis.fetch = () => new Promise(() => {});
const options = { clientId: "c", clientSecret: "s", redirectUri: "r", code: "c", codeVerifier: "v".repeat(43) };
const told = (name) => exchangeGoogleCode(options).then(() => console.log(name, "kept"), () => console.log(name, "rejected"));
const first = told("first");
const { status } = await requestHandler({})(new Request("http://internal.invalid/calendar/__trap"));
console.log("trap", status);
await first;
await told("second");
`,
    );
    const args = ["run", "--no-config", "--no-lock", "--allow-read", script];
    const command = new Deno.Command(denoBinary(deno), { args, stdout: "piped", stderr: "piped" });
    const { success, stdout } = await soon(command.output(), "the isolate to end");
    const lines = new TextDecoder().decode(stdout).trim().split("\n");
    deepEqual(lines, ["first rejected", "trap 500", "second rejected"]);
    ok(!success, "an uncaught error ends it");
  });

  Deno.test(`line 23, Deno ${deno}: five traps one after another are five replacements`, async () => {
    const functions = await start(deno);
    try {
      for (let trap = 1; trap <= 5; trap++) {
        const origin = await functions.origin("calendar");
        const ended = functions.ended("calendar");
        await expectError(await soon(fetch(`${origin}/calendar/__trap`), "a 500"), "internal");
        await soon(ended, "the isolate to end");
        await expectJson(await fetch(`${await functions.origin("calendar")}/calendar/health`));
        equal(functions.starts("calendar"), trap + 1);
      }
    } finally {
      await functions.stop();
    }
  });
}

Deno.test("line 23: the Wasm that ships has no route that traps", async () => {
  const { inProcess } = await import("./handler.ts");
  const { offline } = await import("./offline.ts");
  await expectError(await inProcess(offline()).call("/__trap"), "not_found");
});
