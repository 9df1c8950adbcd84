/** The same work as ours in TypeScript without a library: checks, deadlines, limits, WebCrypto, one log line. */
import { type Log, log, newLog } from "./lean/log.ts";
import { callback, connect, disconnect, status } from "./lean/flow.ts";
import { Failure } from "./lean/failure.ts";
import { session } from "./lean/session.ts";
import { providers } from "./lean/config.ts";
import { readText } from "./lean/wire.ts";

const settingsOrigin = new URL(Deno.env.get("CALENDAR_SETTINGS_URL") ?? "").origin;
const origins = (Deno.env.get("CALENDAR_ALLOWED_ORIGINS") ?? settingsOrigin).split(",");

async function dispatch(request: Request, line: Log): Promise<unknown> {
  const { pathname, searchParams, search } = new URL(request.url);
  const [route, named] = pathname.slice(pathname.indexOf("/calendar/") + 10).split("/");
  line.route = route ?? "";
  if (route === "health") {
    return { status: "ok", version: "0.1.0", providers: Object.keys(providers) };
  }
  if (search.length > 8192) throw new Failure(400, "invalid_request");
  const caller = session(request.headers.get("authorization"));
  line.user_id = caller.userId;
  const context = { caller, line };
  if (route === "status" && request.method === "GET") return await status(context);
  if (route === "disconnect" && request.method === "DELETE") {
    return await disconnect(context, searchParams.get("provider"));
  }
  const provider = providers[named ?? ""];
  if (provider === undefined) throw new Failure(404, "unsupported_provider");
  line.provider = provider.name;
  if (route === "connect") return await connect(context, provider);
  if (route !== "callback" || request.method !== "POST") throw new Failure(404, "not_found");
  const type = request.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
  if (type !== "application/json") throw new Failure(415, "unsupported_media_type");
  return await callback(context, provider, JSON.parse(await readText(request, 32 * 1024)));
}

function respond(request: Request, code: number, body: unknown, line: Log): Response {
  const headers: [string, string][] = [
    ["x-request-id", line.request_id],
    ["cache-control", "no-store"],
    ["referrer-policy", "no-referrer"],
    ["x-content-type-options", "nosniff"],
    ["content-type", "application/json"],
  ];
  const origin = request.headers.get("origin");
  if (origin !== null) {
    headers.push(["vary", "Origin"]);
    if (origins.includes(origin)) {
      headers.push(["access-control-allow-origin", origin]);
      headers.push(["access-control-expose-headers", "x-request-id, retry-after"]);
    }
  }
  return new Response(JSON.stringify(body), { status: code, headers });
}

Deno.serve(async (request) => {
  const started = Date.now();
  const line = newLog(request.method);
  let code = 200;
  let body: unknown;
  try {
    body = await dispatch(request, line);
  } catch (error) {
    const failure = error instanceof Failure ? error : new Failure(500, "internal");
    code = failure.status;
    line.code = failure.code;
    body = { code: failure.code, message: failure.code, request_id: line.request_id };
  }
  log(line, code, started);
  return respond(request, code, body, line);
});
