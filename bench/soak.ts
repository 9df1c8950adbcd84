/** 200,000 requests to ours: whether memory stays where it is. */
import type { DenoVersion } from "../dev/deno.ts";
import { inRepository } from "../dev/paths.ts";
import { choosePort } from "../dev/ports.ts";
import { contestants } from "./contestants.ts";
import { load, prepareRequest } from "./load.ts";
import { routes, userJwt } from "./requests.ts";
import { startServer, startUpstream } from "./server.ts";

export interface SoakSample {
  requests: number;
  residentBytes: number;
  wasmBytes: number;
}

const step = 5000;

export async function measureSoak(
  version: DenoVersion,
  requests: number,
  progress: (text: string) => void,
): Promise<SoakSample[]> {
  const jwt = await userJwt();
  const upstream = await startUpstream();
  const { port } = choosePort();
  const watched = { ...contestants.ours, entry: inRepository("bench", "watched.ts") };
  const server = await startServer(version, watched, upstream, [], {
    CALENDAR_BENCH_MEMORY_PORT: String(port),
  });
  try {
    // All routes, so that no kind of allocation is missing; callbacks repeat the state of one connect.
    const [status, ...rest] = routes;
    const google = rest.filter((route) => route.provider !== "outlook");
    const samples: SoakSample[] = [];
    for (let sent = 0; sent < requests; sent += step) {
      const turn = [status, ...google][(sent / step) % (google.length + 1)];
      if (turn === undefined) break;
      const request = await prepareRequest(turn, server, jwt);
      const { rss_kib } = await load(server, request, 32, step);
      const wasmBytes = Number(await (await fetch(`http://127.0.0.1:${port}`)).text());
      samples.push({ requests: sent + step, residentBytes: rss_kib * 1024, wasmBytes });
      progress(`soak, ${sent + step} of ${requests} requests`);
    }
    return samples;
  } finally {
    await server.stop();
    await upstream.stop();
  }
}

export interface Growth {
  residentBytes: number;
  wasmBytes: number;
}

/**
 * Growth after the memory has settled. The collector lets resident memory swing by itself, so both ends are the
 * median of a fifth of the samples.
 */
export function growth(samples: SoakSample[], settledAfter: number): Growth {
  const settled = samples.filter((sample) => sample.requests >= settledAfter);
  const few = Math.max(1, Math.floor(settled.length / 5));
  const middle = (part: SoakSample[], of: "residentBytes" | "wasmBytes") => {
    const sorted = part.map((sample) => sample[of]).sort((one, other) => one - other);
    return sorted[sorted.length >> 1] ?? NaN;
  };
  const [first, last] = [settled.slice(0, few), settled.slice(-few)];
  return {
    residentBytes: middle(last, "residentBytes") - middle(first, "residentBytes"),
    wasmBytes: middle(last, "wasmBytes") - middle(first, "wasmBytes"),
  };
}
