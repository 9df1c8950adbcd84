/** Before the first request: module evaluation, cold start, memory. Fresh processes, taking turns. */
import type { DenoVersion } from "../dev/deno.ts";
import { denoBinary } from "../dev/deno.ts";
import { inRepository } from "../dev/paths.ts";
import { choosePort } from "../dev/ports.ts";
import { contestants, type Name } from "./contestants.ts";
import { health, requestBytes, type Route, routes, userJwt } from "./requests.ts";
import { environment, runFlags, serving, startUpstream, type Upstream } from "./server.ts";
import { measureNatively, serverCore } from "./tools.ts";

/** One contestant: a value per round. */
export interface StartSamples {
  contestant: Name;
  /** Milliseconds to import the module and set its handler up. */
  evaluationMs: number[];
  /** Milliseconds, and CPU milliseconds, from spawn to the first answer of `health`, without V8's code cache. */
  coldMs: number[];
  coldCpuMs: number[];
  /** The same with the code cache. */
  cachedMs: number[];
  cachedCpuMs: number[];
  /** KiB resident after the first `status`. */
  memoryKib: number[];
}

interface Cold {
  ms: number;
  cpu_ms: number;
  rss_kib: number;
}

const measured: Name[] = [
  "ours",
  "lean",
  "google",
  "googleBundled",
  "microsoft",
  "microsoftBundled",
  "empty",
];

export async function measureStarts(
  version: DenoVersion,
  rounds: number,
  progress: (text: string) => void,
): Promise<StartSamples[]> {
  const jwt = await userJwt();
  const upstream = await startUpstream();
  const samples = measured.map(emptySamples);
  try {
    // Two rounds first: one to fill the caches of modules and code, one to use them.
    for (let round = -2; round < rounds; round++) {
      progress(round < 0 ? "cold start, caches" : `cold start, round ${round + 1} of ${rounds}`);
      for (const mine of samples) {
        const one = await measureOne(version, mine.contestant, upstream, jwt);
        if (round >= 0) keep(mine, one);
      }
    }
  } finally {
    await upstream.stop();
  }
  return samples;
}

interface One {
  evaluationMs: number;
  cold: Cold;
  cached: Cold;
  first: Cold;
}

async function measureOne(
  version: DenoVersion,
  name: Name,
  upstream: Upstream,
  jwt: string,
): Promise<One> {
  const [status = health] = routes;
  const start = (route: Route, flags: string[]) => {
    const { port } = choosePort();
    const program = serving(version, contestants[name], port, flags);
    const request = requestBytes(route, jwt);
    const env = environment(upstream.url, version);
    return measureNatively<Cold>(["cold", String(port), "200", ...program], request, env);
  };
  return {
    evaluationMs: await evaluate(version, name, upstream),
    cold: await start(health, ["--no-code-cache"]),
    cached: await start(health, []),
    first: await start(status, ["--no-code-cache"]),
  };
}

function keep(samples: StartSamples, { evaluationMs, cold, cached, first }: One): void {
  samples.evaluationMs.push(evaluationMs);
  samples.coldMs.push(cold.ms);
  samples.coldCpuMs.push(cold.cpu_ms);
  samples.cachedMs.push(cached.ms);
  samples.cachedCpuMs.push(cached.cpu_ms);
  samples.memoryKib.push(first.rss_kib);
}

function emptySamples(contestant: Name): StartSamples {
  return {
    contestant,
    evaluationMs: [],
    coldMs: [],
    coldCpuMs: [],
    cachedMs: [],
    cachedCpuMs: [],
    memoryKib: [],
  };
}

async function evaluate(version: DenoVersion, name: Name, upstream: Upstream): Promise<number> {
  const contestant = contestants[name];
  const flags = runFlags(contestant, ["--no-code-cache"]);
  const script = inRepository("bench", "evaluate.ts");
  const { success, stdout, stderr } = await new Deno.Command("taskset", {
    args: ["-c", serverCore, denoBinary(version), ...flags, script, contestant.entry],
    env: environment(upstream.url, version),
    clearEnv: true,
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  if (!success) throw new Error(`${name} cannot be imported: ${text(stderr)}`);
  return Number(text(stdout));
}
