/** Stands before the page's server, as an app's own: may change the HTML, and takes what scripts collect. */
export interface Front {
  /** On another site than 127.0.0.1, where API and providers are, and loopback all the same. */
  origin: string;
  change: (html: string) => string;
  /** Scripts that the app serves itself, by path. */
  scripts: Record<string, string>;
  /** What arrived at /collect, decoded. */
  collected: string[];
  /** Every address and Referer that the server saw. */
  seen: string[];
  /** Sends requests on, to the page's server or wherever `to` says. */
  forwardTo(to: (url: URL) => string): void;
  stop(): Promise<void>;
}

export function startFront(): Front {
  let target: (url: URL) => string = () => {
    throw new Error("the front does not know its page yet");
  };
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      const url = new URL(request.url);
      front.seen.push(decodeURIComponent(`${url.href} ${request.headers.get("referer") ?? ""}`));
      if (url.pathname === "/collect") {
        front.collected.push(decodeURIComponent(url.search) + await request.text());
        return new Response(null, { status: 204 });
      }
      const script = front.scripts[url.pathname];
      if (script !== undefined) {
        return new Response(script, { headers: { "content-type": "text/javascript" } });
      }
      const { method, headers, body } = request;
      const response = await fetch(target(url), { method, headers, body, redirect: "manual" });
      if (!response.headers.get("content-type")?.startsWith("text/html")) return response;
      return new Response(front.change(await response.text()), {
        headers: { "content-type": "text/html" },
      });
    },
  );
  const front: Front = {
    origin: `http://localhost:${server.addr.port}`,
    change: (html) => html,
    scripts: {},
    collected: [],
    seen: [],
    forwardTo: (to) => target = to,
    stop: () => server.shutdown(),
  };
  return front;
}
