/**
 * Cryptography alone, in one process each: sealing and opening 2 KB, and a state with its PKCE pair.
 * Ours goes through the exported helpers of pkg/, options object and key parsing included; the other sides are the
 * contestants' own modules.
 */
import type { DenoVersion } from "../dev/deno.ts";
import { denoBinary } from "../dev/deno.ts";
import { run } from "../dev/process.ts";
import { inRepository } from "../dev/paths.ts";
import { makeBundle } from "./contestants.ts";
import { environment } from "./server.ts";
import { serverCore } from "./tools.ts";

export interface Micro {
  contestant: "ours" | "lean" | "google";
  /** Microseconds to seal and open 2 KB, one value per round. */
  sealUs: number[];
  /** Microseconds for a state, a verifier and its challenge. */
  stateUs: number[];
}

export async function measureMicro(
  version: DenoVersion,
  rounds: number,
  progress: (text: string) => void,
): Promise<Micro[]> {
  const source = (name: string) => inRepository("bench", "contestants", `${name}.ts`);
  const entries = {
    ours: source("micro_ours"),
    lean: source("micro_lean"),
    google: await makeBundle("micro_google"),
  };
  const found: Micro[] = (["ours", "lean", "google"] as const)
    .map((contestant) => ({ contestant, sealUs: [], stateUs: [] }));
  for (let round = 0; round < rounds; round++) {
    progress(`cryptography, round ${round + 1} of ${rounds}`);
    for (const mine of found) {
      const [seal, state] = await once(version, entries[mine.contestant]);
      mine.sealUs.push(seal);
      mine.stateUs.push(state);
    }
  }
  return found;
}

async function once(version: DenoVersion, entry: string): Promise<[number, number]> {
  const lines = await run({
    command: "taskset",
    args: [
      ["-c", serverCore, denoBinary(version), "run", "--quiet", "--no-prompt", "--no-config"],
      ["--no-lock", "--no-npm", "--allow-env", "--allow-read", entry],
    ].flat(),
    env: environment("http://127.0.0.1:1", version),
  });
  const { sealUs, stateUs } = JSON.parse(lines.at(-1) ?? "{}");
  return [sealUs, stateUs];
}
