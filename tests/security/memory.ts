/** How much the Wasm holds: its memory, which never shrinks, and the JS values it refers to. */
import * as wasm from "../../pkg/calendar_connect_bg.wasm";
import { addressOf, type Handler, printed } from "./handler.ts";
import { token } from "./offline.ts";

interface Exports {
  memory: WebAssembly.Memory;
  __wbindgen_externrefs: WebAssembly.Table;
}

const exports = wasm as unknown as Exports;

/** One request of each route, good ones and bad ones: what a day's traffic is made of. */
const TRAFFIC: [method: string, path: string, body?: string][] = [
  ["POST", "/connect/google"],
  ["GET", "/status"],
  ["POST", "/callback/google", JSON.stringify({ code: "c", state: "s".repeat(43) })],
  ["DELETE", "/disconnect"],
  ["GET", `/callback/outlook?code=${"c".repeat(3000)}&state=${"s".repeat(43)}`],
  ["POST", "/callback/google", "x".repeat(40_000)],
  ["GET", "/health"],
  ["GET", "/nothing"],
];

export const memory = {
  size(): { bytes: number; references: number } {
    return {
      bytes: exports.memory.buffer.byteLength,
      references: exports.__wbindgen_externrefs.length,
    };
  },

  /** So many requests, ten at a time. */
  async steady(handle: Handler, requests: number): Promise<void> {
    const headers = { authorization: `Bearer ${token()}`, "content-type": "application/json" };
    for (let done = 0; done < requests; done += 10) {
      await Promise.all(Array.from({ length: 10 }, async (_, at) => {
        const [method, path, body] = TRAFFIC[(done + at) % TRAFFIC.length] ?? ["GET", "/health"];
        const response = await handle(
          new Request(addressOf(path), { method, headers, ...(body ? { body } : {}) }),
        );
        await response.body?.cancel();
      }));
      printed.lines.length = 0;
      if (done % 200 === 0) {
        // The event loop turns, as it does between requests that come over a network.
        await new Promise((resolve) => setTimeout(resolve));
      }
    }
  },
};
