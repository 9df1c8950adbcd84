// The JavaScript that the Wasm needs: it sends requests with a deadline and a size limit, reads bodies up to a limit,
// builds answers in one call, and stops the isolate after a trap. It decides nothing.

class TooLarge extends Error {}

/**
 * The reply that `work` makes, or one with a failure: "size", "timeout" or "network". `work` gets a signal that aborts after
 * `ms` milliseconds, whether the event loop was free in that time or not.
 */
async function within(ms, work) {
  const controller = new AbortController();
  const { signal } = controller;
  const timer = setTimeout(() => controller.abort(), ms);
  let reply;
  try {
    reply = await work(signal);
  } catch (error) {
    reply = {
      failure: error instanceof TooLarge ? "size" : signal.aborted ? "timeout" : "network",
    };
  } finally {
    clearTimeout(timer);
  }
  // A trapped instance gets nothing more.
  return trapped ? new Promise(() => {}) : reply;
}

/** All bytes of a stream, counted while they are read. */
async function readUpTo(limit, reader) {
  const chunks = [];
  let size = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    size += part.value.byteLength;
    if (size > limit) throw new TooLarge();
    chunks.push(part.value);
  }
  if (chunks.length === 1) return chunks[0];
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.byteLength;
  }
  return bytes;
}

/**
 * Whether the body is framed by a length that is within the limit. Of a transfer encoding and of a content encoding the
 * declared length says nothing: the bytes are counted as they come out.
 */
function isWithin(limit, headers) {
  if (headers.has("transfer-encoding") || headers.has("content-encoding")) return false;
  const length = headers.get("content-length") ?? "";
  return /^\d+$/.test(length) && Number(length) <= limit;
}

/** The kinds of requests there are, under the numbers that Rust gives them. */
const templates = [];

/** `name: value` lines; Rust checked that no value holds a line break. */
export function keep(number, method, url, headerLines) {
  const pairs = headerLines.split("\n").filter(Boolean).map((line) => line.split(/: (.*)/, 2));
  const headers = Object.fromEntries(pairs);
  templates[number] = { url, init: { method, headers, redirect: "manual" } };
}

/**
 * Sends one request; the reply has its status, `Retry-After` and bytes. Redirects are not followed: a 307 would carry the
 * client secret to another origin.
 */
export function send(number, urlTail, authorization, apikey, body, deadlineMs, limit) {
  return within(deadlineMs, async (signal) => {
    const { url, init } = templates[number];
    const headers = { ...init.headers };
    if (authorization !== undefined) headers.authorization = authorization;
    if (apikey !== undefined) headers.apikey = apikey;
    const response = await fetch(url + (urlTail ?? ""), { ...init, headers, body, signal });
    const { status, ok } = response;
    const retryAfter = ok ? undefined : response.headers.get("retry-after") ?? undefined;
    if (response.body === null) return { status, retryAfter };
    if (isWithin(limit, response.headers)) {
      // A quarter of what a whole status costs is saved by not making a stream.
      return { status, retryAfter, bytes: new Uint8Array(await response.arrayBuffer()) };
    }
    const reader = response.body.getReader();
    try {
      return { status, retryAfter, bytes: await readUpTo(limit, reader) };
    } catch (error) {
      reader.cancel().catch(() => {});
      throw error;
    }
  });
}

/** How much of a body that is too large is still read, so that its sender sees the answer and not a broken connection. */
const LINGER_BYTES = 1024 * 1024;

async function discard(reader) {
  let left = LINGER_BYTES;
  for (let part = await reader.read(); !part.done && left > 0; part = await reader.read()) {
    left -= part.value.byteLength;
  }
}

async function readOrDiscard(limit, reader) {
  try {
    return await readUpTo(limit, reader);
  } catch (error) {
    if (error instanceof TooLarge) await discard(reader).catch(() => {});
    reader.cancel().catch(() => {});
    throw error;
  }
}

/** Reads a request's body; the reply has its bytes. */
export function readBody(request, deadlineMs, limit) {
  return within(deadlineMs, async (signal) => {
    // In one piece where there is no body, where a browser has no stream of it, and where it is known to fit: a stream would
    // keep a buffer of 64 KB for as long as its request waits.
    const inOnePiece = !request.body || isWithin(limit, request.headers);
    const reader = inOnePiece ? undefined : request.body.getReader();
    const late = new Promise((_, reject) => {
      signal.onabort = () => {
        reader?.cancel().catch(() => {});
        reject(signal.reason);
      };
    });
    const read = reader ? readOrDiscard(limit, reader) : request.arrayBuffer();
    return { bytes: new Uint8Array(await Promise.race([read, late])) };
  });
}

