/** Who is measured, and the files that are served. */
import { builtinModules } from "node:module";
import { join } from "node:path";
import { build, type Plugin } from "vite";
import { exists, inRepository } from "../dev/paths.ts";
import type { Route } from "./requests.ts";

export type Name =
  | "ours"
  | "floor"
  | "lean"
  | "google"
  | "microsoft"
  | "googleSpared"
  | "microsoftSpared"
  | "googleBundled"
  | "microsoftBundled"
  | "empty";

export interface Contestant {
  name: Name;
  /** In the table. */
  title: string;
  entry: string;
  /** Imports npm packages, from node_modules. */
  npm?: true;
  env?: Record<string, string>;
  serves(route: Route): boolean;
}

const bundles = inRepository(".cache", "bench", "contestants");
const bundle = (name: string) => join(bundles, `${name}.js`);
const source = (name: string) => inRepository("bench", "contestants", `${name}.ts`);

const spared = { BENCH_PEER_BELIEVES_CLAIMS: "yes" };

export const contestants: Record<Name, Contestant> = {
  ours: {
    name: "ours",
    title: "ours",
    entry: inRepository("supabase", "functions", "calendar", "index.ts"),
    serves: () => true,
  },
  floor: { name: "floor", title: "floor", entry: bundle("floor"), serves: () => true },
  lean: { name: "lean", title: "lean", entry: bundle("lean"), serves: () => true },
  google: {
    name: "google",
    title: "peer",
    entry: source("google"),
    npm: true,
    serves: (route) => route.provider !== "outlook",
  },
  microsoft: {
    name: "microsoft",
    title: "peer (msal)",
    entry: source("microsoft"),
    npm: true,
    serves: (route) => route.provider === "outlook",
  },
  googleSpared: {
    name: "googleSpared",
    title: "peer without getUser",
    entry: source("google"),
    npm: true,
    env: spared,
    serves: (route) => route.provider !== "outlook",
  },
  microsoftSpared: {
    name: "microsoftSpared",
    title: "peer (msal) without getUser",
    entry: source("microsoft"),
    npm: true,
    env: spared,
    serves: (route) => route.provider === "outlook",
  },
  googleBundled: {
    name: "googleBundled",
    title: "peer, bundled",
    entry: bundle("google"),
    serves: () => false,
  },
  microsoftBundled: {
    name: "microsoftBundled",
    title: "peer (msal), bundled",
    entry: bundle("microsoft"),
    serves: () => false,
  },
  empty: { name: "empty", title: "empty", entry: bundle("empty"), serves: () => false },
};

export const wasm: string = inRepository("pkg", "calendar_connect_bg.wasm");

export async function prepareContestants(): Promise<void> {
  if (!exists(wasm)) throw new Error("pkg/ has not been built. Run: make build");
  for (const name of ["floor", "lean", "google", "microsoft", "empty"]) await makeBundle(name);
}

/** Deno knows Node's modules by their `node:` names only. */
const nodeNames: Plugin = {
  name: "node-names",
  enforce: "pre",
  resolveId(id) {
    return builtinModules.includes(id) ? { id: `node:${id}`, external: true } : null;
  },
};

export async function makeBundle(name: string): Promise<string> {
  await build({
    configFile: false,
    logLevel: "error",
    root: inRepository("bench", "contestants"),
    publicDir: false,
    plugins: [nodeNames],
    ssr: { noExternal: true, target: "node" },
    build: {
      ssr: `${name}.ts`,
      outDir: bundles,
      emptyOutDir: false,
      target: "es2022",
      minify: true,
      rolldownOptions: { output: { entryFileNames: `${name}.js`, codeSplitting: false } },
    },
  });
  return bundle(name);
}
