/** `make start`: the whole stack for a person, until Ctrl-C. */
import { demo, seedDemo } from "./demo.ts";
import { checkHealth } from "./health.ts";
import { type Stack, type StackOptions, startStack } from "./mod.ts";
import { readSettings, type Settings } from "./settings.ts";

const ports = { gateway: 54321, page: 3000, emulator: 4010 };

const stopping = Promise.withResolvers<number>();

async function main(): Promise<number> {
  let asked = false;
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    Deno.addSignalListener(signal, () => {
      asked = true;
      stopping.resolve(0);
    });
  }
  // Without this an error nobody waits for would end this process and leave its children.
  globalThis.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    console.error("Something went wrong in the stack:", event.reason);
    stopping.resolve(1);
  });
  const began = performance.now();
  const settings = readSettings();
  console.log("Calendar Connect: starting the local stack");
  const stack = await startStack(stackOptions(settings)).catch((error) => {
    // Ctrl-C reaches the parts too, whose start then fails.
    if (asked) return undefined;
    throw error;
  });
  if (stack === undefined) return 0;
  try {
    if (asked) return 0;
    await seedDemo(stack);
    const parts = await checkHealth(stack, true);
    for (const { part } of parts) console.log(`  well: ${part}`);
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    console.log(summary(stack, settings, seconds));
    return await stopping.promise;
  } finally {
    console.log("\nStopping …");
    await stack.stop();
    console.log("Everything has stopped.");
  }
}

function stackOptions({ databaseUrl, dataDir, functionEnv }: Settings): StackOptions {
  return {
    postgres: databaseUrl === undefined ? "pglite" : { url: databaseUrl },
    ...(dataDir === undefined ? {} : { dataDir }),
    env: functionEnv,
    page: true,
    providers: true,
    demo,
    ports,
    onProgress: (part) => console.log(`  starting: ${part}`),
    onLine: (name, line) => console.log(`${name} | ${line}`),
  };
}

function summary(stack: Stack, settings: Settings, seconds: string): string {
  const taken = stack.portsTaken.map((port) =>
    `  Port ${port} is used by another program; a free one was taken instead.`
  );
  return [
    "",
    `Ready after ${seconds} s. Open the Settings page and connect a calendar:`,
    "",
    `  Settings page   ${stack.settingsUrl}`,
    `  Sign in as      ${demo.email}`,
    `  Password        ${demo.password}`,
    "",
    `  Supabase URL    ${stack.url}`,
    `  Publishable key ${stack.publishableKey}`,
    `  Edge Function   ${stack.functionUrl} (GET /health)`,
    `  Callbacks       ${stack.callbackUrl}/google and /outlook`,
    `  Google          ${provider(stack, "google")}`,
    `  Microsoft       ${provider(stack, "outlook")}`,
    `  Emulator        ${stack.providers?.emulator.url}/_/ (people, clock, faults, scenarios)`,
    `  Database        ${database(stack, settings)}`,
    ...(taken.length === 0 ? [] : ["", ...taken]),
    "",
    "Ctrl-C stops everything.",
    "",
  ].join("\n");
}

function provider(stack: Stack, name: "google" | "outlook"): string {
  const prefix = name.toUpperCase();
  const { providers, env } = stack;
  const emulated = providers?.env[`${prefix}_CLIENT_ID`];
  const client = env[`${prefix}_CLIENT_ID`];
  if (client === undefined || client !== emulated) return `your own client ${client}`;
  const [first, ...others] = providers?.accounts[name] ?? [];
  return `emulated; sign in as ${first}, or one of ${others.length} others`;
}

function database(stack: Stack, { databaseUrl, dataDir }: Settings): string {
  const version = stack.supabase.postgresVersion;
  if (databaseUrl !== undefined) return `Postgres ${version} at DATABASE_URL; it keeps its data`;
  if (dataDir !== undefined) return `Postgres ${version} (PGlite) in ${dataDir}; it is kept`;
  return `Postgres ${version} (PGlite) in memory; gone when you stop`;
}

if (import.meta.main) {
  try {
    Deno.exit(await main());
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    Deno.exit(1);
  }
}
