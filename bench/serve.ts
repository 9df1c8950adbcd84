/** Runs before a contestant: puts its `Deno.serve` on the port it is given, as the platform does. */
const [entry = "", port] = Deno.args;
const serve = Deno.serve;
type Options = Deno.ServeTcpOptions;

function serveOnChosenPort(
  ...[first, second]: [Deno.ServeHandler] | [Options, Deno.ServeHandler]
): Deno.HttpServer<Deno.NetAddr> {
  if (typeof first !== "function" && second) return serve(first, second);
  const options = { hostname: "127.0.0.1", port: Number(port), onListen() {} };
  return serve(options, first as Deno.ServeHandler);
}

Object.defineProperty(Deno, "serve", { value: serveOnChosenPort });
await import(new URL(entry, "file:///").href);
