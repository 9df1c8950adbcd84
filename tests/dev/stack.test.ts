/** The whole stack: a person signs in with supabase-js and reads their rows, on each database. */
import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { createClient } from "@supabase/supabase-js";
import { environmentNames } from "../../dev/environment.ts";
import { checkHealth } from "../../dev/health.ts";
import { demo, seedDemo } from "../../dev/demo.ts";
import type { Stack, StackOptions } from "../../dev/mod.ts";
import { descendants, isAlive, listeningAddresses } from "./processes.ts";
import { isFree, leavings, password, startStubStack, withStack } from "./support.ts";

const databases: [StackOptions["postgres"], RegExp][] = [
  ["pglite", /^1\d\./],
  [15, /^15\./],
  [18, /^18\./],
];

for (const [postgres, version] of databases) {
  Deno.test(`${postgres}: a person signs in and reads their own rows`, (t) =>
    withStack({ postgres: postgres ?? "pglite" }, async (stack) => {
      match(stack.supabase.postgresVersion, version);

      await t.step(
        "the demo person is signed up once, however often the stack starts",
        async () => {
          await seedDemo(stack);
          await seedDemo(stack);
          const users = await stack.database.query("select email from auth.users");
          deepEqual(users, [{ email: demo.email }]);
        },
      );

      await t.step("by supabase-js, directly and through the function", async () => {
        const client = createClient(stack.url, stack.publishableKey, {
          auth: { persistSession: false, autoRefreshToken: false },
        });
        const { data, error } = await client.auth.signInWithPassword(demo);
        equal(error, null);
        const rows = await client.from("users").select("id, calendar_connected");
        deepEqual(rows.data, [{ id: data.user?.id, calendar_connected: false }]);
        // The function is given the person's JWT and no other key.
        const invoked = await client.functions.invoke("calendar/connections", { method: "GET" });
        deepEqual(invoked.data, []);
      });

      await t.step("times come in the form of PostgREST, ISO 8601 with an offset", async () => {
        const { accessToken } = await stack.createUser("times@example.test", password);
        const [row] = await ownRow(stack, accessToken, "created_at");
        match(row?.created_at ?? "", /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+00:00$/);
      });

      await t.step(
        "requests of two people at once do not run under each other's role",
        async () => {
          const people = await Promise.all(
            ["one@example.test", "two@example.test"].map((email) =>
              stack.createUser(email, password)
            ),
          );
          const asked = Array.from({ length: 40 }, (_, index) => people[index % 2]!);
          const seen = await Promise.all(
            asked.map(({ accessToken }) => ownRow(stack, accessToken, "id")),
          );
          deepEqual(seen, asked.map(({ id }) => [{ id }]));
        },
      );

      await t.step("an SQL error does not become this process's exit code", async () => {
        await rejects(stack.database.query("select 1 / 0"), /division by zero/);
        equal(Deno.exitCode, 0);
      });
    }));
}

async function ownRow(stack: Stack, token: string, column: string) {
  const response = await fetch(`${stack.url}/rest/v1/users?select=${column}`, {
    headers: { apikey: stack.publishableKey, authorization: `Bearer ${token}` },
  });
  const rows: Record<string, string>[] = await response.json();
  return rows;
}

Deno.test("PGlite's data in a folder of one's own is kept and found again", async () => {
  const dataDir = await Deno.makeTempDir();
  const sawPeople: unknown[] = [];
  for (const _start of ["first", "second"]) {
    await withStack({ postgres: "pglite", dataDir }, async (stack) => {
      await seedDemo(stack);
      sawPeople.push(await stack.database.query("select email from auth.users"));
    });
  }
  deepEqual(sawPeople, [[{ email: demo.email }], [{ email: demo.email }]]);
  await Deno.remove(dataDir, { recursive: true });
});

Deno.test("every part of a started stack is well, and what is not well is named", () =>
  withStack({ providers: true }, async (stack) => {
    const parts = (await checkHealth(stack, false)).map(({ part }) => part);
    deepEqual(parts, [
      "Auth API",
      "Data API",
      "Edge Function",
      "Google, emulated",
      "Microsoft, emulated",
    ]);
    const lame = { ...stack, functionUrl: `${stack.url}/functions/v1/nothing` };
    await rejects(checkHealth(lame, false), /Edge Function is not well: .*\/nothing\/health.* 404/);
  }));

Deno.test("stopping leaves no process, no open port and no data", async () => {
  const left = await leavings(async (folder) => {
    const stack = await startStubStack({ postgres: 18, providers: true, page: true });
    const pids = [stack.functions.pid("calendar"), await serverProcess(stack.database)]
      .filter((pid) => pid !== undefined);
    const ports = [stack.url, stack.settingsUrl, stack.providers?.emulator.url ?? ""]
      .map((url) => Number(new URL(url).port));
    deepEqual(pids.map(isAlive), [true, true]);
    deepEqual(ports.map(isFree), [false, false, false]);
    equal([...Deno.readDirSync(folder)].length, 2, "the folders of Postgres and the functions");
    await stack.stop();
    deepEqual(pids.map(isAlive), [false, false]);
    deepEqual(ports.map(isFree), [true, true, true]);
  });
  deepEqual(left, []);
});

async function serverProcess(database: Stack["database"]): Promise<number | undefined> {
  const [row] = await database.query<{ pid: number }>("select pg_backend_pid() as pid");
  return row?.pid;
}

Deno.test("no part of the stack listens to other machines", () =>
  withStack({ postgres: 18, page: true, providers: true }, async () => {
    const addresses = (await Promise.all(
      [Deno.pid, ...descendants(Deno.pid)].map((pid) => listeningAddresses(pid)),
    )).flat();
    const places = ["gateway", "page", "emulator", "function", "Postgres"];
    ok(addresses.length >= places.length, addresses.join(" "));
    deepEqual(addresses.filter((address) => !address.startsWith("127.0.0.1:")), []);
  }));

Deno.test("an empty variable takes one of the stack's own away", () =>
  withStack({ env: { CALENDAR_ALLOWED_ORIGINS: "", GOOGLE_CLIENT_ID: "mine" } }, (stack) => {
    equal("CALENDAR_ALLOWED_ORIGINS" in stack.env, false);
    equal(stack.env.GOOGLE_CLIENT_ID, "mine");
    return Promise.resolve();
  }));

Deno.test("a start that fails half-way stops what had started", async () => {
  const left = await leavings(async (folder) => {
    const migrations = `${folder}/migrations`;
    await Deno.mkdir(migrations);
    await Deno.writeTextFile(`${migrations}/20250101000000_broken.sql`, "create tabel nothing ();");
    await rejects(startStubStack({ migrations }), /20250101000000_broken.sql failed: .*tabel/);
  });
  deepEqual(left, ["migrations"]);
});

Deno.test("a preferred port that another program uses is reported and a free one taken", async () => {
  const other = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = other.addr as Deno.NetAddr;
  try {
    await withStack({ ports: { gateway: port } }, async (stack) => {
      deepEqual(stack.portsTaken, [port]);
      const response = await fetch(`${stack.functionUrl}/health`);
      deepEqual(await response.json(), { status: "ok" });
    });
  } finally {
    other.close();
  }
});

Deno.test("a package that has not been built is named with the command that builds it", async () => {
  await rejects(environmentNames("/nowhere/calendar_connect.js"), /make build/);
});
