/**
 * What one would write instead, for Microsoft: supabase-js and @azure/msal-node.
 * Sources: Supabase's "Integrating with Supabase Auth" for Edge Functions, MSAL Node's `auth-code-pkce` sample. MSAL
 * hides refresh tokens; the way to one is the serialised cache, so every callback has a client of its own.
 */
import "./node_globals.ts";
import {
  ConfidentialClientApplication,
  type Configuration,
  CryptoProvider,
} from "@azure/msal-node";
import { connections, disconnected, openState, saveConnection, serve, takeState } from "./peer.ts";
import { open, seal } from "./cipher.ts";
import { plainNetwork } from "./plain_network.ts";

const scopes = ["https://graph.microsoft.com/Calendars.Read"];
const redirectUri = `${Deno.env.get("CALENDAR_REDIRECT_URL")}/outlook`;
const authority = "https://login.microsoftonline.com/common";

const configuration: Configuration = {
  auth: {
    clientId: Deno.env.get("OUTLOOK_CLIENT_ID") ?? "",
    clientSecret: Deno.env.get("OUTLOOK_CLIENT_SECRET") ?? "",
    authority,
    // Given, so that the library asks nobody for it.
    authorityMetadata: JSON.stringify({
      authorization_endpoint: `${authority}/oauth2/v2.0/authorize`,
      token_endpoint: `${authority}/oauth2/v2.0/token`,
      issuer: "https://login.microsoftonline.com/{tenantid}/v2.0",
      jwks_uri: `${authority}/discovery/v2.0/keys`,
      end_session_endpoint: `${authority}/oauth2/v2.0/logout`,
    }),
  },
  system: { networkClient: plainNetwork(Deno.env.get("OUTLOOK_TOKEN_ENDPOINT") ?? "") },
};
const crypto = new CryptoProvider();
const application = new ConfidentialClientApplication(configuration);

interface Cache {
  RefreshToken: Record<string, { secret: string }>;
}

serve({
  provider: "outlook",
  status: connections,
  disconnect: disconnected,

  async connect(caller) {
    const { verifier, challenge } = await crypto.generatePkceCodes();
    const state = crypto.createNewGuid();
    const expires_at = await openState(caller, "outlook", state, seal(verifier));
    const authorization_url = await application.getAuthCodeUrl({
      scopes,
      redirectUri,
      state,
      codeChallenge: challenge,
      codeChallengeMethod: "S256",
      responseMode: "query",
      prompt: "select_account",
    });
    return { authorization_url, provider: "outlook", expires_at };
  },

  async callback(caller, { code, state }) {
    const taken = await takeState(caller, state);
    const mine = new ConfidentialClientApplication(configuration);
    const result = await mine.acquireTokenByCode({
      code,
      scopes,
      redirectUri,
      codeVerifier: open(taken.sealed_verifier),
    });
    const cache: Cache = JSON.parse(mine.getTokenCache().serialize());
    const refreshToken = Object.values(cache.RefreshToken)[0]?.secret;
    if (!refreshToken || !result.scopes.includes(scopes[0] ?? "")) {
      throw new Error("insufficient scope");
    }
    return await saveConnection(caller, {
      p_provider: "outlook",
      p_calendar_id: "default",
      p_scopes: result.scopes,
      p_sealed_access_token: seal(result.accessToken),
      p_sealed_refresh_token: seal(refreshToken),
      p_access_token_expires_at: result.expiresOn ?? new Date(),
    });
  },
});
