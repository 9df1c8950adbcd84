/** The report: every figure as a row, judged against the budgets. */
import { budgets } from "./budgets.ts";
import type { Name } from "./contestants.ts";
import { contestants } from "./contestants.ts";
import { type Measure, measured, type Samples, samplesOf } from "./load.ts";
import type { Micro } from "./micro.ts";
import { type Route, routes } from "./requests.ts";
import type { Size } from "./sizes.ts";
import { growth, type SoakSample } from "./soak.ts";
import type { StartSamples } from "./start.ts";
import { median, medianRatio } from "./statistics.ts";
import { type Row, shown } from "./table.ts";

export function loadRows(samples: Samples[]): Row[] {
  const parts: [string, Measure][] = [
    ["CPU per request, 32 connections, µs", "cpuUs"],
    ["CPU per request, 1 connection, µs", "cpuAloneUs"],
    ["requests/s, 32 connections", "rps32"],
    ["requests/s, 1 connection", "rps1"],
    ["p50, 1 connection, µs", "p50Us"],
  ];
  return parts.flatMap(([part, measure]) =>
    routes.map((route) => loadRow(samples, route, part, measure))
  );
}

function loadRow(samples: Samples[], route: Route, part: string, measure: Measure): Row {
  const ours = samplesOf(samples, route.name, "ours")?.[measure] ?? [];
  const figures = measured.flatMap((name) => {
    const theirs = samplesOf(samples, route.name, name)?.[measure];
    if (theirs === undefined) return [];
    const ratio = name === "ours" ? "" : ` (${shown(medianRatio(ours, theirs))}×)`;
    return [`${contestants[name].title} ${shown(median(theirs))}${ratio}`];
  });
  const row = { part, figure: route.name, value: figures.join("   ") };
  if (measure !== "cpuUs") return row;
  const judged = Object.entries(budgets.load[route.name] ?? {}).map(([against, budget]) => {
    const theirs = samplesOf(samples, route.name, rival(against, route))?.cpuUs ?? [];
    return { name: `× ${against}`, value: medianRatio(ours, theirs), budget };
  });
  return { ...row, judged };
}

function rival(against: string, route: Route): Name {
  if (against === "floor" || against === "lean") return against;
  return route.provider === "outlook" ? "microsoft" : "google";
}

type ColdMeasure = "coldMs" | "coldCpuMs" | "cachedMs" | "cachedCpuMs";

export function startRows(samples: StartSamples[]): Row[] {
  const of = (name: Name) => samples.find((each) => each.contestant === name);
  const [ours, peer, empty] = [of("ours"), of("google"), of("empty")];
  if (!ours || !peer || !empty) return [];
  const overEmpty = (mine: StartSamples, measure: ColdMeasure) =>
    mine[measure].map((value, round) => value - (empty[measure][round] ?? NaN));
  const list = (value: (each: StartSamples) => number) =>
    samples.map((each) => `${contestants[each.contestant].title} ${shown(value(each))}`)
      .join("   ");
  const cold = (measure: ColdMeasure, part: string) => ({
    part: "start",
    figure: part,
    value: list((each) => median(overEmpty(each, measure))),
  });
  const ratio = (of: (each: StartSamples) => number) => of(ours) / of(peer);
  const { evaluationOverPeer, coldOverPeer, memoryOverPeer } = budgets.start;
  const over = (each: StartSamples) => median(overEmpty(each, "coldCpuMs"));
  return [
    {
      part: "start",
      figure: "module evaluation, ms",
      value: list((each) => median(each.evaluationMs)),
      judged: [{
        name: "× peer",
        value: ratio((each) => median(each.evaluationMs)),
        budget: evaluationOverPeer,
      }],
    },
    cold("coldMs", "cold start over empty, ms"),
    cold("cachedMs", "the same with code cache, ms"),
    {
      // Judged, because on one core it is what a start takes when nobody else wants that core.
      ...cold("coldCpuMs", "cold start over empty, CPU ms"),
      judged: [{ name: "× peer", value: ratio(over), budget: coldOverPeer }],
    },
    cold("cachedCpuMs", "the same with code cache, CPU ms"),
    {
      part: "start",
      figure: "memory after the first request, MB",
      value: list((each) => median(each.memoryKib) / 1024),
      judged: [{
        name: "× peer",
        value: ratio((each) => median(each.memoryKib)),
        budget: memoryOverPeer,
      }],
    },
  ];
}

export function microRows(found: Micro[]): Row[] {
  const titles = { ours: "ours", lean: "WebCrypto", google: "node:crypto, openid-client" };
  const row = (figure: string, of: "sealUs" | "stateUs"): Row => ({
    part: "cryptography",
    figure,
    value: found.map((each) => `${titles[each.contestant]} ${shown(median(each[of]))}`).join("   "),
  });
  return [row("seal + open 2 KB, µs", "sealUs"), row("state + PKCE, µs", "stateUs")];
}

export function sizeRows(sizes: Size[]): Row[] {
  const allowed: Record<string, number> = {
    "Wasm": budgets.size.wasmGzipBytes,
    "JS glue": budgets.size.glueGzipBytes,
  };
  return sizes.map(({ name, raw, gzip, brotli }) => {
    const row = {
      part: "size, bytes",
      figure: name,
      value: `raw ${shown(raw)}   gzip ${shown(gzip)}   brotli ${shown(brotli)}`,
    };
    const budget = allowed[name];
    return budget === undefined ? row : { ...row, judged: [{ name: "gzip", value: gzip, budget }] };
  });
}

export function soakRows(samples: SoakSample[]): Row[] {
  const { settledAfter, residentGrowthBytes, wasmGrowthBytes } = budgets.soak;
  const last = samples.at(-1);
  if (last === undefined) return [];
  const enough = last.requests > settledAfter;
  const grown = growth(samples, enough ? settledAfter : last.requests / 2);
  const megabytes = (bytes: number) => shown(bytes / 1024 / 1024);
  return [{
    part: "soak",
    figure: `${shown(last.requests)} requests`,
    value: `resident ${megabytes(last.residentBytes)} MB   Wasm ${megabytes(last.wasmBytes)} MB`,
    // A short soak has not settled; it shows, and judges nothing.
    ...(enough
      ? {
        judged: [
          {
            name: "MB more resident",
            value: grown.residentBytes / 1048576,
            budget: residentGrowthBytes / 1048576,
          },
          { name: "bytes more of Wasm", value: grown.wasmBytes, budget: wasmGrowthBytes },
        ],
      }
      : {}),
  }];
}
