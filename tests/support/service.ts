/** One running process of the function, and ways to call it and to read its log. */
import type { DenoVersion } from "../../dev/deno.ts";
import { startFunctions } from "../../dev/functions.ts";
import { DOCUMENTED_NAMES, type Environment } from "./environment.ts";
import { LogLines } from "./log.ts";

export interface ServiceOptions {
  /** Hosts it may connect to, beside the database API and the strict providers. */
  allowNet?: string[];
}

export interface Service {
  /** The process's own origin, past the gateway. */
  direct: string;
  /** A request to a path after the function's name; redirects are answers here, not followed. */
  call(path: string, init?: RequestInit): Promise<Response>;
  lines(): string[];
  /** The log line that holds this text, as soon as it is written. */
  logLine(text: string): Promise<string>;
  stop(): Promise<void>;
}

/** Every answer is due within this time, whatever the provider and the database do. */
const LONGEST_ANSWER_MS = 12_000;

export function serviceAt(
  base: string,
  direct: string,
  log: LogLines,
  stop: () => Promise<void>,
): Service {
  let stopped: Promise<void> | undefined;
  return {
    direct,
    async call(path, init) {
      const late = new AbortController();
      const timer = setTimeout(
        () => late.abort(new Error(`no answer to ${path} within 12 seconds`)),
        LONGEST_ANSWER_MS,
      );
      try {
        return await fetch(`${base}${path}`, { redirect: "manual", signal: late.signal, ...init });
      } finally {
        clearTimeout(timer);
      }
    },
    lines: () => log.lines,
    logLine: (text) => log.find(text),
    stop: () => stopped ??= stop(),
  };
}

/** A process of its own, called directly under the path that the gateway leaves. */
export async function startService(
  options: { deno: DenoVersion; env: Environment; runtimeEnv: Environment; allowNet: string[] },
): Promise<Service> {
  const log = new LogLines();
  const functions = await startFunctions({
    ...options,
    names: DOCUMENTED_NAMES,
    onLine: (_, line) => log.add(line),
  });
  const direct = await functions.origin("calendar");
  return serviceAt(`${direct}/calendar`, direct, log, () => functions.stop());
}
