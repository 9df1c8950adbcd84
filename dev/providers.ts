/**
 * Google and Microsoft for the demo: npm's `emulate`, which keeps accounts, checks client secret,
 * PKCE and the redirect URI, and hands out codes once, access tokens and refresh tokens.
 *
 * A small front stands before each emulator: it keeps the emulator on the loopback interface's own
 * origin, compares the redirect URI exactly (the emulator forgives a trailing slash and a query),
 * and shows a consent page that says, as the real ones do, what is asked for, with a way to refuse.
 */
import { createEmulator, type Emulator } from "emulate";
import { Server } from "node:http";
import { consentPage } from "./consent.ts";
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
  title: string;
  prefix: "GOOGLE" | "OUTLOOK";
  account: { email: string; name: string };
  authorizePath: string;
  tokenPath: string;
}

const emulated: Record<ProviderName, Emulated> = {
  google: {
    service: "google",
    title: "Google",
    prefix: "GOOGLE",
    account: { email: "demo.person@gmail.example", name: "Demo Person" },
    authorizePath: "/o/oauth2/v2/auth",
    tokenPath: "/oauth2/token",
  },
  outlook: {
    service: "microsoft",
    title: "Microsoft",
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
  const { service, title, prefix, account, authorizePath, tokenPath } = emulated[name];
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
  const { emulator, inner } = await onLoopback(() =>
    createEmulator({ service, port: internalPort, baseUrl: url, seed: { [service]: seed } })
  );
  const front = { name: title, account: account.email, authorizePath, redirectUri };
  const server = Deno.serve(
    { hostname: "127.0.0.1", port, onListen: () => {} },
    (request) => pass(request, `http://127.0.0.1:${internalPort}`, front),
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
      await server.shutdown();
      // Closing waits for connections, and the front may hold idle ones.
      inner?.closeAllConnections();
      await emulator.close();
    },
  };
}

/** `emulate` listens on every interface, has no setting for it and keeps its server to itself. */
async function onLoopback(
  start: () => Promise<Emulator>,
): Promise<{ emulator: Emulator; inner: Server | undefined }> {
  const listen = Server.prototype.listen;
  let inner: Server | undefined;
  const onlyLoopback = function (this: Server, port: number) {
    inner = this;
    return listen.call(this, { port, host: "127.0.0.1" });
  };
  Object.assign(Server.prototype, { listen: onlyLoopback });
  try {
    return { emulator: await start(), inner };
  } finally {
    Object.assign(Server.prototype, { listen });
  }
}

interface Front {
  name: string;
  account: string;
  authorizePath: string;
  redirectUri: string;
}

async function pass(request: Request, emulator: string, front: Front): Promise<Response> {
  const url = new URL(request.url);
  const authorize = url.pathname === front.authorizePath && request.method === "GET";
  if (authorize && url.searchParams.get("redirect_uri") !== front.redirectUri) {
    const message = "redirect_uri_mismatch: this redirect URI is not registered.\n";
    return new Response(message, { status: 400 });
  }
  const headers = new Headers(request.headers);
  headers.delete("host");
  headers.set("accept-encoding", "identity");
  const { method, body } = request;
  const target = emulator + url.pathname + url.search;
  const response = await fetch(target, { method, headers, body, redirect: "manual" });
  if (!(authorize && response.ok)) return response;
  const page = consentPage(front, url, await response.text());
  return new Response(page, { headers: { "content-type": "text/html; charset=utf-8" } });
}
