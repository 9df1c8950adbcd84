/** A page as far as the client touches one, and a supabase-js client that answers from a table. */
import type { InvokeOptions, SessionLike, SupabaseLike } from "./supabase.ts";

/** Runs `body` on a page at `href`, on a fresh slot and fresh storage; hands over the page's history. */
export async function onPage(
  href: string,
  body: (page: { href: () => string; replaced: string[]; assigned: string[] }) => Promise<void>,
): Promise<void> {
  const page = { url: new URL(href), replaced: [] as string[], assigned: [] as string[] };
  const fakes = {
    document: {},
    location: {
      get href() {
        return page.url.href;
      },
      assign: (to: string) => page.assigned.push(to),
    },
    history: {
      state: { kept: true },
      replaceState: (_state: unknown, _title: string, to: string) => {
        page.url = new URL(to, page.url);
        page.replaced.push(to);
      },
    },
  };
  const before = Object.keys(fakes).map((name) =>
    [name, Object.getOwnPropertyDescriptor(globalThis, name)] as const
  );
  for (const [name, value] of Object.entries(fakes)) {
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  }
  sessionStorage.clear();
  Reflect.deleteProperty(globalThis, Symbol.for("calendar-connect.landing"));
  try {
    await body({ href: () => page.url.href, replaced: page.replaced, assigned: page.assigned });
  } finally {
    for (const [name, descriptor] of before) {
      if (descriptor) Object.defineProperty(globalThis, name, descriptor);
      else Reflect.deleteProperty(globalThis, name);
    }
  }
}

export interface Call {
  path: string;
  method: string;
  body: Record<string, string> | undefined;
}

/** `answer` is the function's JSON, the response with which it refuses, or a promise of either. */
export function supabaseFor(
  user: string | null,
  answer: (call: Call) => unknown,
): { supabase: SupabaseLike; calls: Call[] } {
  const calls: Call[] = [];
  const session: SessionLike | null = user === null
    ? null
    : { access_token: `token of ${user}`, user: { id: user } };
  const supabase: SupabaseLike = {
    auth: {
      getSession: () => Promise.resolve({ data: { session }, error: null }),
      onAuthStateChange: () => ({ data: { subscription: { unsubscribe: () => {} } } }),
    },
    functions: {
      invoke: async (path: string, { method, body }: InvokeOptions) => {
        const call = { path, method, body };
        calls.push(call);
        const data = await answer(call);
        return data instanceof Response
          ? { data: null, error: { context: data } }
          : { data, error: null };
      },
    },
  };
  return { supabase, calls };
}

export function refusal(code: string, status: number, headers: Record<string, string> = {}) {
  return Response.json({ code, message: `refused: ${code}`, request_id: "request-1" }, {
    status,
    headers,
  });
}

export const NO_CONNECTION = {
  connected: false,
  provider: null,
  status: null,
  last_sync_at: null,
  capacity: { level: "default", actions_per_day: 6, source: "fallback" },
  providers: ["google", "outlook"],
  accounts_per_provider: 10,
  connections: [],
  sync: { healthy: null, last_run_at: null },
};

/** Ids as the database makes them. */
export const ADA = "0198a0c4-0000-7000-8000-00000000ada0";
export const GRACE = "0198a0c4-0000-7000-8000-000000009ace";

export const GOOGLE_CONNECTION = {
  id: ADA,
  provider: "google",
  status: "active",
  calendar_id: "primary",
  account_label: null,
  account_class: null,
  scopes: ["https://www.googleapis.com/auth/calendar.readonly"],
  connected_at: "2026-01-26T15:04:00Z",
  last_sync_at: null,
  reason: null,
  needs_reconnect: false,
  failing_since: null,
  next_sync_at: null,
  grant_expires_at: null,
};

export const GOOGLE_CONNECTED = {
  ...NO_CONNECTION,
  connected: true,
  provider: "google",
  status: "active",
  connections: [GOOGLE_CONNECTION],
};

/** The same from a function of before connections had ids. */
export const OLD_GOOGLE_CONNECTED = {
  connected: true,
  provider: "google",
  status: "active",
  last_sync_at: null,
  capacity: { level: "default", actions_per_day: 6, source: "fallback" },
  providers: ["google", "outlook"],
  connections: [{
    provider: "google",
    status: "active",
    calendar_id: "primary",
    account_label: null,
    scopes: ["https://www.googleapis.com/auth/calendar.readonly"],
    connected_at: "2026-01-26T15:04:00Z",
    last_sync_at: null,
  }],
};
