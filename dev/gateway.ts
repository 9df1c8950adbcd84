/**
 * One origin for the APIs, as Supabase's gateway gives a project: Auth and PostgREST from Supabase
 * Lite, Edge Functions from the functions host with the prefix that the platform strips.
 *
 * For tests it tells of every call and lets them break calls. It answers as a forward proxy too:
 * then `http://kong:8000`, the address that `supabase functions serve` injects, ends up here.
 */
import { Buffer } from "node:buffer";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { Readable } from "node:stream";
import type { ReadableStream as NodeReadableStream } from "node:stream/web";
import { withCors } from "./cors.ts";
import { choosePort } from "./ports.ts";

export interface Call {
  method: string;
  /** Path without the query, such as /rest/v1/rpc/calendar_open_state. */
  path: string;
  url: URL;
  headers: Headers;
}

/** What to do to a call instead of, or before, letting it through. */
export interface Fault {
  /** Milliseconds to wait first; a caller who has gone by then is not served. */
  delay?: number;
  /** Milliseconds to wait when the call has been carried out, before the answer goes out. */
  answerDelay?: number;
  /** Answer this status with this body and these headers. */
  status?: number;
  body?: string;
  headers?: Record<string, string>;
  /** Reset the connection: before the call is carried out, or after (the caller cannot know). */
  reset?: "before" | "after";
}

export interface Hooks {
  onCall?: (call: Call) => void;
  fault?: (call: Call) => Fault | undefined;
}

export interface GatewayOptions {
  /** Answers /auth/v1 and /rest/v1. */
  supabase: (request: Request) => Promise<Response>;
  /** Origin of a function's process. */
  functionOrigin: (name: string) => Promise<string>;
  functionNames: string[];
  port?: number;
  hooks?: Hooks;
}

export interface Gateway {
  url: string;
  port: number;
  /** The preferred port that another program uses. */
  portTaken?: number;
  stop(): Promise<void>;
}

export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { port, taken } = choosePort(options.port);
  const server = createServer((incoming, outgoing) => {
    serve(options, incoming, outgoing).catch((error) => fail(outgoing, error));
  });
  await listen(server, port);
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    ...(taken === undefined ? {} : { portTaken: taken }),
    stop: () => close(server),
  };
}

async function serve(
  options: GatewayOptions,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const request = await toRequest(incoming);
  const url = new URL(request.url);
  const call = { method: request.method, path: url.pathname, url, headers: request.headers };
  options.hooks?.onCall?.(call);
  const fault = options.hooks?.fault?.(call);
  if (fault?.delay !== undefined && !await pause(fault.delay, outgoing)) return;
  if (fault?.reset === "before") return reset(incoming);
  if (fault?.status !== undefined) {
    const { status, body = null, headers = {} } = fault;
    return send(new Response(body, { status, headers }), outgoing);
  }
  const response = await route(options, request, url);
  const { answerDelay = 0, reset: broken } = fault ?? {};
  const stays = answerDelay === 0 || await pause(answerDelay, outgoing);
  if (stays && broken !== "after") return send(response, outgoing);
  await response.body?.cancel();
  reset(incoming);
}

function route(options: GatewayOptions, request: Request, url: URL): Promise<Response> {
  if (/^\/(auth|rest)\/v1(\/|$)/.test(url.pathname)) return withCors(request, options.supabase);
  const name = /^\/functions\/v1\/([^/]+)/.exec(url.pathname)?.[1];
  if (name !== undefined && options.functionNames.includes(name)) {
    return invoke(options, name, request, url);
  }
  const message = "Requested function was not found";
  return Promise.resolve(Response.json({ code: "NOT_FOUND", message }, { status: 404 }));
}

