/** The function as shipped, and beside it, on a port of its own, the size of its Wasm memory. */
import { memory } from "../pkg/calendar_connect_bg.wasm";
import "../supabase/functions/calendar/index.ts";

const port = Number(Deno.env.get("CALENDAR_BENCH_MEMORY_PORT"));

Deno.serve(
  { hostname: "127.0.0.1", port, onListen() {} },
  () => new Response(String(memory.buffer.byteLength)),
);
