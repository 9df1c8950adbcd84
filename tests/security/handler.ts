/** A handler called inside this process, and what it prints: the shipped Wasm, or the comparison. */
import { requestHandler } from "../../pkg/calendar_connect.js";
import { LogLines } from "../support/log.ts";
import { type Service, serviceAt } from "../support/service.ts";

export type Handler = (request: Request) => Promise<Response>;

export type Variables = Record<string, string | undefined>;

/** What the platform calls the function by; no URL may ever be built from it. */
const INTERNAL_ORIGIN = "http://internal.invalid:9999";

/** The shipped Wasm with this environment. */
export function shipped(env: Variables): Handler {
  return requestHandler(env);
}

/** Every line that a handler prints; the function's request log is printed by `console.log`. */
export const printed = new LogLines();

const print = console.log;

console.log = (...values: unknown[]) => {
  const [line] = values;
  if (typeof line === "string" && line.startsWith('{"request_id"')) printed.add(line);
  else print(...values);
};

/** A handler behind the interface of a running function. */
export function inProcess(handle: Handler): Service {
  const direct = `${INTERNAL_ORIGIN}/calendar`;
  const service = serviceAt(direct, direct, printed, () => Promise.resolve());
  service.call = async (path, init) => await handle(new Request(`${direct}${path}`, init));
  return service;
}

/** The address under which a handler sees a path. */
export function addressOf(path: string): string {
  return `${INTERNAL_ORIGIN}/calendar${path}`;
}
