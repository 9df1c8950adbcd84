/** A function as thin as the product's, which shows what the stack gave it. */
const names = ["SUPABASE_URL", "SUPABASE_PUBLISHABLE_KEYS", "SUPABASE_ANON_KEY"];
const env = Object.fromEntries(names.map((name) => [name, Deno.env.get(name)]));

const routes: Record<string, (request: Request, url: URL) => Response | Promise<Response>> = {
  "/calendar/health": () => Response.json({ status: "ok" }),
  "/calendar/url": (request, url) =>
    Response.json({
      path: url.pathname,
      query: url.search,
      host: request.headers.get("x-forwarded-host"),
      protocol: request.headers.get("x-forwarded-proto"),
    }),
  "/calendar/connections": (request) => connections(request),
  "/calendar/variable": (_, url) => {
    const name = url.searchParams.get("name") ?? "";
    try {
      return Response.json({ value: Deno.env.get(name) ?? null });
    } catch (error) {
      return Response.json({ refused: (error as Error).name });
    }
  },
  "/calendar/reach": async (_, url) => {
    try {
      const response = await fetch(url.searchParams.get("url") ?? "");
      return Response.json({ status: response.status });
    } catch (error) {
      return Response.json({ refused: (error as Error).name });
    }
  },
  "/calendar/redirect": () => {
    const headers = new Headers({ location: "https://app.example.test/" });
    headers.append("set-cookie", "one=1");
    headers.append("set-cookie", "two=2");
    return new Response(null, { status: 303, headers });
  },
  "/calendar/echo": async (request) =>
    new Response(await request.text(), {
      headers: { "content-type": request.headers.get("content-type") ?? "" },
    }),
  "/calendar/print": (_, url) => {
    const lines = Number(url.searchParams.get("lines"));
    for (let line = 0; line < lines; line++) console.log(`line ${line}`);
    return new Response();
  },
  "/calendar/exit": () => Deno.exit(7),
};

function connections(request: Request): Promise<Response> {
  const keys = JSON.parse(env.SUPABASE_PUBLISHABLE_KEYS ?? "{}");
  return fetch(`${env.SUPABASE_URL}/rest/v1/calendar_connections?select=provider,status`, {
    headers: {
      apikey: env.SUPABASE_ANON_KEY ?? keys.default,
      authorization: request.headers.get("authorization") ?? "",
    },
  });
}

Deno.serve((request: Request) => {
  const url = new URL(request.url);
  console.log(`${request.method} ${url.pathname}`);
  return routes[url.pathname]?.(request, url) ?? new Response(null, { status: 404 });
});
