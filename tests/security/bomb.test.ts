/**
 * Line 14: a large answer in a small package, which would be a perfect token response if it were read to its end, is given up
 * after 64 KiB, at little memory, on both levels of Deno. The smaller bomb is packed into less than the limit, so its
 * declared length says that it fits.
 *
 * Mutations tried: see defences.ts, "14: answers are read up to a limit" and "14: a packed answer's length is not believed".
 */
import { equal, ok } from "node:assert/strict";
import { type Functions, startFunctions } from "../../dev/functions.ts";
import { startHostileProvider } from "../providers/hostile.ts";
import { CALENDAR_SCOPE } from "../providers/strict.ts";
import { expectError, expectJson } from "../support/answers.ts";
import { DOCUMENTED_NAMES } from "../support/environment.ts";
import { ENV, token } from "./offline.ts";

const MIB = 1 << 20;
const LIMIT = 64 * 1024;
/** MiB unpacked, and whether that is packed into less than the limit. */
const BOMBS = [[50, true], [200, false]] as const;
/** More than what is needed besides the answer, and less than any of the bombs. */
const MUCH_MEMORY = 40 * MIB;

/** A database that keeps one state and gives it back, and otherwise has no rows. */
let kept: Record<string, string> = {};
const database = Deno.serve(
  { hostname: "127.0.0.1", port: 0, onListen: () => {} },
  async (request) => {
    const body = await request.json();
    if (request.url.endsWith("calendar_open_state")) {
      kept = body;
      return Response.json({ expires_at: "2030-01-01T00:00:00+00:00", connection: null });
    }
    if (!request.url.endsWith("calendar_take_state")) return Response.json(null);
    const { p_provider: provider, p_sealed_verifier: sealed_verifier } = kept;
    return Response.json({ provider, sealed_verifier, live: true, connection: null });
  },
);
const hostile = startHostileProvider();
Deno.test.afterAll(async () => {
  await hostile.stop();
  await database.shutdown();
});

const FORMATS = ["gzip", "deflate"] as const;

/** A token response with a member of so many MiB, packed. */
async function bomb(
  format: (typeof FORMATS)[number],
  size: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const [before = "", after = ""] = JSON.stringify({
    access_token: "fake",
    refresh_token: "fake",
    token_type: "Bearer",
    expires_in: 3599,
    scope: CALENDAR_SCOPE.google,
    filler: "*",
  }).split("*");
  const utf8 = new TextEncoder();
  const block = utf8.encode("a".repeat(MIB));
  const blocks = [utf8.encode(before), ...Array(size).fill(block), utf8.encode(after)];
  const packing = ReadableStream.from(blocks).pipeThrough(new CompressionStream(format));
  return await new Response(packing).bytes();
}

function start(deno: "2.1.4" | "current"): Promise<Functions> {
  const origin = `http://127.0.0.1:${database.addr.port}`;
  const env: Record<string, string> = {
    SUPABASE_URL: origin,
    GOOGLE_TOKEN_ENDPOINT: hostile.tokenEndpoint,
  };
  for (const [name, value] of Object.entries(ENV)) env[name] ??= value ?? "";
  const allowNet = [origin, hostile.origin].map((each) => new URL(each).host);
  return startFunctions({ deno, env, names: DOCUMENTED_NAMES, allowNet });
}

/** The most memory the process ever had, in bytes. */
async function peak(functions: Functions): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${functions.pid("calendar")}/status`);
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
}

for (const deno of ["2.1.4", "current"] as const) {
  for (const [size, fits] of BOMBS) {
    Deno.test(`line 14, Deno ${deno}: bombs of ${size} MiB are given up at little memory`, async () => {
      const functions = await start(deno);
      try {
        const base = `${await functions.origin("calendar")}/calendar`;
        const headers = { authorization: `Bearer ${token()}`, "content-type": "application/json" };
        await expectJson(await fetch(`${base}/health`));
        const before = await peak(functions);
        for (const format of FORMATS) {
          const started = await fetch(`${base}/connect/google`, { method: "POST", headers });
          const { authorization_url } = await expectJson<{ authorization_url: string }>(started);
          const state = new URL(authorization_url).searchParams.get("state");
          const packed = await bomb(format, size);
          equal(packed.length <= LIMIT, fits);
          hostile.script({
            status: 200,
            headers: { "content-type": "application/json", "content-encoding": format },
            body: packed,
          });
          const body = JSON.stringify({ code: "c", state });
          const response = await fetch(`${base}/callback/google`, {
            method: "POST",
            headers,
            body,
          });
          await expectError(response, "provider_rejected");
        }
        const grown = await peak(functions) - before;
        ok(grown < MUCH_MEMORY, `${Math.round(grown / MIB)} MiB more`);
        equal(functions.starts("calendar"), 1);
      } finally {
        await functions.stop();
      }
    });
  }
}
