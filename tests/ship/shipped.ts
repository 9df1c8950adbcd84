/** A function served from nothing but what the CLI uploaded, with nothing but the secrets it set. */
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { environmentNames, type ServedAs } from "../../dev/environment.ts";
import { type Stack, startStack } from "../../dev/mod.ts";
import {
  startStrictProvider,
  type StrictOptions,
  type StrictProvider,
} from "../providers/strict.ts";
import { LogLines } from "../support/log.ts";
import "../support/quiet.ts";
import { type Service, serviceAt } from "../support/service.ts";
import { insertUser, type User } from "../support/users.ts";
import type { Upload } from "./management.ts";

export const SETTINGS_URL = "https://app.example.test/app/settings";

/** Through the app's own domain, so that no port of a test is in it. */
export const REDIRECT_URL = "https://app.example.test/api/calendar/callback";

export const ENCRYPTION_KEY = btoa("0123456789abcdefghijklmnopqrstuv");

export interface Providers {
  google: StrictProvider;
  outlook: StrictProvider;
  /** What the operator puts into the file of secrets. */
  secrets: Record<string, string>;
  stop(): Promise<void>;
}

export async function startProviders(ofGoogle: StrictOptions = {}): Promise<Providers> {
  const google = await startStrictProvider("google", ofGoogle);
  const outlook = await startStrictProvider("outlook");
  const secrets: Record<string, string> = {
    CALENDAR_ENCRYPTION_KEY: ENCRYPTION_KEY,
    CALENDAR_SETTINGS_URL: SETTINGS_URL,
    CALENDAR_REDIRECT_URL: REDIRECT_URL,
    ...google.environment(),
    ...outlook.environment(),
  };
  for (const provider of [google, outlook]) {
    const client = {
      clientId: `${provider.name}-ship-client`,
      clientSecret: `${provider.name}-client-secret-not-real`,
    };
    provider.register({ ...client, redirectUris: [`${REDIRECT_URL}/${provider.name}`] });
    secrets[`${provider.name.toUpperCase()}_CLIENT_ID`] = client.clientId;
    secrets[`${provider.name.toUpperCase()}_CLIENT_SECRET`] = client.clientSecret;
  }
  const stop = async () => {
    await google.stop();
    await outlook.stop();
  };
  return { google, outlook, secrets, stop };
}

export function envFile(secrets: Record<string, string>): string {
  return Object.entries(secrets).map(([name, value]) => `${name}="${value}"\n`).join("");
}

export interface Shipped {
  service: Service;
  stack: Stack;
  newUser(): Promise<User>;
  stop(): Promise<void>;
}

/** Writes the upload into an empty folder and serves it from there, on the platform's Deno. */
export async function serveUpload(
  upload: Upload,
  secrets: Record<string, string>,
  options: { migrations?: string; servedAs?: ServedAs } = {},
): Promise<Shipped> {
  const folder = await Deno.makeTempDir({ prefix: "calendar-shipped-" });
  try {
    for (const [path, bytes] of upload.files) {
      const file = join(folder, path);
      await Deno.mkdir(dirname(file), { recursive: true });
      await Deno.writeFile(file, bytes);
    }
    const entrypoint = join(folder, upload.metadata.entrypoint_path);
    const configFile = join(folder, "served.toml");
    await Deno.writeTextFile(
      configFile,
      `[functions.calendar]\nverify_jwt = ${upload.metadata.verify_jwt}\n` +
        `entrypoint = ${JSON.stringify(`./${upload.metadata.entrypoint_path}`)}\n`,
    );
    const log = new LogLines();
    const stack = await startStack({
      postgres: 18,
      deno: "2.1.4",
      configFile,
      environmentNames: await environmentNames(wasmModule(entrypoint)),
      env: secrets,
      onLine: (_, line) => log.add(line),
      ...options,
    });
    const direct = await stack.functions.origin("calendar");
    const stop = async () => {
      await stack.stop();
      await Deno.remove(folder, { recursive: true });
    };
    const service = serviceAt(stack.functionUrl, direct, log, stop);
    return { service, stack, newUser: () => insertUser(stack), stop };
  } catch (error) {
    await Deno.remove(folder, { recursive: true });
    throw error;
  }
}

/** Whatever the entrypoint imports the variables' names from. */
function wasmModule(entrypoint: string): string {
  const source = Deno.readTextFileSync(entrypoint);
  const specifier = /from "(\.[^"]+)"/.exec(source)?.[1];
  if (specifier === undefined) throw new Error("the entrypoint imports no Wasm package");
  return new URL(specifier, pathToFileURL(entrypoint)).pathname;
}
