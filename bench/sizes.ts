/** What is shipped and what would be, in bytes: raw, gzip and brotli at their best. */
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { join } from "node:path";
import { exists, inRepository } from "../dev/paths.ts";

export interface Size {
  name: string;
  raw: number;
  gzip: number;
  brotli: number;
}

const pkg = inRepository("pkg");
/** The worker's package, which is another function's. */
const sync = join(pkg, "sync");

/** The JavaScript around the Wasm: what wasm-bindgen made and the helper of `src/wasm`. */
export function glueFiles(): string[] {
  if (!exists(pkg)) throw new Error("pkg/ has not been built. Run: make build");
  return [...scripts(pkg)].sort();
}

function* scripts(folder: string): Generator<string> {
  for (const entry of Deno.readDirSync(folder)) {
    const path = join(folder, entry.name);
    if (path === sync) continue;
    if (entry.isDirectory) yield* scripts(path);
    else if (entry.name.endsWith(".js")) yield path;
  }
}

export function wasmSize(): Size {
  return sizeOf("Wasm", [join(pkg, "calendar_connect_bg.wasm")]);
}

export function workerWasmSize(): Size {
  return sizeOf("worker's Wasm", [join(sync, "calendar_connect_bg.wasm")]);
}

export function glueSize(): Size {
  return sizeOf("JS glue", glueFiles());
}

/** Files are compressed one by one, as they are sent. */
export function sizeOf(name: string, files: string[]): Size {
  const size: Size = { name, raw: 0, gzip: 0, brotli: 0 };
  const params = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
  for (const file of files) {
    const bytes = Deno.readFileSync(file);
    size.raw += bytes.length;
    size.gzip += gzipSync(bytes, { level: 9 }).length;
    size.brotli += brotliCompressSync(bytes, { params }).length;
  }
  return size;
}
