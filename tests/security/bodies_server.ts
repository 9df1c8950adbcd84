/**
 * The shipped Wasm behind a server of its own, for a process of its own: `bodies_server.ts <database's origin>`. Prints its
 * port. `/held` answers with the bytes that the Wasm and the buffers of JavaScript hold after garbage collection.
 */
import { requestHandler } from "../../pkg/calendar_connect.js";
import * as wasm from "../../pkg/calendar_connect_bg.wasm";
import { ENV } from "./offline.ts";

const { memory } = wasm as unknown as { memory: WebAssembly.Memory };
const { gc } = globalThis as unknown as { gc(): void };
const [database] = Deno.args;

const handler = requestHandler({
  ...ENV,
  SUPABASE_URL: database,
  CALENDAR_DATABASE_TIMEOUT_MS: "60000",
});

Deno.serve({
  hostname: "127.0.0.1",
  port: 0,
  onListen: ({ port }) => console.log(port),
}, async (request, info) => {
  if (!request.url.endsWith("/held")) return handler(request, info);
  const held: number[] = [];
  // Buffers are freed a while after they were collected.
  for (let collection = 0; collection < 5; collection++) {
    gc();
    await new Promise((resolve) => setTimeout(resolve, 50));
    held.push(Deno.memoryUsage().external + memory.buffer.byteLength);
  }
  return Response.json(Math.min(...held));
});
