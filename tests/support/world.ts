/**
 * Everything an edge test needs, real: Postgres, Supabase Lite, the gateway, the function on the Deno
 * that EDGE_DENO names, and a strict authorization server behind either provider.
 */
import type { Database } from "../../dev/database.ts";
import type { DenoVersion } from "../../dev/deno.ts";
import { runtimeEnvironment, type ServedAs } from "../../dev/environment.ts";
import { type Call, type Fault, type Stack, startStack } from "../../dev/mod.ts";
import {
  type ProviderName,
  startStrictProvider,
  type StrictProvider,
} from "../providers/strict.ts";
import {
  ALLOWED_ORIGINS,
  changed,
  type Changes,
  DOCUMENTED_NAMES,
  type Environment,
  SETTINGS_URL,
} from "./environment.ts";
import { LogLines } from "./log.ts";
import "./quiet.ts";
import { type Service, serviceAt, type ServiceOptions, startService } from "./service.ts";
import { insertUser, type Profile, type SignedUpUser, signUp, type User } from "./users.ts";

export type { Service, User };

/** One request that reached the database API, as the gateway saw it. */
export interface DatabaseCall {
  method: string;
  path: string;
  headers: Record<string, string>;
}

export interface SealedRow extends Record<string, unknown> {
  provider: ProviderName;
  id: string;
  account_id: string | null;
  sealed_access_token: string;
  sealed_refresh_token: string;
}

/** The app's registration at each provider. */
const CLIENTS = {
  google: { clientId: "google-test-client", clientSecret: "google-client-secret-not-real" },
  outlook: { clientId: "outlook-test-client", clientSecret: "outlook-client-secret-not-real" },
};

/** A world with everything in it; when a part fails to start, the others are stopped again. */
export async function openWorld(): Promise<World> {
  const world = new World(
    await startStrictProvider("google"),
    await startStrictProvider("outlook"),
  );
  try {
    await world.start();
    return world;
  } catch (error) {
    await world.close();
    throw error;
  }
}

export class World {
  readonly settingsUrl = SETTINGS_URL;
  readonly clients = CLIENTS;
  readonly #calls: DatabaseCall[] = [];
  readonly #users = new Map<string, Promise<User>>();
  readonly #services: Service[] = [];
  #fault: (call: Call) => Fault | undefined = () => undefined;
  #service: Service | undefined;
  stack!: Stack;

  constructor(readonly google: StrictProvider, readonly outlook: StrictProvider) {}

  async start(): Promise<void> {
    const log = new LogLines();
    this.stack = await startStack({
      postgres: chosen("EDGE_POSTGRES", ["18", "15"]) === "15" ? 15 : 18,
      deno: edgeDeno(),
      servedAs: servedAs(),
      environmentNames: DOCUMENTED_NAMES,
      env: ({ callbackUrl }) => this.#environment(callbackUrl),
      hooks: {
        onCall: (call) => this.#record(call),
        fault: (call) => call.path.startsWith("/rest/v1") ? this.#fault(call) : undefined,
      },
      onLine: (_, line) => log.add(line),
    });
    const direct = await this.stack.functions.origin("calendar");
    this.#service = serviceAt(this.stack.functionUrl, direct, log, () => this.stack.stop());
  }

