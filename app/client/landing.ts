import { type CalendarErrorCode, isErrorCode, isProvider, type Provider } from "./contract.ts";

/**
 * What the provider's redirect left in the page's URL.
 *
 * `relay`: the fragment with which a callback without a session hands the return to the page.
 * `done`: the query with which a callback on the app's own domain says how it ended.
 */
export type Landing =
  | { kind: "relay"; provider: Provider; body: RelayBody }
  | {
    kind: "done";
    provider: Provider | null;
    connection: string | null;
    reason: CalendarErrorCode | null;
  }
  | { kind: "malformed" };

/** The body of `POST /callback/{provider}`. */
export type RelayBody =
  | { code: string; state: string; iss?: string }
  | { error: string; state: string };

const FRAGMENT_KEYS = [
  "calendar_provider",
  "calendar_code",
  "calendar_state",
  "calendar_iss",
  "calendar_error",
];
const QUERY_KEYS = ["connected", "provider", "connection", "reason"];

/**
 * Splits a URL into the landing and the URL without it. All other parameters in query and fragment,
 * those of supabase-js among them, stay byte for byte. `null`: the URL holds no landing.
 */
export function readLanding(href: string): { landing: Landing; rest: string } | null {
  const url = new URL(href);
  const fragment = new URLSearchParams(url.hash.slice(1));
  if (FRAGMENT_KEYS.some((key) => fragment.has(key))) {
    url.hash = without(url.hash.slice(1), FRAGMENT_KEYS);
    return { landing: relayed(fragment), rest: url.href };
  }
  const connected = url.searchParams.get("connected");
  if (connected === "success" || connected === "error") {
    const landing = finished(connected, url.searchParams);
    url.search = without(url.search.slice(1), QUERY_KEYS);
    return { landing, rest: url.href };
  }
  return null;
}

function relayed(fragment: URLSearchParams): Landing {
  const provider = fragment.get("calendar_provider");
  const state = fragment.get("calendar_state");
  const code = fragment.get("calendar_code");
  const error = fragment.get("calendar_error");
  const iss = fragment.get("calendar_iss");
  if (!isProvider(provider) || !state) return { kind: "malformed" };
  if (error) return { kind: "relay", provider, body: { error, state } };
  if (!code) return { kind: "malformed" };
  return { kind: "relay", provider, body: { code, state, ...(iss === null ? {} : { iss }) } };
}

function finished(connected: "success" | "error", query: URLSearchParams): Landing {
  const provider = query.get("provider");
  const reason = query.get("reason");
  return {
    kind: "done",
    provider: isProvider(provider) ? provider : null,
    connection: query.get("connection"),
    reason: connected === "success" ? null : isErrorCode(reason) ? reason : "internal",
  };
}

function without(parameters: string, keys: string[]): string {
  return parameters.split("&").filter((parameter) => !keys.includes(parameter.split("=", 1)[0]!))
    .join("&");
}
