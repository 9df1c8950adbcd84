/** Several accounts of one provider: which connection a call, a return and a refusal are about. */
import assert from "node:assert/strict";
import { CalendarClient } from "./client.ts";
import { CalendarError } from "./error.ts";
import {
  ADA,
  type Call,
  GOOGLE_CONNECTED,
  GOOGLE_CONNECTION,
  GRACE,
  NO_CONNECTION,
  onPage,
  supabaseFor,
} from "./page_for_tests.ts";

const settings = "https://app.example/app/settings";
const relayed = `${settings}#calendar_provider=google&calendar_code=c-1&calendar_state=s-1`;
const authorization = {
  authorization_url: "https://accounts.example/authorize?state=s-1",
  provider: "google",
  expires_at: "2999-01-01T00:00:00Z",
};

function service(call: Call): unknown {
  if (call.path.startsWith("calendar/connect/")) return authorization;
  if (call.path.startsWith("calendar/disconnect")) {
    return { ...NO_CONNECTION, disconnected: ["google"] };
  }
  return call.path.startsWith("calendar/callback/") ? GOOGLE_CONNECTED : NO_CONNECTION;
}

Deno.test("connect names the connection that is to be renewed", () =>
  onPage(settings, async (page) => {
    const { supabase, calls } = supabaseFor("ada", service);
    const calendar = new CalendarClient(supabase);
    await calendar.connect("google", { connection: ADA });
    await calendar.connect("google", { connection: "a&b=c" });
    // The id of a connection that an older function listed.
    await calendar.connect("google", { connection: "google" });
    assert.deepEqual(calls.map(({ path }) => path), [
      `calendar/connect/google?connection=${ADA}`,
      "calendar/connect/google?connection=a%26b%3Dc",
      "calendar/connect/google",
    ]);
    assert.equal(page.assigned.length, 3);
  }));

/** Two accounts of one provider; the newest stands first. */
const TWO = {
  ...GOOGLE_CONNECTED,
  connections: [{ ...GOOGLE_CONNECTION, id: GRACE }, GOOGLE_CONNECTION],
};

Deno.test("finish names the connection: the newest, or the one that was renewed", async () => {
  const answer = (call: Call) => call.path.includes("/connect/") ? authorization : TWO;
  for (const [renewed, expected] of [[undefined, GRACE], [ADA, ADA], ["gone", GRACE]] as const) {
    await onPage(settings, async () => {
      const calendar = new CalendarClient(supabaseFor("ada", answer).supabase);
      await calendar.connect("google", renewed === undefined ? {} : { connection: renewed });
      history.replaceState(null, "", relayed);
      const finished = await calendar.finish();
      assert(finished.outcome === "connected");
      assert.equal(finished.connection, expected);
    });
  }
});

Deno.test("a one-step success is believed for the connection that it names only", async () => {
  const [newest, older] = TWO.connections;
  const revoked = { ...TWO, connections: [newest, { ...older, status: "revoked" }] };
  const outcome = (status: unknown, connection: string) =>
    onPage(
      `${settings}?connected=success&provider=google&connection=${connection}`,
      async () => {
        const finished = await new CalendarClient(supabaseFor("ada", () => status).supabase)
          .finish();
        outcomes.push(finished.outcome === "connected" ? finished.connection : finished.outcome);
      },
    );
  const outcomes: unknown[] = [];
  await outcome(TWO, ADA);
  await outcome(revoked, ADA);
  await outcome(revoked, GRACE);
  assert.deepEqual(outcomes, [ADA, "none", GRACE]);
});

Deno.test("a refused return names the connection that was to be renewed, and both accounts", () =>
  onPage(settings, async () => {
    const mismatch = Response.json({
      code: "account_mismatch",
      message: "m",
      request_id: "r",
      expected_label: "ada@example.test",
      actual_label: "grace@example.test",
    }, { status: 409 });
    const { supabase } = supabaseFor(
      "ada",
      (call) => call.path.includes("/connect/") ? authorization : mismatch,
    );
    const calendar = new CalendarClient(supabase);
    await calendar.connect("google", { connection: ADA });
    history.replaceState(null, "", relayed);
    const finished = await calendar.finish();
    assert(finished.outcome === "refused");
    const { code, expectedLabel, actualLabel } = finished.error;
    assert.deepEqual([finished.connection, code, expectedLabel, actualLabel], [
      ADA,
      "account_mismatch",
      "ada@example.test",
      "grace@example.test",
    ]);
  }));

Deno.test("a refused one-step return names the connection of its address", () =>
  onPage(
    `${settings}?connected=error&reason=account_mismatch&provider=google&connection=${GRACE}`,
    async (page) => {
      const finished = await new CalendarClient(supabaseFor("ada", service).supabase).finish();
      assert(finished.outcome === "refused");
      assert.deepEqual([finished.connection, finished.error.expectedLabel], [GRACE, undefined]);
      assert.equal(page.href(), settings);
    },
  ));

Deno.test("labels that are no texts are left out", () =>
  onPage(settings, async () => {
    const body = { code: "account_mismatch", message: "m", request_id: "r", expected_label: null };
    const { supabase } = supabaseFor("ada", () => Response.json(body, { status: 409 }));
    const error = await new CalendarClient(supabase).status().catch((error: unknown) => error);
    assert(error instanceof CalendarError);
    assert.deepEqual([error.expectedLabel, error.actualLabel], [undefined, undefined]);
  }));

Deno.test("disconnect of one connection never becomes a disconnect of all", () =>
  onPage(settings, async () => {
    const { supabase, calls } = supabaseFor("ada", service);
    const calendar = new CalendarClient(supabase);
    await calendar.disconnect({ connection: ADA });
    await calendar.disconnect({ connection: "a&b=c" });
    await calendar.disconnect({ connection: "outlook" });
    await calendar.disconnect({ connection: "" });
    await calendar.disconnect({ connection: undefined as unknown as string });
    await calendar.disconnect(null as unknown as "google");
    assert.deepEqual(calls.map(({ path }) => path), [
      `calendar/disconnect?connection=${ADA}`,
      "calendar/disconnect?connection=a%26b%3Dc",
      "calendar/disconnect?provider=outlook",
      "calendar/disconnect?connection=",
      "calendar/disconnect?connection=undefined",
      "calendar/disconnect?provider=null",
    ]);
  }));
