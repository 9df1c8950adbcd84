/** Requests per route and contestant: CPU, throughput and latency, in rounds that take turns. */
import type { DenoVersion } from "../dev/deno.ts";
import { type Contestant, contestants, type Name } from "./contestants.ts";
import { requestBytes, type Route, routes, userJwt } from "./requests.ts";
import { type Server, startServer, startUpstream, type Upstream } from "./server.ts";
import { median } from "./statistics.ts";
import { measureNatively } from "./tools.ts";

/** What the native load answers. */
export interface Load {
  requests: number;
  seconds: number;
  p50_us: number;
  p99_us: number;
  cpu_us: number;
  rss_kib: number;
}

/** One contestant on one route: a value per round. */
export interface Samples {
  route: string;
  contestant: Name;
  /** CPU time of the server per request, 32 connections. */
  cpuUs: number[];
  /** The same at one connection, where every request wakes the server up. */
  cpuAloneUs: number[];
  rps1: number[];
  rps32: number[];
  p50Us: number[];
}

export interface LoadPlan {
  rounds: number;
  warmUp: number;
  /** Requests per round at one connection, and at 32. */
  alone: number;
  together: number;
}

interface Lane {
  server: Server;
  upstream: Upstream;
}

/** Whose requests are measured, in the order of the report. */
export const measured: readonly Name[] = [
  "ours",
  "floor",
  "lean",
  "google",
  "googleSpared",
  "microsoft",
  "microsoftSpared",
];

export async function measureLoad(
  version: DenoVersion,
  plan: LoadPlan,
  progress: (text: string) => void,
): Promise<Samples[]> {
  const jwt = await userJwt();
  const lanes = await startLanes(version);
  try {
    const results: Samples[] = [];
    for (const route of routes) {
      results.push(...await measureRoute(route, lanes, jwt, plan, progress));
    }
    return results;
  } finally {
    await stopLanes(lanes);
  }
}

async function startLanes(version: DenoVersion): Promise<Map<Name, Lane>> {
  const lanes = new Map<Name, Lane>();
  try {
    for (const name of measured) {
      const upstream = await startUpstream();
      const server = await startServer(version, contestants[name], upstream);
      lanes.set(name, { server, upstream });
    }
  } catch (error) {
    await stopLanes(lanes);
    throw error;
  }
  return lanes;
}

async function stopLanes(lanes: Map<Name, Lane>): Promise<void> {
  for (const { server, upstream } of lanes.values()) {
    await server.stop();
    await upstream.stop();
  }
}

async function measureRoute(
  route: Route,
  lanes: Map<Name, Lane>,
  jwt: string,
  plan: LoadPlan,
  progress: (text: string) => void,
): Promise<Samples[]> {
  const participants = measured.filter((name) => contestants[name].serves(route));
  const samples = new Map<Name, Samples>();
  const requests = new Map<Name, Uint8Array<ArrayBuffer>>();
  for (const name of participants) {
    const { server } = laneOf(lanes, name);
    const request = await prepareRequest(route, server, jwt);
    await load(server, request, 32, plan.warmUp);
    requests.set(name, request);
    samples.set(name, emptySamples(route, name));
  }
  for (let round = 0; round < plan.rounds; round++) {
    progress(`${route.name}, round ${round + 1} of ${plan.rounds}`);
    for (const name of rotated(participants, round)) {
      const { server } = laneOf(lanes, name);
      const request = requests.get(name);
      const mine = samples.get(name);
      if (!request || !mine) continue;
      const together = await load(server, request, 32, plan.together);
      const alone = await load(server, request, 1, plan.alone);
      mine.cpuUs.push(together.cpu_us);
      mine.rps32.push(together.requests / together.seconds);
      mine.cpuAloneUs.push(alone.cpu_us);
      mine.rps1.push(alone.requests / alone.seconds);
      mine.p50Us.push(alone.p50_us);
    }
  }
  return [...samples.values()];
}

function laneOf(lanes: Map<Name, Lane>, name: Name): Lane {
  const lane = lanes.get(name);
  if (lane === undefined) throw new Error(`${name} was not started`);
  return lane;
}

function emptySamples(route: Route, contestant: Name): Samples {
  return {
    route: route.name,
    contestant,
    cpuUs: [],
    cpuAloneUs: [],
    rps1: [],
    rps32: [],
    p50Us: [],
  };
}

/** Another one begins each round, so that nobody always comes after the same one. */
function rotated<T>(items: readonly T[], by: number): T[] {
  const at = by % items.length;
  return [...items.slice(at), ...items.slice(0, at)];
}

export function load(
  server: Server,
  request: Uint8Array<ArrayBuffer>,
  connections: number,
  requests: number,
): Promise<Load> {
  const { port, pid } = server;
  const args = ["load", port, pid, connections, requests, 200].map(String);
  return measureNatively<Load>(args, request);
}

/** For a callback, connects first: the upstream hands what was sealed then to every callback after it. */
export async function prepareRequest(
  route: Route,
  server: Server,
  jwt: string,
): Promise<Uint8Array<ArrayBuffer>> {
  if (!route.afterConnect) return requestBytes(route, jwt);
  const state = await connectedState(server, route.provider ?? "google", jwt);
  const code = `4/0${"c".repeat(70)}`;
  return requestBytes(route, jwt, JSON.stringify({ code, state }));
}

async function connectedState(server: Server, provider: string, jwt: string): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${server.port}/calendar/connect/${provider}`, {
    method: "POST",
    headers: { authorization: `Bearer ${jwt}` },
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${server.contestant.title} cannot connect: ${text}`);
  const body: { authorization_url?: string } = JSON.parse(text);
  // The floor makes no state; its upstream does not ask for one.
  if (body.authorization_url === undefined) return "s".repeat(43);
  return new URL(body.authorization_url).searchParams.get("state") ?? "";
}

export function medianOf(samples: Samples[], route: string, name: Name, of: Measure): number {
  return median(samplesOf(samples, route, name)?.[of] ?? []);
}

export type Measure = "cpuUs" | "cpuAloneUs" | "rps1" | "rps32" | "p50Us";

export function samplesOf(samples: Samples[], route: string, name: Name): Samples | undefined {
  return samples.find((each) => each.route === route && each.contestant === name);
}

export type { Contestant };
