/** An endpoint that can be turned off: forwards POSTs to the real one, or answers 503. */
export interface Switch {
  url: string;
  on: boolean;
  stop(): Promise<void>;
}

export function switchBefore(endpoint: string): Switch {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    if (!it.on) return new Response("down", { status: 503 });
    const { method, headers, body } = request;
    return fetch(endpoint, { method, headers, body });
  });
  const it: Switch = {
    url: `http://127.0.0.1:${server.addr.port}/token`,
    on: true,
    stop: () => server.shutdown(),
  };
  return it;
}
