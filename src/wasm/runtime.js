// The JavaScript the Wasm needs and cannot be: sending with a deadline and a size limit, reading a body up to a limit,
// bringing both to the task that waits for it, building an answer in one call, and stopping the isolate after a trap. It
// decides nothing.

/** The kinds of requests there are, under the numbers that Rust gives them. */
const templates = [];

/** `name: value` lines; Rust checked that no value holds a line break. */
export function keep(number, method, url, headerLines) {
  const pairs = headerLines.split("\n").filter(Boolean).map((line) => line.split(/: (.*)/, 2));
  const headers = Object.fromEntries(pairs);
  templates[number] = { url, init: { method, headers, redirect: "manual" } };
}

/** Tasks in Rust that wait for a reply, and who waits for what they come to. */
const waiting = new Map();
let resume;

export function onReply(callback) {
  resume = callback;
}

/** Set by a trap: what the instance still does is not to be trusted, so nothing more is brought to it. */
let trapped = false;

/** Brings a task its reply, and what the task comes to, if that was all, to who waits for it. */
function bring(task, failure, status, retryAfter, body) {
  if (trapped) return;
  let outcome;
  try {
    outcome = resume(task, failure, status, retryAfter, body);
  } catch (error) {
    return stop(error);
  }
  if (outcome === undefined) return;
  const { resolve } = waiting.get(task);
  waiting.delete(task);
  resolve(outcome);
}

/** Starts a helper's task, and promises what it comes to. */
export function promised(task) {
  return new Promise((resolve, reject) => {
    if (trapped) return reject(new Error("the Wasm has trapped; load it again"));
    waiting.set(task, { resolve, reject });
    bring(task, undefined, 0);
  });
}

const SWEEP_MS = 50;
const deadlines = new Map();

/**
 * Time as of the last sweep: asking the clock costs more than a request should. Where nothing could happen for a while,
 * because the isolate was held up, hardly any time has passed: nobody's answer could have come.
 */
let time = 0;
let sweptAt = 0;

/**
 * The deadline of everything that has to end in the same twentieth of a second, never before its time; whoever takes it
 * says when they are done. `AbortSignal.timeout()` would keep every signal alive until it fires, and a controller and a
 * timer of its own would cost every request more than they are worth.
 */
function deadlineIn(ms) {
  if (deadlines.size === 0) sweepLater();
  const due = Math.floor(time / SWEEP_MS) + Math.ceil(ms / SWEEP_MS) + 2;
  let deadline = deadlines.get(due);
  if (deadline === undefined) {
    deadlines.set(due, deadline = { controller: new AbortController(), pending: 0 });
  }
  deadline.pending++;
  return deadline;
}

function sweepLater() {
  sweptAt = performance.now();
  setTimeout(sweep, SWEEP_MS);
}

function sweep() {
  time += Math.min(performance.now() - sweptAt, 2 * SWEEP_MS);
  const late = [];
  for (const [due, { controller, pending }] of deadlines) {
    if (pending > 0 && due * SWEEP_MS > time) continue;
    deadlines.delete(due);
    if (pending > 0) late.push(controller);
  }
  if (deadlines.size > 0) sweepLater();
  for (const controller of late) controller.abort();
}

class TooLarge extends Error {}

/**
 * The length that frames the body. With a transfer encoding it is a claim and no more, and with a content encoding it
 * is the compressed one.
 */
function framedLength({ headers }) {
  if (headers.has("transfer-encoding") || headers.has("content-encoding")) return null;
  return headers.get("content-length");
}

function fits(length, limit) {
  return length !== null && Number(length) <= limit;
}