/** Headers set one by one, and no `init` for a plain 200, cost less than a list of pairs given to the constructor. */
export function respond(status, headerLines, body) {
  const response = status === 200 ? new Response(body) : new Response(body, { status });
  const { headers } = response;
  let start = 0;
  for (let end = headerLines.indexOf("\n"); end >= 0; end = headerLines.indexOf("\n", start)) {
    const colon = headerLines.indexOf(": ", start);
    headers.set(headerLines.slice(start, colon), headerLines.slice(colon + 2, end));
    start = end + 1;
  }
  return response;
}

/** Set by a trap: the instance's memory is not to be trusted any more, and nothing in it runs again. */
let trapped = false;

/** For each promise that waits for the Wasm, what settles it where the Wasm traps. */
const waiting = new Set();

/** Runs `part` of the Wasm, unless it has trapped; a trap stops it for good. */
export function watch(part) {
  if (trapped) return;
  try {
    part();
  } catch (error) {
    stop(error);
  }
}

/** A promise that settles as the one of `begin` does, or by `afterTrap` where the Wasm traps before that. */
function settled(begin, afterTrap) {
  return new Promise((resolve, reject) => {
    const trap = () => afterTrap(resolve, reject);
    if (trapped) return trap();
    waiting.add(trap);
    const settle = (by) => (value) => {
      waiting.delete(trap);
      by(value);
    };
    watch(() => begin().then(settle(resolve), settle(reject)));
  });
}

/** A helper's promise, which is rejected where the Wasm traps. */
export function helped(promise) {
  const error = new Error("the Wasm has trapped; load it again");
  return settled(() => promise, (_, reject) => reject(error));
}

/** The origins whose pages may read an answer. */
let readers = new Set();

export function readableBy(origins) {
  readers = new Set(origins);
}

/** The answer after a trap, with the headers that Rust gives every answer of an error. */
function internal(origin) {
  const request_id = crypto.randomUUID().replaceAll("-", "");
  const code = "internal";
  const message = "The service failed and is restarting; try again.";
  console.error(JSON.stringify({ request_id, status: 500, code, cause: "trap" }));
  const headers = {
    "x-request-id": request_id,
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "content-type": "application/json",
  };
  if (origin !== undefined) headers.vary = "Origin";
  if (readers.has(origin)) {
    headers["access-control-allow-origin"] = origin;
    headers["access-control-expose-headers"] = "x-request-id, retry-after";
  }
  return new Response(JSON.stringify({ code, message, request_id }), { status: 500, headers });
}

/**
 * Lets the isolate live until the work is done, where the platform ends isolates that have answered:
 * https://supabase.com/docs/guides/functions/background-tasks.
 */
export function inBackground(work) {
  globalThis.EdgeRuntime?.waitUntil(work);
}

/** The handler for `Deno.serve`. `begin` starts a request in the Wasm and promises its answer. */
export function failStop(begin) {
  return (request, info) => {
    const { method, url, headers } = request;
    const authorization = headers.get("authorization") ?? undefined;
    const origin = headers.get("origin") ?? undefined;
    return settled(
      () => begin(request, method, url, authorization, origin),
      (resolve) => {
        resolve(internal(origin));
        return info?.completed;
      },
    );
  };
}

const FLUSH_MS = 1000;

/**
 * A trap is neither a hang nor silent corruption: all requests in flight are answered with 500, and once those answers are
 * out an uncaught throw ends the isolate; the platform starts the next one.
 */
async function stop(error) {
  if (trapped) return;
  trapped = true;
  const flushed = [...waiting].map((trap) => trap());
  waiting.clear();
  const timeout = new Promise((resolve) => setTimeout(resolve, FLUSH_MS));
  const canTell = flushed.length > 0 && flushed.every((completed) => completed !== undefined);
  await (canTell ? Promise.race([Promise.allSettled(flushed), timeout]) : timeout);
  setTimeout(() => {
    throw error;
  });
}
