/**
 * Line 24: a posted body is not kept while its request waits for the database, neither in the Wasm nor in a buffer of
 * JavaScript. Deno's own buffers for a thousand connections are not counted: nobody here can make them smaller.
 *
 * Mutations tried: see defences.ts, "24: a body is dropped once it is parsed" and "24: a body has no stream".
 */
import { ok } from "node:assert/strict";
import { denoBinary, type DenoVersion } from "../../dev/deno.ts";
import { startChild } from "../../dev/process.ts";
import { inRepository } from "../../dev/paths.ts";
import { token } from "./offline.ts";
import { Silence } from "./silence.ts";

const REQUESTS = 1000;
const MIB = 1 << 20;

const headers = { authorization: `Bearer ${token()}`, "content-type": "application/json" };
const body = JSON.stringify({ code: "c", state: "s".repeat(43), filler: "x".repeat(32_000) });

/** The function in a process of its own, and where it listens. */
async function start(deno: DenoVersion, database: string) {
  const listening = Promise.withResolvers<string>();
  const program = inRepository("tests", "security", "bodies_server.ts");
  const flags = ["--quiet", "--no-check", "--v8-flags=--expose-gc"];
  const allowed = ["--allow-net=127.0.0.1", "--allow-read", "--allow-env"];
  const child = startChild({
    command: denoBinary(deno),
    args: ["run", ...flags, ...allowed, program, database],
    inheritEnv: true,
    onLine: listening.resolve,
  });
  const early = child.ended.then(() => undefined);
  const port = await Promise.race([listening.promise, early]);
  if (port === undefined) throw new Error(`It ended:\n${child.lines.join("\n")}`);
  return { origin: `http://127.0.0.1:${port}`, stop: () => child.stop() };
}

for (const deno of ["2.1.4", "current"] as const) {
  Deno.test(`line 24, Deno ${deno}: ${REQUESTS} bodies of 32 KB are held by nobody who waits`, async () => {
    const silence = new Silence();
    const { origin, stop } = await start(deno, silence.origin);
    const held = async (): Promise<number> => (await fetch(`${origin}/held`)).json();
    const gone = new AbortController();
    const { signal } = gone;
    const url = `${origin}/calendar/callback/google`;
    const post = () => fetch(url, { method: "POST", headers, body, signal }).catch(() => {});
    try {
      const before = await held();
      const waiting = Array.from({ length: REQUESTS }, post);
      await silence.asked(REQUESTS);
      const grown = await held() - before;
      ok(
        grown < 16 * MIB,
        `${grown / MIB} MiB for ${(REQUESTS * body.length) / MIB} MiB of bodies`,
      );
      gone.abort();
      await Promise.all(waiting);
    } finally {
      await stop();
      silence.stop();
    }
  });
}
