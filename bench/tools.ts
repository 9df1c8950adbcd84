/** The native half of the benchmark, and the commands it needs. */
import { inRepository } from "../dev/paths.ts";
import { run } from "../dev/process.ts";

const folder = inRepository("bench", "native");
const target = inRepository(".cache", "bench", "native");
export const native: string = inRepository(
  ".cache",
  "bench",
  "native",
  "release",
  "calendar-bench-native",
);

/** Two cores: one for the server that is measured, one for everything else. */
export const serverCore = "0";
export const loadCore = "1";

export async function prepareTools(): Promise<void> {
  if (Deno.build.os !== "linux") {
    throw new Error(
      "The benchmark pins processes to cores and reads their CPU clocks: Linux only.",
    );
  }
  await wanted("taskset", ["--version"], "the Debian package util-linux");
  await wanted("cargo", ["--version"], "Rust (make build installs it)");
  if (navigator.hardwareConcurrency < 2) {
    throw new Error("The benchmark needs two cores: one for the server, one for the load.");
  }
  await run({
    command: "cargo",
    args: ["build", "--quiet", "--release", "--locked", "--target-dir", target],
    cwd: folder,
    inheritEnv: true,
  });
}

async function wanted(command: string, args: string[], from: string): Promise<void> {
  try {
    await run({ command, args, inheritEnv: true });
  } catch (error) {
    throw new Error(`The benchmark needs ${command}, which comes with ${from}.`, { cause: error });
  }
}

/** Runs the native tool on the load's core with the request as its input, and parses the line it answers. */
export async function measureNatively<T>(
  args: string[],
  request: Uint8Array<ArrayBuffer>,
  env: Record<string, string> = {},
): Promise<T> {
  const child = new Deno.Command("taskset", {
    args: ["-c", loadCore, native, ...args],
    env,
    clearEnv: true,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(request);
  await writer.close();
  const { success, stdout, stderr } = await child.output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  if (!success) throw new Error(`${args[0]} failed: ${text(stderr)}${text(stdout)}`);
  return JSON.parse(text(stdout));
}
