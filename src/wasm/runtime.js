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

/** Set by a trap: what the instance's tasks still do is not to be trusted, so nothing leaves and nothing comes back. */
let trapped = false;

const never = () => new Promise(() => {});

/**
 * The length that frames the body. With a transfer encoding it is a claim and no more, and with a content encoding it
 * is the compressed one.
 */
function framedLength({ headers }) {
  if (headers.has("transfer-encoding") || headers.has("content-encoding")) return null;
  return headers.get("content-length");
}

/** The body as bytes, decompressed and counted while it is read. */
async function readCounted(reader, limit) {
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
  if (response.body === null) return new Uint8Array();
  const length = framedLength(response);
  if (length === null) return readCounted(response.body.getReader(), limit);
  if (Number(length) > limit) throw new TooLarge();
  return new Uint8Array(await response.arrayBuffer());
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
  if (trapped) return never();
  const deadline = new AbortController();
  const { signal } = deadline;
  watch(deadline, deadlineMs);
  try {
    const response = await fetch(url, { method, headers, body, redirect: "manual", signal });
    const retryAfter = response.headers.get("retry-after") ?? undefined;
    return { status: response.status, retryAfter, body: await readAnswer(response, limit) };
  } catch (error) {
    if (error instanceof TooLarge) {
      deadline.abort();
      return { failure: "size" };
    }
    return { failure: signal.aborted ? "timeout" : "network" };
  } finally {
    deadlines.delete(deadline);
    if (trapped) await never();
  }
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

/** The request's body as bytes; undefined when it is over the limit, null when it broke off or took too long. */
export async function readBody(request, deadlineMs, limit) {
  // No body, or a browser that does not show a request's body as a stream.
  if (!request.body) return new Uint8Array(await request.arrayBuffer());
  const length = framedLength(request);
  const reader = request.body.getReader();
  let late = false;
  const deadline = {
    abort() {
      late = true;
      reader.cancel().catch(() => {});
    },
  };
  watch(deadline, deadlineMs);
  try {
    if (length !== null && Number(length) > limit) throw new TooLarge();
    const bytes = await readCounted(reader, limit);
    return late ? null : bytes;
  } catch (error) {
    if (!(error instanceof TooLarge)) return null;
    await discard(reader).catch(() => {});
    return undefined;
  } finally {
    deadlines.delete(deadline);
    if (trapped) await never();
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
    if (trapped) return;
    trapped = true;
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
      if (trapped) return resolve(internal());
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
