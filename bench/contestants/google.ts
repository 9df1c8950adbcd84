/**
 * What one would write instead, for Google: supabase-js and openid-client.
 * Sources: Supabase's "Integrating with Supabase Auth" for Edge Functions, openid-client's example `oauth.ts`.
 */
import * as client from "openid-client";
import { connections, disconnected, openState, saveConnection, serve, takeState } from "./peer.ts";
import { open, seal } from "./cipher.ts";

const scope = "https://www.googleapis.com/auth/calendar.readonly";
const redirectUri = `${Deno.env.get("CALENDAR_REDIRECT_URL")}/google`;

const config = new client.Configuration(
  {
    issuer: "https://accounts.google.com",
    authorization_endpoint: "https://accounts.google.com/o/oauth2/v2/auth",
    token_endpoint: Deno.env.get("GOOGLE_TOKEN_ENDPOINT") ?? "",
  },
  Deno.env.get("GOOGLE_CLIENT_ID") ?? "",
  Deno.env.get("GOOGLE_CLIENT_SECRET"),
);
client.allowInsecureRequests(config);

serve({
  provider: "google",
  status: connections,
  disconnect: disconnected,

  async connect(caller) {
    const verifier = client.randomPKCECodeVerifier();
    const state = client.randomState();
    const expires_at = await openState(caller, "google", state, seal(verifier));
    const url = client.buildAuthorizationUrl(config, {
      redirect_uri: redirectUri,
      scope,
      state,
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: "S256",
      access_type: "offline",
      prompt: "consent select_account",
    });
    return { authorization_url: url.href, provider: "google", expires_at };
  },

  async callback(caller, { code, state }) {
    const taken = await takeState(caller, state);
    const currentUrl = new URL(redirectUri);
    currentUrl.search = new URLSearchParams({ code, state }).toString();
    const tokens = await client.authorizationCodeGrant(config, currentUrl, {
      pkceCodeVerifier: open(taken.sealed_verifier),
      expectedState: state,
    });
    if (!tokens.refresh_token || !tokens.scope?.split(" ").includes(scope)) {
      throw new Error("insufficient scope");
    }
    return await saveConnection(caller, {
      p_provider: "google",
      p_calendar_id: "primary",
      p_scopes: tokens.scope.split(" "),
      p_sealed_access_token: seal(tokens.access_token),
      p_sealed_refresh_token: seal(tokens.refresh_token),
      p_access_token_expires_at: new Date(Date.now() + (tokens.expiresIn() ?? 0) * 1000),
    });
  },
});
