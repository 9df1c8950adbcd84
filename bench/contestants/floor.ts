/** The upstream fetches of every route and nothing else: what no service of this contract can be cheaper than. */
const rest = `${Deno.env.get("SUPABASE_URL")}/rest/v1`;
const keys = JSON.parse(Deno.env.get("SUPABASE_PUBLISHABLE_KEYS") ?? "{}");
const columns = "provider,status,calendar_id,account_label,scopes,connected_at,last_sync_at";
const user = "11111111-2222-4333-8444-555555555555";
const sealed = (length: number) => `v1.00000000.${"A".repeat(length)}`;

interface Shape {
  token: string | undefined;
  accessToken: string;
  refreshToken: string;
}

/** Envelopes as long as the real ones: base64url of 44 bytes more than the token. */
const shapes: Record<string, Shape> = {
  google: {
    token: Deno.env.get("GOOGLE_TOKEN_ENDPOINT"),
    accessToken: sealed(352),
    refreshToken: sealed(196),
  },
  outlook: {
    token: Deno.env.get("OUTLOOK_TOKEN_ENDPOINT"),
    accessToken: sealed(2790),
    refreshToken: sealed(1659),
  },
};

const redeemed = new URLSearchParams({
  grant_type: "authorization_code",
  code: "c".repeat(73),
  code_verifier: "v".repeat(43),
  redirect_uri: "https://project.example/functions/v1/calendar/callback/google",
  client_id: "client-id",
  client_secret: "client-secret",
}).toString();

async function rpc(request: Request, name: string, body: string): Promise<string> {
  const response = await fetch(`${rest}/rpc/${name}`, {
    method: "POST",
    headers: { ...headers(request), "content-type": "application/json" },
    body,
  });
  return await response.text();
}

function headers(request: Request): Record<string, string> {
  return { apikey: keys.default, authorization: request.headers.get("authorization") ?? "" };
}

async function status(request: Request): Promise<string> {
  const query = `select=${columns}&user_id=eq.${user}&order=connected_at.desc`;
  const response = await fetch(`${rest}/calendar_connections?${query}`, {
    headers: headers(request),
  });
  return await response.text();
}

const opened = JSON.stringify({
  p_user_id: user,
  p_provider: "google",
  p_state_hash: "h".repeat(43),
  p_sealed_verifier: sealed(116),
});
const taken = JSON.stringify({ p_user_id: user, p_state_hash: "h".repeat(43) });
const gone = JSON.stringify({ p_user_id: user, p_provider: null });

function saved(shape: Shape): string {
  return JSON.stringify({
    p_user_id: user,
    p_provider: "google",
    p_calendar_id: "primary",
    p_account_id: null,
    p_account_label: null,
    p_scopes: ["https://www.googleapis.com/auth/calendar.readonly"],
    p_sealed_access_token: shape.accessToken,
    p_sealed_refresh_token: shape.refreshToken,
    p_access_token_expires_at: "2026-01-26T16:04:00Z",
  });
}

async function callback(request: Request, shape: Shape): Promise<string> {
  await rpc(request, "calendar_take_state", taken);
  const exchanged = await fetch(shape.token ?? "", {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: redeemed,
  });
  await exchanged.text();
  return await rpc(request, "calendar_save_connection", saved(shape));
}

async function answer(request: Request): Promise<string> {
  const [, , route, provider] = new URL(request.url).pathname.split("/");
  const shape = shapes[provider ?? ""];
  if (route === "status") return await status(request);
  if (route === "connect") return await rpc(request, "calendar_open_state", opened);
  if (route === "callback" && shape) return await callback(request, shape);
  if (route === "disconnect") return await rpc(request, "calendar_disconnect", gone);
  return "{}";
}

Deno.serve(async (request) =>
  new Response(await answer(request), { headers: { "content-type": "application/json" } })
);
