/** What the function is told of the stack: the variables a project would set, and the hosts it needs. */
import contract from "../contract.json" with { type: "json" };
import { exists, inRepository } from "./paths.ts";
import { pathToFileURL } from "node:url";

/** How the platform tells the function where its project is. */
export type ServedAs =
  /** As on the platform: SUPABASE_URL is the project's own origin. */
  | "platform"
  /** As `supabase functions serve` and self-hosting do: SUPABASE_URL is http://kong:8000. */
  | "kong";

export interface EnvironmentOptions {
  gatewayUrl: string;
  publishableKey: string;
  settingsUrl: string;
  servedAs: ServedAs;
}

export function functionEnvironment(options: EnvironmentOptions): Record<string, string> {
  const { gatewayUrl, publishableKey, settingsUrl, servedAs } = options;
  const common = {
    CALENDAR_ENCRYPTION_KEY: newEncryptionKey(),
    CALENDAR_SETTINGS_URL: settingsUrl,
    CALENDAR_ALLOWED_ORIGINS: originsOf(settingsUrl).join(","),
  };
  if (servedAs === "platform") {
    return {
      ...common,
      SUPABASE_URL: gatewayUrl,
      SUPABASE_PUBLISHABLE_KEYS: JSON.stringify({ default: publishableKey }),
    };
  }
  return {
    ...common,
    SUPABASE_URL: "http://kong:8000",
    SUPABASE_ANON_KEY: publishableKey,
    CALENDAR_REDIRECT_URL: callbackUrl(gatewayUrl),
    CALENDAR_SESSION_COOKIE: sessionCookie(gatewayUrl),
  };
}

/** The name that `kong` has for the function alone: every plain-http call goes by the gateway. */
export function runtimeEnvironment(servedAs: ServedAs, gatewayUrl: string): Record<string, string> {
  return servedAs === "kong" ? { HTTP_PROXY: gatewayUrl, NO_PROXY: "127.0.0.1,localhost" } : {};
}

export function callbackUrl(gatewayUrl: string): string {
  return `${gatewayUrl}/functions/v1/calendar/callback`;
}

/** The name supabase-js gives the session of this project. */
export function sessionCookie(gatewayUrl: string): string {
  return `sb-${new URL(gatewayUrl).hostname.split(".")[0]}-auth-token`;
}

export function newEncryptionKey(): string {
  return btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(32))));
}

/** A page on this machine is reached by either name. */
function originsOf(settingsUrl: string): string[] {
  const { origin } = new URL(settingsUrl);
  return [...new Set([origin, origin.replace("127.0.0.1", "localhost")])];
}

/** The hosts that a function with these variables has any business with. */
export function hostsNeeded(env: Record<string, string>): string[] {
  const hosts = new Set<string>();
  if (env.SUPABASE_URL) hosts.add(new URL(env.SUPABASE_URL).host);
  for (const { env_prefix: prefix, token_endpoint } of contract.providers) {
    const endpoint = env[`${prefix}_TOKEN_ENDPOINT`];
    if (endpoint && URL.canParse(endpoint)) hosts.add(new URL(endpoint).host);
    else if (env[`${prefix}_CLIENT_ID`]) hosts.add(new URL(token_endpoint).host);
  }
  return [...hosts];
}

/** The variables the built function says it reads. */
export async function environmentNames(
  module: string = inRepository("pkg", "calendar_connect.js"),
): Promise<string[]> {
  if (!exists(module)) throw new Error("pkg/ has not been built. Run: make build");
  const pkg: { environmentNames(): string[] } = await import(pathToFileURL(module).href);
  return pkg.environmentNames();
}
