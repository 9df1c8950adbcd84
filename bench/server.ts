/** A contestant, served by a Deno that is pinned to its core, before an upstream of its own. */
import { denoBinary, type DenoVersion } from "../dev/deno.ts";
import { inRepository } from "../dev/paths.ts";
import { choosePort } from "../dev/ports.ts";
import { type Child, startChild } from "../dev/process.ts";
import type { Contestant } from "./contestants.ts";
import { loadCore, native, serverCore } from "./tools.ts";

export interface Upstream {
  url: string;
  stop(): Promise<void>;
}

export interface Server {
  contestant: Contestant;
  port: number;
  pid: number;
  /** Everything it printed, newest last. */
  lines: string[];
  stop(): Promise<void>;
}

export async function startUpstream(): Promise<Upstream> {
  const listening = Promise.withResolvers<string>();
  const child = startChild({
    command: "taskset",
    args: ["-c", loadCore, native, "upstream"],
    inheritEnv: true,
    onLine: listening.resolve,
  });
  const early = child.ended.then(() => undefined);
  const port = await Promise.race([listening.promise, early]);
  if (port === undefined) throw new Error(`The upstream ended:\n${child.lines.join("\n")}`);
  return { url: `http://127.0.0.1:${port}`, stop: () => child.stop() };
}

/** The same variables for everybody. */
export function environment(upstream: string, version: DenoVersion): Record<string, string> {
  return {
    SUPABASE_URL: upstream,
    SUPABASE_PUBLISHABLE_KEYS: JSON.stringify({ default: "sb_publishable_benchmark" }),
    CALENDAR_SETTINGS_URL: "https://app.example/app/settings",
    CALENDAR_REDIRECT_URL: "https://project.example/functions/v1/calendar/callback",
    CALENDAR_ENCRYPTION_KEY: btoa("a key of 32 bytes for the bench."),
    GOOGLE_CLIENT_ID: "client-id",
    GOOGLE_CLIENT_SECRET: "client-secret",
    GOOGLE_TOKEN_ENDPOINT: `${upstream}/google/token`,
    OUTLOOK_CLIENT_ID: "client-id",
    OUTLOOK_CLIENT_SECRET: "client-secret",
    OUTLOOK_TOKEN_ENDPOINT: `${upstream}/outlook/token`,
    PATH: Deno.env.get("PATH") ?? "",
    DENO_DIR: inRepository(".cache", `deno-bench-${version}`),
    DENO_NO_UPDATE_CHECK: "1",
    NO_COLOR: "1",
  };
}

/** What a process of Deno is started with; nothing of ours is configured for it, unless it imports npm packages. */
export function runFlags({ npm }: Contestant, flags: string[]): string[] {
  const modules = npm ? ["--no-lock"] : ["--no-config", "--no-lock", "--no-npm"];
  const allowed = ["--allow-env", "--allow-net", "--allow-read", "--allow-sys"];
  return ["run", "--quiet", "--no-prompt", "--no-remote", ...modules, ...allowed, ...flags];
}

/** Program and arguments that serve a contestant on `port`. */
export function serving(
  version: DenoVersion,
  contestant: Contestant,
  port: number,
  flags: string[] = [],
): string[] {
  const deno = ["taskset", "-c", serverCore, denoBinary(version), ...runFlags(contestant, flags)];
  return [...deno, inRepository("bench", "serve.ts"), contestant.entry, String(port)];
}

export async function startServer(
  version: DenoVersion,
  contestant: Contestant,
  upstream: Upstream,
  flags: string[] = [],
  more: Record<string, string> = {},
): Promise<Server> {
  const { port } = choosePort();
  // Log lines cost the writer only: nobody reads them.
  const quiet = ["-c", 'exec "$@" >/dev/null', "sh"];
  const child: Child = startChild({
    command: "sh",
    args: [...quiet, ...serving(version, contestant, port, flags)],
    env: { ...environment(upstream.url, version), ...contestant.env, ...more },
  });
  let ended = false;
  child.ended.then(() => ended = true);
  while (!await listens(port)) {
    if (ended) throw new Error(`${contestant.title} does not start:\n${child.lines.join("\n")}`);
  }
  return { contestant, port, pid: child.pid, lines: child.lines, stop: () => child.stop() };
}

async function listens(port: number): Promise<boolean> {
  try {
    (await Deno.connect({ hostname: "127.0.0.1", port })).close();
    return true;
  } catch (error) {
    if (!(error instanceof Deno.errors.ConnectionRefused)) throw error;
    await new Promise((resolve) => setTimeout(resolve, 20));
    return false;
  }
}
