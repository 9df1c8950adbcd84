/**
 * Google and Microsoft for the demo: npm's `emulate`, which keeps accounts, checks client secret,
 * PKCE and the redirect URI, and hands out codes once, access tokens and refresh tokens.
 *
 * A small front stands before each emulator: it keeps the emulator on the loopback interface's own
 * origin, compares the redirect URI exactly (the emulator forgives a trailing slash and a query),
 * and gives the sign-in page what the real ones have: what is being asked for, and a way to refuse.
 */
import { createEmulator, type Emulator } from "emulate";
import { Server } from "node:http";
import { choosePort } from "./ports.ts";

export type ProviderName = "google" | "outlook";

export interface ProviderOptions {
  /** Where the function's callbacks are; `/google` and `/outlook` are appended. */
  redirectUrl: string;
  ports?: Partial<Record<ProviderName, number>>;
}

export interface Providers {
  /** What the function needs to know of them. */
  env: Record<string, string>;
  urls: Record<ProviderName, string>;
  accounts: Record<ProviderName, string>;
  /** Preferred ports that other programs use. */
  portsTaken: number[];
  stop(): Promise<void>;
}

interface Emulated {
  service: "google" | "microsoft";
  prefix: "GOOGLE" | "OUTLOOK";
  account: { email: string; name: string };
  authorizePath: string;
  tokenPath: string;
}

const emulated: Record<ProviderName, Emulated> = {
  google: {
    service: "google",
    prefix: "GOOGLE",
    account: { email: "demo.person@gmail.example", name: "Demo Person" },
    authorizePath: "/o/oauth2/v2/auth",
    tokenPath: "/oauth2/token",
  },
  outlook: {
    service: "microsoft",
    prefix: "OUTLOOK",
    account: { email: "demo.person@outlook.example", name: "Demo Person" },
    authorizePath: "/oauth2/v2.0/authorize",
    tokenPath: "/oauth2/v2.0/token",
  },
};

export async function startProviders(options: ProviderOptions): Promise<Providers> {
  const google = await startProvider("google", options);
  const outlook = await startProvider("outlook", options);
  return {
    env: { ...google.env, ...outlook.env, OUTLOOK_TENANT_ID: "common" },
    urls: { google: google.url, outlook: outlook.url },
    accounts: { google: emulated.google.account.email, outlook: emulated.outlook.account.email },
    portsTaken: [...google.portsTaken, ...outlook.portsTaken],
    stop: async () => {
      await Promise.all([google.stop(), outlook.stop()]);
    },
  };
}

async function startProvider(name: ProviderName, options: ProviderOptions) {
  const { service, prefix, account, authorizePath, tokenPath } = emulated[name];
  const { port, taken } = choosePort(options.ports?.[name]);
  const url = `http://127.0.0.1:${port}`;
  const redirectUri = `${options.redirectUrl}/${name}`;
  const client = {
    client_id: `demo-${name}-client`,
    client_secret: `demo-${name}-secret-not-a-real-one`,
  };
  const seed = {
    baseUrl: url,
    users: [account],
    oauth_clients: [{ ...client, name: "Calendar Connect (demo)", redirect_uris: [redirectUri] }],
  };
  const internalPort = choosePort().port;
  const { emulator, server } = await onLoopback(() =>
    createEmulator({ service, port: internalPort, baseUrl: url, seed: { [service]: seed } })
  );
  const front = Deno.serve(
    { hostname: "127.0.0.1", port, onListen: () => {} },
    (request) => pass(request, `http://127.0.0.1:${internalPort}`, { authorizePath, redirectUri }),
  );
  return {
    url,
    portsTaken: taken === undefined ? [] : [taken],
    env: {
      [`${prefix}_CLIENT_ID`]: client.client_id,
      [`${prefix}_CLIENT_SECRET`]: client.client_secret,
      [`${prefix}_AUTHORIZATION_ENDPOINT`]: url + authorizePath,
      [`${prefix}_TOKEN_ENDPOINT`]: url + tokenPath,
      [`${prefix}_ISSUER`]: url,
    },
    stop: async () => {
      await front.shutdown();
      // Closing waits for connections, and the front may hold idle ones.
      server?.closeAllConnections();
      await emulator.close();
    },
  };
}

/** `emulate` listens on every interface, has no setting for it and keeps its server to itself. */
async function onLoopback(
  start: () => Promise<Emulator>,
): Promise<{ emulator: Emulator; server: Server | undefined }> {
  const listen = Server.prototype.listen;
  let server: Server | undefined;
  const onlyLoopback = function (this: Server, port: number) {
    server = this;
    return listen.call(this, { port, host: "127.0.0.1" });
  };
  Object.assign(Server.prototype, { listen: onlyLoopback });
  try {
    return { emulator: await start(), server };
  } finally {
    Object.assign(Server.prototype, { listen });
  }
}

interface Front {
  authorizePath: string;
  redirectUri: string;
}

async function pass(request: Request, emulator: string, front: Front): Promise<Response> {
  const url = new URL(request.url);
  const authorize = url.pathname === front.authorizePath && request.method === "GET";
  const redirectUri = url.searchParams.get("redirect_uri");
  if (authorize && redirectUri !== front.redirectUri) {
    return new Response("redirect_uri_mismatch: this redirect URI is not registered.\n", {
      status: 400,
    });
  }
  const headers = new Headers(request.headers);
  headers.delete("host");
  headers.set("accept-encoding", "identity");
  const { method, body } = request;
  const target = emulator + url.pathname + url.search;
  const response = await fetch(target, { method, headers, body, redirect: "manual" });
  if (!(authorize && response.ok)) return response;
  const page = (await response.text()).replace("</form>", `</form>${consent(url)}`);
  return new Response(page, { headers: { "content-type": "text/html; charset=utf-8" } });
}

/** What the app asks for, and the way out, which tells the app that the person refused. */
function consent(authorize: URL): string {
  const refused = new URL(authorize.searchParams.get("redirect_uri") ?? "");
  refused.searchParams.set("error", "access_denied");
  refused.searchParams.set("state", authorize.searchParams.get("state") ?? "");
  const scope = authorize.searchParams.get("scope") ?? "";
  return `<p>Calendar Connect asks to <strong>see your calendars</strong>
    (<code>${escapeHtml(scope)}</code>). Choosing the account allows it.</p>
    <p><a id="cancel" href="${escapeHtml(refused.href)}">Cancel</a></p>`;
}

function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