/** The body as bytes, decompressed and counted while it is read; one that says it does not fit is not begun. */
async function readCounted(reader, length, limit) {
  if (Number(length) > limit) throw new TooLarge();
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

/** An answer's body; one whose length is known to fit is read in one piece, which costs much less. */
async function readAnswer(response, limit) {
  const { body } = response;
  if (body === null) return new Uint8Array();
  const length = framedLength(response);
  if (fits(length, limit)) return new Uint8Array(await response.arrayBuffer());
  const reader = body.getReader();
  try {
    return await readCounted(reader, length, limit);
  } catch (error) {
    reader.cancel().catch(() => {});
    throw error;
  }
}

/**
 * Sends one request and brings its status, its `Retry-After` and its body, or a failure: "timeout", "network" or "size".
 * Redirects are not followed: a 307 would carry the client secret to another origin. The deadline holds until the body
 * is read.
 */
export async function send(task, number, urlTail, authorization, body, deadlineMs, limit) {
  const deadline = deadlineIn(deadlineMs);
  const { signal } = deadline.controller;
  let status = 0;
  let failure, retryAfter, bytes;
  try {
    const template = templates[number];
    const { init } = template;
    const headers = authorization === undefined ? init.headers : { ...init.headers, authorization };
    // A request made once and sent again and again costs less than one made each time.
    const response = urlTail === undefined
      ? await fetch(template.request ??= new Request(template.url, init), { headers, body, signal })
      : await fetch(template.url + urlTail, { ...init, headers, body, signal });
    bytes = await readAnswer(response, limit);
    if (!response.ok) retryAfter = response.headers.get("retry-after") ?? undefined;
    status = response.status;
  } catch (error) {
    failure = error instanceof TooLarge ? "size" : signal.aborted ? "timeout" : "network";
  }
  deadline.pending--;
  bring(task, failure, status, retryAfter, bytes);
}

/** What of a body that is too large is still read, so that its sender hears the answer and not a broken connection. */
const LINGER_BYTES = 1024 * 1024;

async function discard(reader) {
  let left = LINGER_BYTES;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    left -= part.value.byteLength;
    if (left < 0) return reader.cancel();
  }
}

/** Brings the request's body, or a failure: "size", or "network" when it broke off or took too long. */
export async function readBody(task, request, deadlineMs, limit) {
  const deadline = deadlineIn(deadlineMs);
  let failure, bytes;
  try {
    bytes = await readSent(request, limit, deadline.controller.signal);
  } catch (error) {
    failure = error instanceof TooLarge ? "size" : "network";
  }
  deadline.pending--;
  bring(task, failure, 0, undefined, bytes);
}

async function readSent(request, limit, signal) {
  // No body, or a browser that does not show a request's body as a stream.
  if (!request.body) return new Uint8Array(await request.arrayBuffer());
  const length = framedLength(request);
  // In one piece where that is known to fit; the platform drops what comes of it after the answer.
  const reader = fits(length, limit) ? undefined : request.body.getReader();
  let end;
  const late = new Promise((_, reject) => {
    end = () => {
      reader?.cancel().catch(() => {});
      reject(signal.reason);
    };
  });
  signal.addEventListener("abort", end);
  try {
    const whole = reader ? readLimited(reader, length, limit) : request.arrayBuffer();
    return new Uint8Array(await Promise.race([whole, late]));
  } finally {
    // What is done is not kept until the others of the same deadline are.
    signal.removeEventListener("abort", end);
  }
}

async function readLimited(reader, length, limit) {
  try {
    return await readCounted(reader, length, limit);
  } catch (error) {
    if (error instanceof TooLarge) await discard(reader).catch(() => {});
    throw error;
  }
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

function internal() {
  const request_id = crypto.randomUUID().replaceAll("-", "");
  const code = "internal";
  const message = "The service failed and is restarting; try again.";
  console.error(JSON.stringify({ request_id, status: 500, code, cause: "trap" }));
  return new Response(JSON.stringify({ code, message, request_id }), {
    status: 500,
    headers: {
      "x-request-id": request_id,
      "cache-control": "no-store",
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
      "content-type": "application/json",
    },
  });
}

const FLUSH_MS = 1000;

/**
 * A trap is neither a hang nor silent corruption: an instance that has trapped is not to be trusted again. All requests
 * in flight are answered with 500, and once those answers are out an uncaught throw ends the isolate; the platform
 * starts the next one.
 */
async function stop(error) {
  if (trapped) return;
  trapped = true;
  const flushed = [];
  for (const { resolve, reject, info } of waiting.values()) {
    if (reject) {
      reject(error);
    } else {
      resolve(internal());
      flushed.push(info?.completed);
    }
  }
  waiting.clear();
  const timeout = new Promise((resolve) => setTimeout(resolve, FLUSH_MS));
  const canTell = flushed.length > 0 && flushed.every((completed) => completed !== undefined);
  await (canTell ? Promise.race([Promise.allSettled(flushed), timeout]) : timeout);
  setTimeout(() => {
    throw error;
  });
}

/** The handler for `Deno.serve`. */
export function failStop(begin) {
  return (request, info) =>
    new Promise((resolve) => {
      if (trapped) return resolve(internal());
      const { method, url, headers } = request;
      const authorization = headers.get("authorization") ?? undefined;
      const origin = headers.get("origin") ?? undefined;
      let begun;
      try {
        begun = begin(request, method, url, authorization, origin);
      } catch (error) {
        waiting.set(request, { resolve, info });
        return stop(error);
      }
      if (typeof begun !== "number") return resolve(begun);
      waiting.set(begun, { resolve, info });
    });
}
