/** What the package knows about itself: its variables, its providers, and the database it needs. */
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import contract from "../../contract.json" with { type: "json" };
import type { Expected } from "./snapshot.ts";

export type Environment = Record<string, string>;

export interface Problem {
  variable: string;
  /** What it must be. */
  expected: string;
}

export type ProviderFacts = typeof contract.providers[number];

export interface Facts {
  version: string;
  /** Every variable that a function reads. */
  variables: string[];
  /** What the function itself finds wrong with an environment. */
  problemsOf(env: Environment): Problem[];
  providers: ProviderFacts[];
  database: Expected;
}

/** Reads them from the folder of the package. */
export async function readFacts(home: string, version: string): Promise<Facts> {
  const wasm = await loadWasm(join(home, "supabase/functions/calendar/wasm"));
  return {
    version,
    variables: contract.variables.map(({ name }) => name),
    problemsOf: (env) => wasm.configurationProblems(env),
    providers: contract.providers,
    database: JSON.parse(readFileSync(join(home, "cli/database.json"), "utf8")),
  };
}

interface Wasm {
  configurationProblems(env: Environment): Problem[];
}

/** The function's own Wasm, put together by hand: Node 20 does not import `.wasm` as a module. */
async function loadWasm(folder: string): Promise<Wasm> {
  const at = (path: string) => pathToFileURL(join(folder, path)).href;
  const glue = await import(at("calendar_connect_bg.js"));
  const module = await WebAssembly.compile(
    await readFile(join(folder, "calendar_connect_bg.wasm")),
  );
  const imports: WebAssembly.Imports = {};
  for (const { module: path } of WebAssembly.Module.imports(module)) {
    imports[path] ??= await import(at(path));
  }
  const { exports } = await WebAssembly.instantiate(module, imports);
  glue.__wbg_set_wasm(exports);
  (exports as { __wbindgen_start(): void }).__wbindgen_start();
  return glue;
}
