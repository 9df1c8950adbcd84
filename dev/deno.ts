/** The Deno binaries that run Edge Functions: the level of Supabase's edge runtime, and the current one. */
import { join } from "node:path";
import { exists, inPackage, inRepository } from "./paths.ts";

export type DenoVersion = "2.1.4" | "current";

const packages: Record<DenoVersion, string> = { "2.1.4": "deno-edge", current: "deno" };

/**
 * The binary itself and not npm's launcher: a launcher that is killed leaves its Deno alive.
 */
export function denoBinary(version: DenoVersion): string {
  const owner = inPackage(packages[version]);
  const wanted = manifestVersion(owner);
  const platform = `@deno/${platformName()}`;
  const folder = [join(owner, "node_modules", platform), inRepository("node_modules", platform)]
    .find((each) => exists(each) && manifestVersion(each) === wanted);
  if (folder === undefined) {
    throw new Error(`The npm package ${platform} ${wanted} is not installed. Run: npm ci`);
  }
  return join(folder, Deno.build.os === "windows" ? "deno.exe" : "deno");
}

function manifestVersion(folder: string): string {
  return JSON.parse(Deno.readTextFileSync(join(folder, "package.json"))).version;
}

function platformName(): string {
  const machine = Deno.build.arch === "aarch64" ? "arm64" : "x64";
  if (Deno.build.os === "linux") return `linux-${machine}-glibc`;
  return Deno.build.os === "windows" ? `win32-${machine}` : `${Deno.build.os}-${machine}`;
}
