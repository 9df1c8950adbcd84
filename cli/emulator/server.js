// @ts-check
/** The emulator on a port of this machine. */
import { Buffer } from "node:buffer";
import { createServer } from "node:http";
import { Refusal } from "./refusal.js";
import { json } from "./reply.js";

/** @typedef {import("./emulator.js").Outcome} Outcome */
/** @typedef {import("./types.d.ts").Reply} Reply */
/** @typedef {import("./types.d.ts").Request} Request */

const LARGEST_BODY = 4 * 1024 * 1024;

/**
 * @param {object} options
 * @param {string} options.host
 * @param {number} options.port 0 for any free one
 * @param {(request: Request) => Promise<Outcome>} options.handle
 * @param {() => number} options.now what the Date header says
 */
export async function listen({ host, port, handle, now }) {
  const server = createServer(async (incoming, outgoing) => {
    try {
      const request = await read(incoming);
      const outcome = request ? await handle(request) : tooLarge();
      send(incoming, outgoing, outcome, now());
    } catch (error) {
      const status = error instanceof Refusal ? error.status : 500;
      const message = error instanceof Error ? error.message : String(error);
      const reply = json(status, { error: message });
      if (!outgoing.headersSent) send(incoming, outgoing, { reply, sent: "whole" }, now());
    }
  });
  await new Promise((listening, failed) => {
    server.once("error", failed);
    server.listen(port, host, () => listening(undefined));
  });
  const address = /** @type {import("node:net").AddressInfo} */ (server.address());
  return {
    port: address.port,
    stop: () => {
      server.closeAllConnections();
      return new Promise((stopped) => server.close(() => stopped(undefined)));
    },
  };
}

/** @returns {Outcome} */
function tooLarge() {
  return { reply: json(413, { error: "the body is too large" }), sent: "whole" };
}

/**
 * @param {import("node:http").IncomingMessage} incoming
 * @returns {Promise<Request | undefined>}
 */
async function read(incoming) {
  const chunks = [];
  let length = 0;
  for await (const chunk of incoming) {
    length += chunk.length;
    if (length > LARGEST_BODY) return undefined;
    chunks.push(chunk);
  }
  const body = Buffer.concat(chunks).toString();
  const headers = Object.fromEntries(
    Object.entries(incoming.headers)
      .map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : value]),
  );
  const isForm = headers["content-type"]?.startsWith("application/x-www-form-urlencoded");
  return {
    method: incoming.method ?? "GET",
    url: new URL(incoming.url ?? "/", "http://emulator"),
    headers,
    body,
    form: new URLSearchParams(isForm ? body : ""),
  };
}

/**
 * @param {import("node:http").IncomingMessage} incoming
 * @param {import("node:http").ServerResponse} outgoing
 * @param {Outcome} outcome
 * @param {number} now
 */
function send(incoming, outgoing, { reply, sent, bytes = 0 }, now) {
  const { socket } = incoming;
  if (sent === "reset" && typeof socket.resetAndDestroy === "function") socket.resetAndDestroy();
  else if (sent === "reset" || sent === "dropped") socket.destroy();
  if (sent === "reset" || sent === "dropped") return;
  const body = Buffer.from(reply.body);
  const date = new Date(now).toUTCString();
  // Each request has its own connection. When a kept-alive connection ends without a reply, HTTP libraries
  // repeat the request silently, and a test would not see the fault.
  outgoing.writeHead(reply.status, {
    date,
    ...reply.headers,
    "content-length": body.length,
    connection: "close",
  });
  if (sent === "whole") {
    outgoing.end(body);
    return;
  }
  outgoing.write(body.subarray(0, bytes), () => socket.destroy());
}
