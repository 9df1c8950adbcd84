/**
 * CORS of /auth/v1 and /rest/v1, which Supabase's gateway answers itself: any origin, no cookies.
 * Supabase Lite's own answers allow no header in preflights of /auth/v1, so no browser could sign in.
 */
export async function withCors(
  request: Request,
  answer: (request: Request) => Promise<Response>,
): Promise<Response> {
  if (request.method === "OPTIONS") {
    return new Response(null, {
      status: 204,
      headers: {
        "access-control-allow-origin": "*",
        "access-control-allow-methods": "GET, HEAD, POST, PUT, PATCH, DELETE",
        "access-control-allow-headers": request.headers.get("access-control-request-headers") ?? "",
      },
    });
  }
  const { body, status, headers: given } = await answer(request);
  const headers = new Headers(given);
  headers.set("access-control-allow-origin", "*");
  headers.delete("access-control-allow-credentials");
  return new Response(body, { status, headers });
}
