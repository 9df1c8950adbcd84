/** The functions host: what reaches a function, what it may reach, and what happens when it ends. */
import { deepEqual, equal, match, notEqual, rejects } from "node:assert/strict";
import { readFunctions } from "../../dev/config.ts";
import { startFunctions } from "../../dev/functions.ts";
import { isAlive } from "./processes.ts";
import { password, stubConfig, stubNames, withStack } from "./support.ts";

for (const deno of ["2.1.4", "current"] as const) {
  Deno.test(`on Deno ${deno} a function serves, and reads only the variables it is to know`, () =>
    withStack({ deno, env: { NOT_FOR_THE_FUNCTION: "a value" } }, async (stack) => {
      const variable = async (name: string) =>
        (await fetch(`${stack.functionUrl}/variable?name=${name}`)).json();
      deepEqual(await variable("SUPABASE_URL"), { value: stack.url });
      for (const name of ["NOT_FOR_THE_FUNCTION", "SUPABASE_SERVICE_ROLE_KEY", "PATH", "HOME"]) {
        deepEqual(await variable(name), { refused: "NotCapable" }, name);
      }
    }));

  Deno.test(`on Deno ${deno} SUPABASE_URL=http://kong:8000 reaches the gateway`, () =>
    withStack({ deno, servedAs: "kong" }, async (stack) => {
      equal(stack.env.SUPABASE_URL, "http://kong:8000");
      const { accessToken } = await stack.createUser("a@example.test", password);
      const response = await fetch(`${stack.functionUrl}/connections`, {
        headers: { authorization: `Bearer ${accessToken}` },
      });
      deepEqual(await response.json(), []);
    }));
}

Deno.test("a function reaches the hosts it needs and no other", async () => {
  const other = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, () => new Response());
  const elsewhere = `http://127.0.0.1:${other.addr.port}/`;
  const reach = async (functionUrl: string, url: string) =>
    (await fetch(`${functionUrl}/reach?url=${encodeURIComponent(url)}`)).json();
  await withStack({}, async (stack) => {
    deepEqual(await reach(stack.functionUrl, `${stack.url}/auth/v1/health`), { status: 401 });
    deepEqual(await reach(stack.functionUrl, elsewhere), { refused: "NotCapable" });
  });
  await withStack({ allowNet: true }, async (stack) => {
    deepEqual(await reach(stack.functionUrl, elsewhere), { status: 200 });
  });
  await other.shutdown();
});

Deno.test("a function whose process is killed is served again by a new one", () =>
  withStack({}, async (stack) => {
    const first = stack.functions.pid("calendar") ?? 0;
    const ended = stack.functions.ended("calendar");
    Deno.kill(first, "SIGKILL");
    await ended;
    const response = await fetch(`${stack.functionUrl}/health`);
    deepEqual(await response.json(), { status: "ok" });
    const second = stack.functions.pid("calendar") ?? 0;
    notEqual(second, first);
    deepEqual([isAlive(first), isAlive(second)], [false, true]);
    equal(stack.functions.starts("calendar"), 2);
  }));

Deno.test("a function that ends is started again at once, without waiting for a call", () =>
  withStack({}, async (stack) => {
    const ended = stack.functions.ended("calendar");
    Deno.kill(stack.functions.pid("calendar") ?? 0, "SIGKILL");
    await ended;
    const patience = AbortSignal.timeout(10_000);
    while (stack.functions.starts("calendar") < 2) {
      patience.throwIfAborted();
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }));

Deno.test("a function that ends under a request answers 500, and the next request is served", () =>
  withStack({}, async (stack) => {
    const ended = stack.functions.ended("calendar");
    const response = await fetch(`${stack.functionUrl}/exit`);
    equal(response.status, 500);
    equal((await response.json()).code, "WORKER_ERROR");
    await ended;
    equal((await fetch(`${stack.functionUrl}/health`).then((next) => next.json())).status, "ok");
  }));

Deno.test("what a function prints is kept, and told as it comes", async () => {
  const told: string[] = [];
  await withStack({ onLine: (name, line) => told.push(`${name}: ${line}`) }, async (stack) => {
    await (await fetch(`${stack.functionUrl}/url`)).body?.cancel();
    await stack.functions.stop();
    deepEqual(stack.functions.lines("calendar"), ["GET /calendar/url"]);
    deepEqual(told, ["calendar: GET /calendar/url"]);
  });
});

Deno.test("of what a function prints the newest lines are kept", () =>
  withStack({}, async (stack) => {
    await (await fetch(`${stack.functionUrl}/print?lines=5005`)).body?.cancel();
    await stack.functions.stop();
    const lines = stack.functions.lines("calendar");
    deepEqual([lines.length, lines[0], lines.at(-1)], [5000, "line 5", "line 5004"]);
  }));

Deno.test("a function imports nothing from the network", async () => {
  // A host from which Deno imports without asking for a permission.
  const folder = await project('import "https://esm.sh/a-package";');
  await rejects(stubFunctions(folder), /--no-remote/);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("a function that cannot start says why, and starts once it is repaired", async () => {
  const folder = await project(`throw new Error("no key for the lock");`);
  await rejects(
    stubFunctions(folder),
    /calendar ended at its start \(code 1\):[^]*no key for the lock/,
  );
  await Deno.writeTextFile(`${folder}/index.ts`, "Deno.serve(() => new Response('repaired'));");
  const functions = await stubFunctions(folder);
  const origin = await functions.origin("calendar");
  equal(await (await fetch(`${origin}/calendar`)).text(), "repaired");
  await Deno.writeTextFile(`${folder}/index.ts`, `throw new Error("broken again");`);
  const ended = functions.ended("calendar");
  Deno.kill(functions.pid("calendar") ?? 0, "SIGKILL");
  await ended;
  await rejects(functions.origin("calendar"), /broken again/);
  await Deno.writeTextFile(`${folder}/index.ts`, "Deno.serve(() => new Response('well'));");
  await functions.origin("calendar");
  equal(await (await fetch(`${origin}/calendar`)).text(), "well");
  await functions.stop();
  await Deno.remove(folder, { recursive: true });
});

Deno.test("the configuration names each function's module and refuses what is not served so", async () => {
  deepEqual(readFunctions(stubConfig).map(({ name }) => name), ["calendar"]);
  match(readFunctions(stubConfig)[0]?.entrypoint ?? "", /stub\/functions\/calendar\/index\.ts$/);
  const folder = await project("", "[functions.calendar]\nverify_jwt = true\n");
  await rejects(stubFunctions(folder), /verify_jwt = false/);
  await Deno.remove(folder, { recursive: true });
});

const plainConfig = `[functions.calendar]\nverify_jwt = false\nentrypoint = "./index.ts"\n`;

async function project(source: string, config = plainConfig): Promise<string> {
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(`${folder}/config.toml`, config);
  await Deno.writeTextFile(`${folder}/index.ts`, source);
  return folder;
}

function stubFunctions(folder: string) {
  return startFunctions({
    deno: "current",
    env: {},
    names: stubNames,
    allowNet: [],
    configFile: `${folder}/config.toml`,
  });
}
