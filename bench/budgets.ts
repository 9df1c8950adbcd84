/** What the figures must hold, from budgets.json. */
import { inRepository } from "../dev/paths.ts";

type Against = "floor" | "peer" | "lean";

export interface Budgets {
  /** CPU per request: at most so many times another contestant's. */
  load: Record<string, Partial<Record<Against, number>>>;
  start: { evaluationOverPeer: number; coldOverPeer: number; memoryOverPeer: number };
  /** The ceiling is what the Wasm may not grow beyond while it is still over its budget. */
  size: {
    wasmGzipBytes: number;
    glueGzipBytes: number;
    wasmGzipCeilingBytes: number;
    workerWasmGzipCeilingBytes: number;
  };
  soak: { settledAfter: number; residentGrowthBytes: number; wasmGrowthBytes: number };
}

export const budgets: Budgets = JSON.parse(
  Deno.readTextFileSync(inRepository("bench", "budgets.json")),
);
