/** Postgres from npm: the right version, no root, nothing left behind, and honest refusals. */
import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import postgres from "postgres";
import { connectPostgres, startPostgres } from "../../dev/postgres.ts";
import { isAlive } from "./processes.ts";
import { leavings } from "./support.ts";

for (const version of [15, 18] as const) {
  Deno.test(`Postgres ${version} runs as an ordinary account and leaves nothing`, async () => {
    const left = await leavings(async () => {
      const server = await startPostgres({ version });
      const pid = server.pid ?? 0;
      const connected = await connectPostgres(server.url);
      match(connected.version, new RegExp(`^${version}\\.`));
      const status = await Deno.readTextFile(`/proc/${pid}/status`).catch(() => undefined);
      if (status !== undefined) ok(!/^Uid:\s+0\s/m.test(status), "Postgres runs as root");
      await server.stop();
      equal(isAlive(pid), false);
    });
    deepEqual(left, []);
  });
}

Deno.test("a cluster in a folder of one's own is kept and found again", async () => {
  await leavings(async (folder) => {
    const dataDir = `${folder}/kept`;
    const first = await startPostgres({ version: 18, dataDir });
    await run(first.url, "create table kept as select 7 as value");
    await first.stop();
    const second = await startPostgres({ version: 18, dataDir });
    deepEqual(await run(second.url, "select value from kept"), [{ value: 7 }]);
    await second.stop();
  });
});

Deno.test("a server asks for its password", async () => {
  const server = await startPostgres({ version: 18 });
  try {
    const wrong = new URL(server.url);
    wrong.password = "another";
    await rejects(run(wrong.href, "select 1"), /password authentication failed/);
  } finally {
    await server.stop();
  }
});

Deno.test("a server stops while somebody is connected", async () => {
  const server = await startPostgres({ version: 18 });
  const sql = postgres(server.url, { max: 1 });
  await sql`select 1`;
  await server.stop();
  equal(isAlive(server.pid ?? 0), false);
  await sql.end({ timeout: 1 });
});

Deno.test("a DATABASE_URL that nobody answers is named without its password", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  listener.close();
  const error = await connectPostgres(`postgres://me:the-password@127.0.0.1:${port}/db`)
    .then(() => undefined, (reason: Error) => reason);
  match(
    error?.message ?? "",
    new RegExp(`No Postgres answers at DATABASE_URL \\(host 127.0.0.1:${port}`),
  );
  ok(!error?.message.includes("the-password"));
  await rejects(connectPostgres("not a url"), /DATABASE_URL/);
});

async function run(url: string, statement: string): Promise<unknown[]> {
  const sql = postgres(url, { max: 1 });
  try {
    return [...await sql.unsafe(statement)];
  } finally {
    await sql.end();
  }
}
