/** Checked by the compiler: `deno test` refuses to start while one of these does not hold. */
import { createBrowserClient } from "@supabase/ssr";
import { createClient } from "@supabase/supabase-js";
import type { Provider as ProviderOfTheWasm } from "../../src/wasm/types.d.ts";
import type { Database } from "../../supabase/types.ts";
import assert from "node:assert/strict";
import {
  CalendarClient,
  type CalendarErrorCode,
  type CalendarStatus,
  CONNECTION_COLUMNS,
  type ConnectionRow,
  type Finished,
  type Provider,
  type ProviderName,
  type SupabaseLike,
} from "./mod.ts";

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true
  : false;
const holds = <_ extends true>() => {};

const browserClient = () => createBrowserClient("http://localhost:1", "key");
const anyClient = createClient("http://localhost:1", "key", { auth: { autoRefreshToken: false } });
const typedClient = createClient<Database>("http://localhost:1", "key", {
  auth: { autoRefreshToken: false },
});

Deno.test("any supabase-js client fits, typed or not, and that of @supabase/ssr", () => {
  holds<typeof anyClient extends SupabaseLike ? true : false>();
  holds<typeof typedClient extends SupabaseLike ? true : false>();
  holds<ReturnType<typeof browserClient> extends SupabaseLike ? true : false>();
  assert(new CalendarClient(anyClient) && new CalendarClient(typedClient));
});

Deno.test("the helpers of the Wasm know the same providers as the client", () => {
  holds<Same<Provider, ProviderOfTheWasm>>();
});

Deno.test("a select of the column constant names columns of the generated types, and is a ConnectionRow", () => {
  const rows = async () =>
    (await typedClient.from("calendar_connection_details").select(CONNECTION_COLUMNS)
      .throwOnError()).data;
  type Row = Awaited<ReturnType<typeof rows>>[number];
  holds<Same<keyof Row, keyof ConnectionRow>>();
  holds<ConnectionRow extends Row ? true : false>();
  const connections = async () =>
    (await typedClient.from("calendar_connection_details").select(CONNECTION_COLUMNS)
      .overrideTypes<ConnectionRow[], { merge: false }>().throwOnError()).data;
  holds<Same<Awaited<ReturnType<typeof connections>>, ConnectionRow[]>>();
  const named = CONNECTION_COLUMNS.split(",");
  const row: Record<keyof ConnectionRow, true> = {
    id: true,
    provider: true,
    status: true,
    calendar_id: true,
    account_label: true,
    account_class: true,
    scopes: true,
    connected_at: true,
    last_sync_at: true,
    reason: true,
    needs_reconnect: true,
    failing_since: true,
    next_sync_at: true,
    grant_expires_at: true,
  };
  assert.deepEqual(named, Object.keys(row));
});

Deno.test("a connected status has a provider and is active", () => {
  holds<Same<(CalendarStatus & { connected: true })["status"], "active">>();
  holds<Same<(CalendarStatus & { connected: true })["provider"], ProviderName>>();
  holds<Same<(CalendarStatus & { connected: false })["provider"], ProviderName | null>>();
});

Deno.test("what finish resolves to is told apart by its outcome", () => {
  const tell = (finished: Finished): CalendarErrorCode | boolean | null => {
    switch (finished.outcome) {
      case "none":
        return null;
      case "connected":
        return finished.status.connected;
      case "refused":
        return finished.error.code;
    }
  };
  assert.equal(tell({ outcome: "none" }), null);
});

Deno.test("only the two providers can be connected", () => {
  const misuse = (calendar: CalendarClient) => {
    // @ts-expect-error: not a provider
    calendar.connect("apple");
    // @ts-expect-error: a client is needed
    new CalendarClient();
  };
  assert.equal(typeof misuse, "function");
});
