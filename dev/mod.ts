/**
 * The local stack: everything that `make start` runs, in one process and its children, for tests to
 * start, look into and break. No part of it needs Docker or an account.
 */
import {
  callbackUrl,
  environmentNames,
  functionEnvironment,
  hostsNeeded,
  runtimeEnvironment,
  type ServedAs,
  sessionCookie,
} from "./environment.ts";
import { readFunctions } from "./config.ts";
import type { DenoVersion } from "./deno.ts";
import { type Functions, startFunctions } from "./functions.ts";
import { type Gateway, type Hooks, startGateway } from "./gateway.ts";
import { choosePage, type Page, startPage } from "./page.ts";
import { connectPostgres, type PostgresVersion, startPostgres } from "./postgres.ts";
import { type Providers, startProviders } from "./providers.ts";
import { startSupabase, type Supabase, type SupabaseOptions } from "./supabase.ts";

export type { Call, Fault, Hooks } from "./gateway.ts";
export type { User } from "./supabase.ts";
export { signJwt, userClaims } from "./jwt.ts";

export interface StackOptions {
  /** PGlite in memory unless told: a Postgres of this version, or one that runs already. */
  postgres?: "pglite" | PostgresVersion | { url: string };
  /** Folder for the data, kept at the end; without it nothing is kept. */
  dataDir?: string;
  /** A running Supabase to share instead: it is neither changed nor stopped. */
  supabase?: Supabase;
  migrations?: SupabaseOptions["migrations"];
  defaultGrants?: SupabaseOptions["defaultGrants"];
  /** SQL to run before the migrations. */
  before?: string;
  /** Deno for the functions; the current one unless told. */
  deno?: DenoVersion;
  /** Variables for the function, over the stack's own; an empty text takes one away. */
  env?: Record<string, string> | ((addresses: Addresses) => Record<string, string>);
  /** The variables the function may read; those of pkg/ unless told. */
  environmentNames?: string[];
  /** Hosts the function may reach; those its variables name unless told; true for any. */
  allowNet?: string[] | true;
  servedAs?: ServedAs;
  /** Another supabase/config.toml. */
  configFile?: string;
  /** Serve the Settings page. */
  page?: boolean;
  demo?: { email: string; password: string };
  /** Run the emulated Google and Microsoft. */
  providers?: boolean;
  /** Preferred ports; free ones are chosen where none is given or one is taken. */
  ports?: { gateway?: number; page?: number; emulator?: number };
  hooks?: Hooks;
  /** Told before each part starts. */
  onProgress?: (part: string) => void;
  /** Told each line that a function prints. */
  onLine?: (functionName: string, line: string) => void;
}

/** What is known before the function starts: for providers that must know where they send people. */
export interface Addresses {
  url: string;
  callbackUrl: string;
  settingsUrl: string;
}

export interface Stack {
  /** Origin of the APIs: what an app calls its Supabase URL. */
  url: string;
  /** The function's own base, `${url}/functions/v1/calendar`. */
  functionUrl: string;
  settingsUrl: string;
  callbackUrl: string;
  sessionCookie: string;
  publishableKey: string;
  /** Secret of the user JWTs. */
  jwtSecret: string;
  /** Bypasses row-level security; for setting up, and never given to the function. */
  secretKey: string;
  supabase: Supabase;
  functions: Functions;
  providers?: Providers;
  /** Everything the function was started with. */
  env: Record<string, string>;
  /** Preferred ports that other programs use. */
  portsTaken: number[];
  createUser: Supabase["createUser"];
  database: Supabase["database"];
  stop(): Promise<void>;
}

