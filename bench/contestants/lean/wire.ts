/** Requests out, with a deadline and a limit. */
import { Failure } from "./failure.ts";
import type { Log } from "./log.ts";
import type { Caller } from "./session.ts";
import { publishableKey, rest } from "./config.ts";

export interface Context {
  caller: Caller;
  line: Log;
}

const answerLimit = 64 * 1024;
const decoder = new TextDecoder("utf-8", { fatal: true });

interface Outbound {
  method: string;
  headers: Record<string, string>;
  body?: string;
}

export async function send(url: string, outbound: Outbound, deadline: number) {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), deadline);
  try {
    const { signal } = abort;
    const response = await fetch(url, { ...outbound, redirect: "manual", signal });
    return { status: response.status, body: await readText(response, answerLimit) };
  } finally {
    clearTimeout(timer);
  }
}

export async function readText(message: Request | Response, limit: number): Promise<string> {
  if (message.body === null) return "";
  if (Number(message.headers.get("content-length") ?? 0) > limit) {
    throw new Failure(413, "payload_too_large");
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of message.body) {
    size += chunk.byteLength;
    if (size > limit) throw new Failure(413, "payload_too_large");
    chunks.push(chunk);
  }
  if (chunks.length === 1) return decoder.decode(chunks[0]);
  const whole = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.byteLength;
  }
  return decoder.decode(whole);
}

export async function database<T>(context: Context, path: string, body?: unknown): Promise<T> {
  context.line.database_calls++;
  const headers: Record<string, string> = {
    apikey: publishableKey,
    accept: "application/json",
    authorization: `Bearer ${context.caller.jwt}`,
  };
  if (body !== undefined) headers["content-type"] = "application/json";
  const outbound = body === undefined
    ? { method: "GET", headers }
    : { method: "POST", headers, body: JSON.stringify(body) };
  const answer = await send(`${rest}/${path}`, outbound, 3000);
  if (answer.status === 401) throw new Failure(401, "unauthorized");
  if (answer.status < 200 || answer.status > 299) throw new Failure(503, "storage_unavailable");
  return JSON.parse(answer.body);
}
