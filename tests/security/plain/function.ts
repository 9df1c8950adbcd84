/**
 * The comparison: the same feature as a developer writes it by hand with supabase-js and openid-client,
 * following the libraries' documentation. It does much right: PKCE, a random state kept on the server,
 * tokens encrypted with AES-256-GCM, a certified client library. It is not part of the product.
 */
import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import * as oidc from "openid-client";

export interface PlainOptions {
  supabaseUrl: string;
  publishableKey: string;
  /** As the platform puts it into every function's environment. */
  secretKey: string;
  encryptionKey: string;
  settingsUrl: string;
  callbackUrl: string;
  providers: Record<string, PlainProvider>;
}

export interface PlainProvider {
  issuer: string;
  authorizationEndpoint: string;
  tokenEndpoint: string;
  clientId: string;
  clientSecret: string;
  scope: string;
  parameters: Record<string, string>;
}

const STATE_LIFETIME_MS = 10 * 60 * 1000;

export function plainFunction(options: PlainOptions): (request: Request) => Promise<Response> {
  const admin = createClient(options.supabaseUrl, options.secretKey, {
    auth: { persistSession: false, autoRefreshToken: false },
  });
  return async (request) => {
    const url = new URL(request.url);
    const [route, provider = ""] = url.pathname.split("/").slice(2);
    try {
      if (route === "callback") {
        return await callback(options, admin, url, provider).catch((error) => {
          console.error(error);
          return home(options, { connected: "error", reason: "failed" });
        });
      }
      const user = await userOf(options, request);
      if (!user) return Response.json({ error: "not signed in" }, { status: 401 });
      if (route === "connect") return await connect(options, admin, provider, user);
      if (route === "status") return await status(admin, user);
      if (route === "disconnect") return await disconnect(admin, url, user);
      return Response.json({ error: "not found" }, { status: 404 });
    } catch (error) {
      console.error(error);
      return Response.json({ error: String(error) }, { status: 500 });
    }
  };
}

function home(options: PlainOptions, outcome: Record<string, string>): Response {
  const url = new URL(options.settingsUrl);
  for (const [name, value] of Object.entries(outcome)) url.searchParams.set(name, value);
  return Response.redirect(url, 303);
}

async function userOf(options: PlainOptions, request: Request): Promise<string | undefined> {
  const supabase = createClient(options.supabaseUrl, options.publishableKey, {
    auth: { persistSession: false, autoRefreshToken: false },
  });
  const token = request.headers.get("authorization")?.replace("Bearer ", "");
  const { data } = await supabase.auth.getUser(token);
  return data.user?.id;
}

function configuration(options: PlainOptions, name: string): oidc.Configuration {
  const provider = options.providers[name];
  if (!provider) throw new Error(`unknown provider ${name}`);
  const server = {
    issuer: provider.issuer,
    authorization_endpoint: provider.authorizationEndpoint,
    token_endpoint: provider.tokenEndpoint,
  };
  const config = new oidc.Configuration(
    server,
    provider.clientId,
    undefined,
    oidc.ClientSecretPost(provider.clientSecret),
  );
  // The tests' providers speak plain http.
  oidc.allowInsecureRequests(config);
  return config;
}

async function connect(
  options: PlainOptions,
  admin: SupabaseClient,
  name: string,
  user: string,
): Promise<Response> {
  const config = configuration(options, name);
  const state = oidc.randomState();
  const verifier = oidc.randomPKCECodeVerifier();
  const { error } = await admin.from("plain_states").insert({
    state,
    user_id: user,
    provider: name,
    code_verifier: verifier,
  });
  if (error) throw error;
  const url = oidc.buildAuthorizationUrl(config, {
    redirect_uri: `${options.callbackUrl}/${name}`,
    scope: options.providers[name]?.scope ?? "",
    state,
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    ...options.providers[name]?.parameters,
  });
  return Response.json({ authorization_url: url.href, provider: name });
}

/** The browser comes from the provider without the app's token: the state tells whose it is. */
async function callback(
  options: PlainOptions,
  admin: SupabaseClient,
  url: URL,
  name: string,
): Promise<Response> {
  const state = url.searchParams.get("state") ?? "";
  const { data: row } = await admin.from("plain_states").select().eq("state", state).maybeSingle();
  const error = url.searchParams.get("error");
  if (error || !row || Date.now() - Date.parse(row.created_at) > STATE_LIFETIME_MS) {
    const reason = url.searchParams.get("error_description") ?? "invalid_state";
    return home(options, { connected: "error", reason });
  }
  const current = new URL(`${options.callbackUrl}/${name}${url.search}`);
  const tokens = await oidc.authorizationCodeGrant(configuration(options, name), current, {
    pkceCodeVerifier: row.code_verifier,
    expectedState: state,
  });
  const { error: failed } = await admin.from("plain_connections").upsert({
    user_id: row.user_id,
    provider: name,
    access_token: await encrypt(options, tokens.access_token),
    refresh_token: tokens.refresh_token ? await encrypt(options, tokens.refresh_token) : null,
    expires_at: new Date(Date.now() + (tokens.expires_in ?? 3600) * 1000).toISOString(),
    scope: tokens.scope,
  });
  if (failed) throw failed;
  await admin.from("plain_states").delete().eq("state", state);
  return home(options, { connected: "success", provider: name });
}

async function status(admin: SupabaseClient, user: string): Promise<Response> {
  const { data, error } = await admin.from("plain_connections").select("provider, connected_at")
    .eq("user_id", user);
  if (error) throw error;
  return Response.json({ connected: data.length > 0, connections: data });
}

async function disconnect(admin: SupabaseClient, url: URL, user: string): Promise<Response> {
  let query = admin.from("plain_connections").delete().eq("user_id", user);
  const provider = url.searchParams.get("provider");
  if (provider) query = query.eq("provider", provider);
  const { error } = await query;
  if (error) throw error;
  return Response.json({ disconnected: true });
}

async function encrypt(options: PlainOptions, text: string): Promise<string> {
  const key = await crypto.subtle.importKey(
    "raw",
    Uint8Array.from(atob(options.encryptionKey), (each) => each.charCodeAt(0)),
    "AES-GCM",
    false,
    ["encrypt"],
  );
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const sealed = await crypto.subtle.encrypt(
    { name: "AES-GCM", iv },
    key,
    new TextEncoder().encode(text),
  );
  return btoa(String.fromCharCode(...iv, ...new Uint8Array(sealed)));
}