export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const started: { stop(): Promise<void> }[] = [];
  const stop = async () => {
    for (let part = started.pop(); part !== undefined; part = started.pop()) await part.stop();
  };
  const keep = <T extends { stop(): Promise<void> }>(part: T): T => {
    started.push(part);
    return part;
  };
  try {
    return await startParts(options, keep, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

type Keep = <T extends { stop(): Promise<void> }>(part: T) => T;

async function startParts(options: StackOptions, keep: Keep, stop: Stack["stop"]): Promise<Stack> {
  const progress = options.onProgress ?? (() => {});
  const names = options.environmentNames ?? await environmentNames();
  const chosenPage = choosePage(options.ports?.page);
  const supabase = options.supabase ?? await startDatabase(options, keep, chosenPage.url);

  progress("gateway");
  const late: { functions?: Functions } = {};
  const gateway = keep(
    await startGateway({
      supabase: supabase.fetch,
      functionOrigin: (name) => late.functions?.origin(name) ?? Promise.reject(notYet),
      functionNames: readFunctions(options.configFile).map(({ name }) => name),
      ...(options.ports?.gateway === undefined ? {} : { port: options.ports.gateway }),
      ...(options.hooks ? { hooks: options.hooks } : {}),
    }),
  );
  const providers = await startDemoProviders(options, keep, gateway);

  progress(`functions on Deno ${options.deno ?? "current"}`);
  const env = variables(options, supabase, gateway, chosenPage.url, providers);
  late.functions = keep(
    await startFunctions({
      deno: options.deno ?? "current",
      env,
      names,
      allowNet: options.allowNet ?? hostsNeeded(env),
      runtimeEnv: runtimeEnvironment(options.servedAs ?? "platform", gateway.url),
      ...(options.configFile === undefined ? {} : { configFile: options.configFile }),
      ...(options.onLine === undefined ? {} : { onLine: options.onLine }),
    }),
  );
  if (options.page) keep(await startSettingsPage(options, gateway, supabase, chosenPage.port));

  const taken = [gateway.portTaken, options.page ? chosenPage.taken : undefined];
  return {
    url: gateway.url,
    functionUrl: `${gateway.url}/functions/v1/calendar`,
    settingsUrl: chosenPage.url,
    callbackUrl: callbackUrl(gateway.url),
    sessionCookie: sessionCookie(gateway.url),
    publishableKey: supabase.publishableKey,
    jwtSecret: supabase.jwtSecret,
    secretKey: supabase.secretKey,
    supabase,
    functions: late.functions,
    ...(providers ? { providers } : {}),
    env,
    portsTaken: [
      ...taken.filter((port) => port !== undefined),
      ...(providers?.portsTaken ?? []),
    ],
    createUser: supabase.createUser,
    database: supabase.database,
    stop,
  };
}

const notYet = new Error("The functions have not been started yet.");

async function startDatabase(
  options: StackOptions,
  keep: Keep,
  siteUrl: string,
): Promise<Supabase> {
  const { postgres: kind = "pglite", dataDir, migrations, defaultGrants, before } = options;
  options.onProgress?.(kind === "pglite" ? "PGlite" : "Postgres");
  const postgres = kind === "pglite" ? { pglite: dataDir ?? "memory" } : keep(
    typeof kind === "object"
      ? await connectPostgres(kind.url)
      : await startPostgres({ version: kind, ...(dataDir === undefined ? {} : { dataDir }) }),
  );
  options.onProgress?.("Supabase Lite and migrations");
  return keep(
    await startSupabase({
      postgres,
      siteUrl,
      ...(migrations === undefined ? {} : { migrations }),
      ...(defaultGrants === undefined ? {} : { defaultGrants }),
      ...(before === undefined ? {} : { before }),
    }),
  );
}

async function startDemoProviders(
  options: StackOptions,
  keep: Keep,
  gateway: Gateway,
): Promise<Providers | undefined> {
  if (!options.providers) return undefined;
  options.onProgress?.("emulated Google and Microsoft");
  const port = options.ports?.emulator;
  const redirectUrl = callbackUrl(gateway.url);
  return keep(await startProviders({ redirectUrl, ...(port === undefined ? {} : { port }) }));
}

function startSettingsPage(
  options: StackOptions,
  gateway: Gateway,
  supabase: Supabase,
  port: number,
): Promise<Page> {
  options.onProgress?.("Settings page");
  return startPage({
    port,
    supabaseUrl: gateway.url,
    publishableKey: supabase.publishableKey,
    ...(options.demo ? { demo: options.demo } : {}),
  });
}

function variables(
  options: StackOptions,
  supabase: Supabase,
  gateway: Gateway,
  settingsUrl: string,
  providers: Providers | undefined,
): Record<string, string> {
  const own = functionEnvironment({
    gatewayUrl: gateway.url,
    publishableKey: supabase.publishableKey,
    settingsUrl,
    servedAs: options.servedAs ?? "platform",
  });
  const addresses = { url: gateway.url, callbackUrl: callbackUrl(gateway.url), settingsUrl };
  const given = typeof options.env === "function" ? options.env(addresses) : options.env;
  const all = { ...own, ...providers?.env, ...given };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ""));
}
