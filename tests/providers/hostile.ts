/**
 * A token endpoint that misbehaves on command: each call takes the next scripted answer, or the
 * standing one. It speaks HTTP by hand, because a well-behaved server library refuses to lie.
 */
export interface Answer {
  status?: number;
  headers?: Record<string, string>;
  body?: string | Uint8Array<ArrayBuffer>;
  /** What goes wrong below HTTP; absent, the answer is well formed. */
  fault?: Fault;
}

export type Fault =
  /** The connection is reset before any answer. */
  | "reset"
  /** Nothing is ever answered. */
  | "silence"
  /** The head and half of the body, and then nothing more, with the connection open. */
  | "stall"
  /** Half of the announced body, and then the connection ends. */
  | "truncate"
  /** One byte of body after another, for twenty minutes. */
  | "drip";

export interface Received {
  method: string;
  path: string;
  headers: Record<string, string>;
  form: Record<string, string>;
}

export interface HostileProvider {
  readonly origin: string;
  readonly tokenEndpoint: string;
  /** Every request that arrived, in order, at whatever path. */
  readonly received: Received[];
  /** The answers to the next requests, one each; afterwards the standing answer again. */
  script(...answers: Answer[]): void;
  /** The answer where nothing is scripted. */
  always(answer: Answer): void;
  stop(): Promise<void>;
}

export function startHostileProvider(): HostileProvider {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const origin = `http://127.0.0.1:${(listener.addr as Deno.NetAddr).port}`;
  const received: Received[] = [];
  const scripted: Answer[] = [];
  const open = new Set<Deno.Conn>();
  const ending = Promise.withResolvers<void>();
  let standing: Answer = { status: 500, body: "nothing was scripted" };

  const serve = async (connection: Deno.Conn) => {
    open.add(connection);
    try {
      // Closing with the request unread makes the kernel send a reset.
      if ((scripted[0] ?? standing).fault === "reset") {
        await connection.read(new Uint8Array(1));
        scripted.shift();
        received.push({ method: "", path: "", headers: {}, form: {} });
        return;
      }
      const request = await readRequest(connection);
      if (!request) return;
      received.push(request);
      await reply(connection, scripted.shift() ?? standing, ending.promise);
    } catch (error) {
      // The other side went away first, as it should at its deadline.
      if (!isDisconnect(error)) throw error;
    } finally {
      open.delete(connection);
      close(connection);
    }
  };

  const running = new Set<Promise<void>>();
  const accepting = (async () => {
    for await (const connection of listener) {
      const one = serve(connection).finally(() => running.delete(one));
      running.add(one);
    }
  })();

  return {
    origin,
    tokenEndpoint: `${origin}/token`,
    received,
    script: (...answers) => void scripted.push(...answers),
    always: (answer) => void (standing = answer),
    async stop() {
      ending.resolve();
      listener.close();
      open.forEach(close);
      await accepting;
      await Promise.all(running);
    },
  };
}

/** A token answer that a well-behaved provider would give, with changes; `undefined` removes a field. */
export function tokens(scope: string, changes: Record<string, unknown> = {}): Answer {
  return json(200, {
    access_token: "access-token-of-a-test",
    refresh_token: "refresh-token-of-a-test",
    token_type: "Bearer",
    expires_in: 3599,
    scope,
    ...changes,
  });
}

export function json(
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): Answer {
  return {
    status,
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  };
}

/** A JSON text nested so deeply that a recursive parser runs out of stack. */
export function deepJson(levels: number): Answer {
  return {
    status: 200,
    headers: { "content-type": "application/json" },
    body: `${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`,
  };
}

/** A small answer that becomes `bytes` of JSON text when it is unpacked. */
export async function gzipBomb(bytes: number): Promise<Answer> {
  const block = new TextEncoder().encode(" ".repeat(1 << 20));
  let left = Math.ceil(bytes / block.length);
  const source = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller) {
      if (left-- > 0) controller.enqueue(block);
      else controller.close();
    },
  });
  const packed = await new Response(source.pipeThrough(new CompressionStream("gzip"))).bytes();
  return {
    status: 200,
    headers: { "content-type": "application/json", "content-encoding": "gzip" },
    body: packed,
  };
}

async function reply(connection: Deno.Conn, answer: Answer, ending: Promise<void>): Promise<void> {
  if (answer.fault === "silence") return await untilGone(connection, ending);
  const body = typeof answer.body === "string"
    ? new TextEncoder().encode(answer.body)
    : answer.body ?? new Uint8Array();
  const length = answer.fault === "drip" ? 60_000 : body.length;
  await write(connection, new TextEncoder().encode(head(answer, length)));
  if (answer.fault === "drip") return await drip(connection, ending);
  if (answer.fault === undefined) return await write(connection, body);
  await write(connection, body.subarray(0, body.length >> 1));
  if (answer.fault === "stall") await untilGone(connection, ending);
}

function head(answer: Answer, length: number): string {
  const headers = { ...answer.headers, "content-length": String(length), connection: "close" };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${answer.status ?? 200} Scripted\r\n${lines.join("")}\r\n`;
}

async function drip(connection: Deno.Conn, ending: Promise<void>): Promise<void> {
  const space = new TextEncoder().encode(" ");
  const stopped = ending.then(() => true);
  const gone = untilGone(connection, ending).then(() => true);
  for (;;) {
    const { promise: tick, resolve } = Promise.withResolvers<boolean>();
    const timer = setTimeout(() => resolve(false), 20);
    const over = await Promise.race([stopped, gone, tick]);
    clearTimeout(timer);
    if (over) return;
    await write(connection, space);
  }
}

/** Settles when the other side closes the connection or the server ends. */
async function untilGone(connection: Deno.Conn, ending: Promise<void>): Promise<void> {
  const gone = connection.read(new Uint8Array(1)).then(() => {}, () => {});
  await Promise.race([gone, ending]);
}

async function write(connection: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let sent = 0; sent < bytes.length;) {
    sent += await connection.write(bytes.subarray(sent));
  }
}

async function readRequest(connection: Deno.Conn): Promise<Received | undefined> {
  let text = "";
  const decoder = new TextDecoder("latin1");
  const buffer = new Uint8Array(65_536);
  for (;;) {
    const parsed = parseRequest(text);
    if (parsed) return parsed;
    const count = await connection.read(buffer);
    if (count === null) return undefined;
    text += decoder.decode(buffer.subarray(0, count));
  }
}

function parseRequest(text: string): Received | undefined {
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) return undefined;
  const [start = "", ...lines] = text.slice(0, end).split("\r\n");
  const [method = "", path = ""] = start.split(" ");
  const headers = Object.fromEntries(lines.map((line) => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  }));
  const body = text.slice(end + 4);
  if (body.length < Number(headers["content-length"] ?? 0)) return undefined;
  return { method, path, headers, form: Object.fromEntries(new URLSearchParams(body)) };
}

function isDisconnect(error: unknown): boolean {
  return error instanceof Deno.errors.BrokenPipe || error instanceof Deno.errors.ConnectionReset ||
    error instanceof Deno.errors.BadResource || error instanceof Deno.errors.Interrupted;
}

function close(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch (error) {
    if (!(error instanceof Deno.errors.BadResource)) throw error;
  }
}
