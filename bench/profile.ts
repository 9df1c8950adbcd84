/**
 * Where a request's time goes: `deno run -A bench/profile.ts [contestant | file] [route] [requests]`.
 * A V8 CPU profile of a server under load, taken over the inspector; prints the functions by their own time.
 */
import type { DenoVersion } from "../dev/deno.ts";
import { choosePort } from "../dev/ports.ts";
import { type Contestant, contestants, type Name, prepareContestants } from "./contestants.ts";
import { load, prepareRequest } from "./load.ts";
import { routes, userJwt } from "./requests.ts";
import { startServer, startUpstream } from "./server.ts";
import { prepareTools } from "./tools.ts";

interface Frame {
  functionName: string;
  url: string;
  lineNumber: number;
}

interface Profile {
  nodes: { id: number; callFrame: Frame; hitCount: number }[];
  startTime: number;
  endTime: number;
}

const [name = "ours", routeName = "status", count = "10000", version = "current"] = Deno.args;
const samplingMicros = 100;
const shown = 60;

await prepareTools();
await prepareContestants();
const route = routes.find((each) => each.name === routeName);
if (!route) throw new Error(`No route ${routeName}; there are ${routes.map((r) => r.name)}.`);
const { port } = choosePort();
const upstream = await startUpstream();
const server = await startServer(version as DenoVersion, contestant(name), upstream, [
  `--inspect=127.0.0.1:${port}`,
]);
try {
  const request = await prepareRequest(route, server, await userJwt());
  await load(server, request, 32, Number(count));
  const inspector = await connect(port);
  await inspector.call("Profiler.enable");
  await inspector.call("Profiler.setSamplingInterval", { interval: samplingMicros });
  await inspector.call("Profiler.start");
  const measured = await load(server, request, 32, Number(count));
  const { profile } = await inspector.call<{ profile: Profile }>("Profiler.stop");
  inspector.close();
  print(profile, measured.requests);
} finally {
  await server.stop();
  await upstream.stop();
}

/** A contestant by its name, or any other function by its file. */
function contestant(name: string): Contestant {
  if (name in contestants) return contestants[name as Name];
  return { name: "ours", title: name, entry: name, serves: () => true };
}

async function connect(port: number) {
  const targets: { webSocketDebuggerUrl: string }[] =
    await (await fetch(`http://127.0.0.1:${port}/json`)).json();
  const socket = new WebSocket(targets[0]?.webSocketDebuggerUrl ?? "");
  await new Promise((resolve) => socket.onopen = resolve);
  const waiting = new Map<number, (result: unknown) => void>();
  socket.onmessage = ({ data }) => {
    const { id, result } = JSON.parse(data);
    waiting.get(id)?.(result);
  };
  let last = 0;
  const call = <T>(method: string, params = {}) =>
    new Promise<T>((resolve) => {
      const id = ++last;
      waiting.set(id, (result) => resolve(result as T));
      socket.send(JSON.stringify({ id, method, params }));
    });
  return { call, close: () => socket.close() };
}

function print(profile: Profile, requests: number): void {
  const hits = new Map<string, number>();
  const rooms = new Map<string, number>();
  let all = 0;
  let idle = 0;
  for (const { callFrame, hitCount } of profile.nodes) {
    const { functionName, url, lineNumber } = callFrame;
    if (functionName === "(idle)") idle += hitCount;
    const place = `${url.split("/").slice(-2).join("/")}:${lineNumber + 1}`;
    const room = roomOf(callFrame);
    rooms.set(room, (rooms.get(room) ?? 0) + hitCount);
    const key = `${functionName || "(anonymous)"}  ${place}`;
    hits.set(key, (hits.get(key) ?? 0) + hitCount);
    all += hitCount;
  }
  const microsPerHit = (profile.endTime - profile.startTime) / all;
  const perRequest = (count: number) => (count * microsPerHit / requests).toFixed(2).padStart(8);
  console.log(`${name}, ${routeName}, Deno ${version}: microseconds per request, own time`);
  console.log(`${perRequest(all - idle)}  all but idle`);
  const print = (found: Map<string, number>, most: number) => {
    const sorted = [...found].sort(([, one], [, other]) => other - one);
    for (const [key, count] of sorted.slice(0, most)) console.log(`${perRequest(count)}  ${key}`);
    console.log("");
  };
  print(rooms, rooms.size);
  print(hits, shown);
}

/** Deno's own parts by file, ours by what they are. */
function roomOf({ functionName, url }: Frame): string {
  if (functionName.startsWith("wasm-function")) return "Wasm";
  if (url === "") return functionName.startsWith("(") ? functionName : "operations of Deno";
  if (url.includes("pkg/") || url.includes("wasm/")) return `glue: ${url.split("/").at(-1)}`;
  return url.split("/").slice(-2).join("/");
}
