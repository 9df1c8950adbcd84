/** The stack around a stand-in function, so that these tests need nothing to be built first. */
import { fileURLToPath } from "node:url";
import { type Stack, type StackOptions, startStack } from "../../dev/mod.ts";

export const stubConfig = fileURLToPath(new URL("stub/config.toml", import.meta.url));

export const stubNames = ["SUPABASE_URL", "SUPABASE_PUBLISHABLE_KEYS", "SUPABASE_ANON_KEY"];

export const password = "a password of a test";

export function startStubStack(options: StackOptions = {}): Promise<Stack> {
  return startStack({
    postgres: 18,
    configFile: stubConfig,
    environmentNames: stubNames,
    ...options,
  });
}

/** Starts a stack for one test and stops it, whatever becomes of the test. */
export async function withStack(
  options: StackOptions,
  work: (stack: Stack) => Promise<void>,
): Promise<void> {
  const stack = await startStubStack(options);
  try {
    await work(stack);
  } finally {
    await stack.stop();
  }
}

export function isFree(port: number): boolean {
  try {
    Deno.listen({ hostname: "127.0.0.1", port }).close();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) return false;
    throw error;
  }
}

/** Gives the work a temporary folder of its own and says what it has left there. */
export async function leavings(work: (folder: string) => Promise<void>): Promise<string[]> {
  const folder = await Deno.makeTempDir();
  // Postgres runs as another account when this is root.
  await Deno.chmod(folder, 0o755);
  const usual = Deno.env.get("TMPDIR");
  Deno.env.set("TMPDIR", folder);
  try {
    await work(folder);
    return [...Deno.readDirSync(folder)].map((entry) => entry.name);
  } finally {
    if (usual === undefined) Deno.env.delete("TMPDIR");
    else Deno.env.set("TMPDIR", usual);
    await Deno.remove(folder, { recursive: true });
  }
}
