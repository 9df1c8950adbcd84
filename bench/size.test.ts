/** The size of what is shipped, which is the same on every machine. */
import { ok } from "node:assert/strict";
import { budgets } from "./budgets.ts";
import { glueFiles, glueSize, wasmSize, workerWasmSize } from "./sizes.ts";

Deno.test("the Wasm is within its ceiling, gzipped", () => {
  const { gzip } = wasmSize();
  const { wasmGzipCeilingBytes } = budgets.size;
  ok(gzip > 0 && gzip <= wasmGzipCeilingBytes, `${gzip} bytes, over ${wasmGzipCeilingBytes}`);
});

Deno.test("the worker's Wasm is within its ceiling, gzipped", () => {
  const { gzip } = workerWasmSize();
  const { workerWasmGzipCeilingBytes } = budgets.size;
  ok(
    gzip > 0 && gzip <= workerWasmGzipCeilingBytes,
    `${gzip} bytes, over ${workerWasmGzipCeilingBytes}`,
  );
});

Deno.test("the JavaScript around the Wasm is within its budget, gzipped", () => {
  ok(glueFiles().some((file) => file.endsWith("runtime.js")), "the helper of src/wasm is counted");
  const { gzip } = glueSize();
  const { glueGzipBytes } = budgets.size;
  ok(gzip > 0 && gzip <= glueGzipBytes, `${gzip} bytes, and the budget is ${glueGzipBytes}`);
});
