/** `make start`, as a person runs it: until Ctrl-C, with the built function and the real page. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { TextLineStream } from "./lines.ts";
import { denoBinary } from "../../dev/deno.ts";
import { demo } from "../../dev/demo.ts";
import { inRepository } from "../../dev/paths.ts";
import { startPostgres } from "../../dev/postgres.ts";
import { commandLine, descendants, isAlive } from "./processes.ts";
import { isFree, leavings } from "./support.ts";

interface Started {
  process: Deno.ChildProcess;
  /** What was printed until it was ready. */
  summary: string;
  /** The value in the summary after this label. */
  value(label: string): string;
  /** Everything that is printed from then on. */
  rest: Promise<string>;
}

async function start(env: Record<string, string>, until = "Ctrl-C"): Promise<Started> {
  const process = new Deno.Command(denoBinary("current"), {
    args: ["run", "-A", inRepository("dev", "start.ts")],
    cwd: inRepository(),
    env: { ...env, DATABASE_URL: env.DATABASE_URL ?? "" },
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const reader = process.stdout.pipeThrough(new TextLineStream()).getReader();
  const seen: string[] = [];
  while (!seen.at(-1)?.startsWith(until)) {
    const { done, value } = await reader.read();
    if (done) throw new Error(`it ended before it was ready:\n${seen.join("\n")}`);
    seen.push(value);
  }
  const summary = seen.join("\n");
  const value = (label: string) =>
    new RegExp(`^ {2}${label} +(.+)$`, "m").exec(summary)?.[1]?.trim() ?? "";
  return { process, summary, value, rest: readAll(reader) };
}

async function readAll(reader: ReadableStreamDefaultReader<string>): Promise<string> {
  const lines: string[] = [];
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    lines.push(next.value);
  }
  return lines.join("\n");
}

Deno.test("it prints what a person needs, all of it works, and Ctrl-C leaves no process", async () => {
  const other = occupy(54321);
  const left = await leavings(async (folder) => {
    const started = await start({ TMPDIR: folder });
    match(started.summary, /Ready after \d+\.\d s/);
    equal(started.value("Sign in as"), demo.email);
    equal(started.value("Password"), demo.password);
    match(started.value("Database"), /\(PGlite\) in memory; gone when you stop/);
    match(started.summary, /Port 54321 is used by another program; a free one was taken instead/);
    await pageAnswers(started.value("Settings page"));
    await functionAnswers(started);

    const { pid } = started.process;
    const children = descendants(pid);
    ok(children.some((child) => commandLine(child).includes("calendar.ts")), "the function runs");
    match(started.value("Google"), /^emulated; sign in as demo\.person@gmail\.example/);
    match(started.value("Microsoft"), /^emulated; sign in as demo\.person@outlook\.example/);
    const ports = ["Settings page", "Supabase URL", "Emulator"]
      .map((label) => Number(new URL(started.value(label).split(" ")[0] ?? "").port));
    deepEqual(ports.map(isFree), [false, false, false]);

    started.process.kill("SIGINT");
    deepEqual((await started.process.status).code, 0);
    match(await started.rest, /Everything has stopped/);
    deepEqual([pid, ...children].filter(isAlive), []);
    deepEqual(ports.map(isFree), [true, true, true]);
  });
  other?.close();
  deepEqual(left, []);
});

Deno.test("Ctrl-C while it starts ends it as well", async () => {
  const left = await leavings(async (folder) => {
    const started = await start({ TMPDIR: folder }, "  starting: functions");
    started.process.kill("SIGINT");
    equal((await started.process.status).code, 0);
    ok(!(await started.rest).includes("Ready"));
  });
  deepEqual(left, []);
});

Deno.test("with DATABASE_URL it uses that Postgres, keeps its data and leaves it running", async () => {
  const server = await startPostgres({ version: 18 });
  try {
    for (const _start of ["first", "second"]) {
      const started = await start({ DATABASE_URL: server.url });
      match(started.value("Database"), /^Postgres 18\.\d+ at DATABASE_URL; it keeps its data$/);
      ok(!started.summary.includes(server.url), "the database's password is not shown");
      await functionAnswers(started);
      started.process.kill("SIGTERM");
      equal((await started.process.status).code, 0);
      await started.rest;
      ok(isAlive(server.pid ?? 0));
    }
  } finally {
    await server.stop();
  }
});

Deno.test("killed without a chance to clean up, it leaves no process all the same", async () => {
  const left = await leavings(async (folder) => {
    const started = await start({ TMPDIR: folder });
    const children = descendants(started.process.pid);
    const served = children.find((child) => commandLine(child).includes("calendar.ts")) ?? 0;
    ok(isAlive(served));
    started.process.kill("SIGKILL");
    await started.process.status;
    await started.rest;
    await Promise.all(children.map(gone));
  });
  deepEqual(left, []);
});

/** Afterwards the port is in use, by this test or by a program that was there before. */
function occupy(port: number): Deno.Listener | undefined {
  return isFree(port) ? Deno.listen({ hostname: "127.0.0.1", port }) : undefined;
}

/** Settles when the process has ended, of which nobody but the kernel can tell. */
async function gone(pid: number): Promise<void> {
  const patience = AbortSignal.timeout(20_000);
  while (isAlive(pid)) {
    if (patience.aborted) {
      const what = commandLine(pid);
      Deno.kill(pid, "SIGKILL");
      throw new Error(`process ${pid} was left behind: ${what}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function pageAnswers(url: string): Promise<void> {
  const response = await fetch(url, { headers: { accept: "text/html" } });
  equal(response.status, 200);
  match(await response.text(), /<calendar-settings/);
  const script = await fetch(new URL("/main.ts", url));
  match(await script.text(), new RegExp(demo.email));
  // The page's own origin serves the function too, as an app does that proxies it.
  const health = await fetch(new URL("/api/calendar/health", url));
  equal((await health.json()).status, "ok");
}

/** The demo person signs in and asks for their calendars. */
async function functionAnswers(started: Started): Promise<void> {
  const apikey = started.value("Publishable key");
  const session = await fetch(
    `${started.value("Supabase URL")}/auth/v1/token?grant_type=password`,
    {
      method: "POST",
      headers: { apikey, "content-type": "application/json" },
      body: JSON.stringify(demo),
    },
  );
  const { access_token } = await session.json();
  const functionUrl = started.value("Edge Function").split(" ")[0];
  const response = await fetch(`${functionUrl}/status`, {
    headers: {
      apikey,
      authorization: `Bearer ${access_token}`,
      origin: new URL(started.value("Settings page")).origin,
    },
  });
  const origin = new URL(started.value("Settings page")).origin;
  equal(response.headers.get("access-control-allow-origin"), origin);
  const status = await response.json();
  deepEqual(status.providers, ["google", "outlook"], JSON.stringify(status));
  equal(status.connected, false);
}
