// The JavaScript the Wasm needs and cannot be: sending with a deadline and a size limit, reading a body up to a limit,
// building an answer in one call, and stopping the isolate after a trap. It decides nothing.

/** `name: value` lines as pairs. Rust checked that no value holds a line break. */
function pairs(lines) {
  return lines.split("\n").filter(Boolean).map((line) => {
    const colon = line.indexOf(": ");
    return [line.slice(0, colon), line.slice(colon + 2)];
  });
}

/** The header pairs of each request's shape; there are as many as there are kinds of requests. */
const shapes = new Map();

function shape(lines) {
  let known = shapes.get(lines);
  if (known === undefined) shapes.set(lines, known = pairs(lines));
  return known;
}

const SWEEP_MS = 50;
const deadlines = new Map();
let sweeping = false;

/**
 * Aborts a request when its time is up. One timer looks after all of them while there are any: a timer of its own for
 * each would cost every request more than it is worth.
 */
function watch(deadline, ms) {
  deadlines.set(deadline, Date.now() + ms);
  if (!sweeping) sweepLater();
}

function sweepLater() {
  sweeping = deadlines.size > 0;
  if (sweeping) setTimeout(sweep, SWEEP_MS);
}

function sweep() {
  const now = Date.now();
  for (const [deadline, due] of deadlines) if (due <= now) deadline.abort();
  sweepLater();
}

class TooLarge extends Error {}

/**
 * The body as bytes, decompressed. A declared length within the limit is true, since HTTP frames the body by it, and
 * saves the reader; where the body was compressed the length says nothing, and the runtime takes it away.
 */
async function readBytes(message, limit) {
  // No body, or a browser that does not show a request's body as a stream.
  if (!message.body) return new Uint8Array(await message.arrayBuffer());
  const declared = message.headers.get("content-length");
  if (declared !== null && !message.headers.has("content-encoding")) {
    if (Number(declared) <= limit) return new Uint8Array(await message.arrayBuffer());
    await message.body.cancel();
    throw new TooLarge();
  }
  const chunks = [];
  let size = 0;
  const reader = message.body.getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    size += part.value.byteLength;
    if (size > limit) {
      await reader.cancel();
      throw new TooLarge();
    }
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
 * Sends one request. Answers `{ status, retryAfter, body }`, or `{ failure }`: "timeout", "network" or "size".
 * Redirects are not followed: a 307 would carry the client secret to another origin. The deadline holds until the body
 * is read. `AbortSignal.timeout()` would keep every signal alive until it fires.
 */
export async function send(method, url, headerLines, authorization, body, deadlineMs, limit) {
  const constant = shape(headerLines);
  const headers = authorization === undefined
    ? constant
    : [...constant, ["authorization", authorization]];
  const deadline = new AbortController();
  const { signal } = deadline;
  watch(deadline, deadlineMs);
  try {
    const response = await fetch(url, { method, headers, body, redirect: "manual", signal });
    const retryAfter = response.headers.get("retry-after") ?? undefined;
    return { status: response.status, retryAfter, body: await readBytes(response, limit) };
  } catch (error) {
    if (error instanceof TooLarge) return { failure: "size" };
    return { failure: signal.aborted ? "timeout" : "network" };
  } finally {
    deadlines.delete(deadline);
  }
}

/** The request's body as bytes; undefined when it is over the limit, null when it broke off. */
export async function readBody(request, limit) {
  try {
    return await readBytes(request, limit);
  } catch (error) {
    return error instanceof TooLarge ? undefined : null;
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

const FLUSH_MS = 1000;

/**
 * Wraps the handler so that a trap is neither a hang nor silent corruption: an instance that has trapped is not to be
 * trusted again, and the promise of the trapped request never settles. All requests in flight are answered with 500,
 * and once those answers are out an uncaught throw ends the isolate; the platform starts the next one.
 */
export function failStop(handle) {
  const inFlight = new Map();
  let trap = null;

  const onError = (event) => {
    event.preventDefault();
    stop(event.error);
  };
  const onRejection = (event) => {
    event.preventDefault();
    stop(event.reason);
  };
  addEventListener("error", onError);
  addEventListener("unhandledrejection", onRejection);

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

  async function stop(error) {
    if (trap !== null) return;
    trap = { error };
    const flushed = [...inFlight.values()].map((info) => info?.completed);
    for (const answer of inFlight.keys()) answer(internal());
    inFlight.clear();
    const timeout = new Promise((resolve) => setTimeout(resolve, FLUSH_MS));
    const canTell = flushed.length > 0 && flushed.every((completed) => completed !== undefined);
    await (canTell ? Promise.race([Promise.allSettled(flushed), timeout]) : timeout);
    removeEventListener("error", onError);
    removeEventListener("unhandledrejection", onRejection);
    setTimeout(() => {
      throw error;
    });
  }

  return (request, info) =>
    new Promise((resolve) => {
      if (trap !== null) return resolve(internal());
      inFlight.set(resolve, info);
      const answer = (response) => {
        inFlight.delete(resolve);
        resolve(response);
      };
      try {
        handle(request, answer);
      } catch (error) {
        stop(error);
      }
    });
}
