/**
 * Line 6: whether a state has expired is the database's word. The function's own clock may be years off.
 *
 * Mutations tried: see defences.ts, "6".
 */
import { deepEqual, equal } from "node:assert/strict";
import { inProcess } from "./handler.ts";
import { answerFetchWith, offline, token } from "./offline.ts";

const YEARS = 365 * 24 * 3600 * 1000;
const headers = { authorization: `Bearer ${token()}`, "content-type": "application/json" };
const now = Date.now;

let live = true;
let exchanges = 0;
let kept: Record<string, string> = {};
answerFetchWith((url, init) => {
  if (url.pathname === "/token") {
    exchanges++;
    return Response.json({ error: "invalid_grant" }, { status: 400 });
  }
  if (url.pathname.endsWith("calendar_open_state")) {
    kept = JSON.parse(String(init.body));
    return Response.json({ expires_at: "2000-01-01T00:00:00+00:00", connection: null });
  }
  const { p_provider: provider, p_sealed_verifier: sealed_verifier } = kept;
  return Response.json({ provider, sealed_verifier, live, connection: null });
});

for (const off of [-20 * YEARS, 0, 20 * YEARS]) {
  for (const says of [true, false]) {
    Deno.test(`line 6: with the function's clock ${off / YEARS} years off, a state is ${says ? "live" : "dead"} when the database says so`, async () => {
      const service = inProcess(offline());
      Date.now = () => now() + off;
      try {
        const started = await service.call("/connect/google", { method: "POST", headers });
        const { authorization_url } = await started.json();
        const state = new URL(authorization_url).searchParams.get("state");
        live = says;
        exchanges = 0;
        const body = JSON.stringify({ code: "c", state });
        const response = await service.call("/callback/google", { method: "POST", headers, body });
        equal(exchanges, says ? 1 : 0);
        const code = says ? "provider_rejected" : "invalid_state";
        deepEqual((await response.json()).code, code);
      } finally {
        Date.now = now;
      }
    });
  }
}