  async close(): Promise<void> {
    for (const service of this.#services.splice(0)) await service.stop();
    await this.#service?.stop();
    await this.google.stop();
    await this.outlook.stop();
  }

  /** The function as an app reaches it, through the gateway. */
  get service(): Service {
    if (!this.#service) throw new Error("the world is not open yet");
    return this.#service;
  }

  get database(): Database {
    return this.stack.database;
  }

  get publishableKey(): string {
    return this.stack.publishableKey;
  }

  redirectUri(provider: ProviderName): string {
    return `${this.stack.callbackUrl}/${provider}`;
  }

  /** Another process of the function, with a changed environment, over the same database. */
  async newService(changes: Changes = {}, options: ServiceOptions = {}): Promise<Service> {
    const origins = [this.stack.env.SUPABASE_URL, this.stack.url, this.google.origin];
    const hosts = [...origins, this.outlook.origin].map((origin) => new URL(origin ?? "").host);
    const service = await startService({
      deno: edgeDeno(),
      env: changed(this.stack.env, changes),
      runtimeEnv: runtimeEnvironment(servedAs(), this.stack.url),
      allowNet: [...hosts, ...options.allowNet ?? []],
    });
    this.#services.push(service);
    return service;
  }

  newUser(): Promise<User> {
    return insertUser(this.stack);
  }

  /** A user who went through sign-up, with supabase-js. */
  signUp(profile: Profile = {}): Promise<SignedUpUser> {
    return signUp(this.stack, profile);
  }

  /** A user for tests that leave nothing behind, made at its first use. */
  sharedUser(name: string): Promise<User> {
    const user = this.#users.get(name) ?? this.newUser();
    this.#users.set(name, user);
    return user;
  }

  /** What reached the database API while the work was done. */
  async counting<T>(work: () => Promise<T>): Promise<{ result: T; calls: DatabaseCall[] }> {
    const before = this.#calls.length;
    const result = await work();
    return { result, calls: this.#calls.slice(before) };
  }

  /** Breaks calls of the database API while the work is done. */
  async breaking<T>(fault: (call: Call) => Fault | undefined, work: () => Promise<T>): Promise<T> {
    this.#fault = fault;
    try {
      return await work();
    } finally {
      this.#fault = () => undefined;
    }
  }

  async flag(user: User): Promise<boolean | undefined> {
    const rows = await this.database.query<{ calendar_connected: boolean }>(
      "select calendar_connected from public.users where id = $1",
      [user.id],
    );
    return rows[0]?.calendar_connected;
  }

  async rowsOf(user: User): Promise<{ connections: number; states: number }> {
    const count = async (table: string) => {
      const [row] = await this.database.query<{ count: number }>(
        `select count(*)::int as count from public.${table} where user_id = $1`,
        [user.id],
      );
      return row?.count ?? -1;
    };
    return {
      connections: await count("calendar_connections"),
      states: await count("calendar_oauth_states"),
    };
  }

  sealedRows(user: User): Promise<SealedRow[]> {
    return this.database.query(
      `select id, provider, account_id, sealed_access_token, sealed_refresh_token
         from public.calendar_connections where user_id = $1 order by connected_at`,
      [user.id],
    );
  }

  async setStatus(user: User, provider: ProviderName, status: string): Promise<void> {
    await this.database.query(
      "update public.calendar_connections set status = $3 where user_id = $1 and provider = $2",
      [user.id, provider, status],
    );
  }

  #record({ method, path, headers }: Call): void {
    if (!path.startsWith("/rest/v1")) return;
    this.#calls.push({ method, path, headers: Object.fromEntries(headers) });
  }

  #environment(callbackUrl: string): Environment {
    for (const provider of [this.google, this.outlook]) {
      provider.register({
        ...CLIENTS[provider.name],
        redirectUris: [`${callbackUrl}/${provider.name}`],
      });
    }
    return {
      GOOGLE_CLIENT_ID: CLIENTS.google.clientId,
      GOOGLE_CLIENT_SECRET: CLIENTS.google.clientSecret,
      OUTLOOK_CLIENT_ID: CLIENTS.outlook.clientId,
      OUTLOOK_CLIENT_SECRET: CLIENTS.outlook.clientSecret,
      CALENDAR_SETTINGS_URL: SETTINGS_URL,
      CALENDAR_ALLOWED_ORIGINS: ALLOWED_ORIGINS.join(","),
      ...this.google.environment(),
      ...this.outlook.environment(),
    };
  }
}

/** EDGE_DENO: the level of Supabase's edge runtime, or the current Deno. */
export function edgeDeno(): DenoVersion {
  return chosen<DenoVersion>("EDGE_DENO", ["current", "2.1.4"]);
}

/** EDGE_SERVED_AS: with the platform's variables, or those that `supabase functions serve` injects. */
export function servedAs(): ServedAs {
  return chosen<ServedAs>("EDGE_SERVED_AS", ["platform", "kong"]);
}

function chosen<Choice extends string>(name: string, choices: [Choice, ...Choice[]]): Choice {
  const wanted = Deno.env.get(name) ?? choices[0];
  const found = choices.find((choice) => choice === wanted);
  if (found === undefined) throw new Error(`${name} is ${choices.join(" or ")}, not ${wanted}`);
  return found;
}