/** The platform's own answer when an isolate cannot start or ends under a request. */
async function invoke(
  options: GatewayOptions,
  name: string,
  request: Request,
  url: URL,
): Promise<Response> {
  let origin: string;
  try {
    origin = await options.functionOrigin(name);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    const message = "Function failed to start (please check logs)";
    return Response.json({ code: "BOOT_ERROR", message }, { status: 503 });
  }
  const target = origin + url.pathname.slice("/functions/v1".length) + url.search;
  const headers = new Headers(request.headers);
  headers.set("x-forwarded-host", url.host);
  headers.set("x-forwarded-proto", "http");
  // What comes back is passed on as it is, so the function must not compress for us.
  headers.set("accept-encoding", "identity");
  try {
    const { method } = request;
    const body = isSmall(request.headers.get("content-length"))
      ? await request.bytes()
      : request.body;
    return await fetch(target, { method, headers, body, redirect: "manual" });
  } catch {
    const message = "Function exited due to an error (please check logs)";
    return Response.json({ code: "WORKER_ERROR", message }, { status: 500 });
  }
}

async function toRequest(incoming: IncomingMessage): Promise<Request> {
  const { method = "GET", url = "/" } = incoming;
  const address = url.startsWith("/")
    ? `http://${incoming.headers.host ?? "localhost"}${url}`
    : url;
  const headers = new Headers();
  for (let index = 0; index + 1 < incoming.rawHeaders.length; index += 2) {
    const name = incoming.rawHeaders[index] ?? "";
    if (!hopByHop.has(name.toLowerCase())) {
      headers.append(name, incoming.rawHeaders[index + 1] ?? "");
    }
  }
  // RFC 9112 section 6.3: a request with neither header has no body.
  const { "content-length": length, "transfer-encoding": encoding } = incoming.headers;
  const mayHaveBody = method !== "GET" && method !== "HEAD";
  const hasBody = mayHaveBody && (length !== undefined || encoding !== undefined);
  return new Request(address, { method, headers, body: hasBody ? await bodyOf(incoming) : null });
}

const BUFFERED_BYTES = 64 * 1024;

/** By its declared length; without one it may be of any size. */
function isSmall(length: string | null | undefined): boolean {
  return length !== null && length !== undefined && Number(length) <= BUFFERED_BYTES;
}

/**
 * A small body is read first and sent in one piece, as the platform's gateway does: a function that answers without
 * reading it would otherwise close the connection under what is still being sent.
 */
async function bodyOf(
  incoming: IncomingMessage,
): Promise<ReadableStream<Uint8Array<ArrayBuffer>> | Uint8Array<ArrayBuffer>> {
  if (!isSmall(incoming.headers["content-length"])) return upload(incoming);
  const chunks: Uint8Array[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  return new Uint8Array(Buffer.concat(chunks));
}

/** Read only as it is asked for: an answer that comes before the upload's end drops the rest, and nothing throws. */
function upload(incoming: IncomingMessage): ReadableStream<Uint8Array<ArrayBuffer>> {
  const chunks = incoming.iterator({ destroyOnReturn: false });
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await chunks.next();
      if (done) controller.close();
      else controller.enqueue(new Uint8Array(value));
    },
    cancel() {
      incoming.resume();
    },
  });
}

const hopByHop = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "transfer-encoding",
  "host",
]);

async function send(response: Response, outgoing: ServerResponse): Promise<void> {
  for (const [name, value] of response.headers) {
    if (name !== "set-cookie" && !hopByHop.has(name)) outgoing.setHeader(name, value);
  }
  const cookies = response.headers.getSetCookie();
  if (cookies.length > 0) outgoing.setHeader("set-cookie", cookies);
  outgoing.writeHead(response.status);
  if (response.body === null) {
    outgoing.end();
    return;
  }
  const finished = Promise.withResolvers<void>();
  Readable.fromWeb(response.body as unknown as NodeReadableStream)
    .on("error", finished.reject).on("end", finished.resolve).pipe(outgoing);
  outgoing.on("close", finished.resolve);
  await finished.promise;
}

function fail(outgoing: ServerResponse, error: unknown): void {
  console.error("gateway:", error);
  if (outgoing.headersSent) outgoing.destroy();
  else outgoing.writeHead(502).end();
}

function reset(incoming: IncomingMessage): void {
  incoming.socket.resetAndDestroy();
}

/** False if the caller went away meanwhile. */
function pause(milliseconds: number, outgoing: ServerResponse): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(true), milliseconds);
    outgoing.once("close", () => {
      clearTimeout(timer);
      resolve(false);
    });
  });
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
