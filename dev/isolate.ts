/**
 * Runs inside a function's process, before the function: points its `Deno.serve` at the port the
 * stack chose, as Supabase's edge runtime points it at its own listener.
 */
const port = Number(Deno.args[0]);
const serve = Deno.serve;

function serveOnChosenPort(...given: unknown[]): Deno.HttpServer<Deno.NetAddr> {
  const handler = given.find((each) => typeof each === "function") as Deno.ServeHandler;
  const onListen = () => console.log(Deno.args[1]);
  return serve({ hostname: "127.0.0.1", port, onListen }, handler);
}

Object.defineProperty(Deno, "serve", { value: serveOnChosenPort });
