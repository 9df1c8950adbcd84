/**
 * Supabase Lite prints every error that a query meets, the expected ones of a caller without
 * permission too, and has no setting for it. Those that Postgres itself gave a code are the caller's
 * and stay out of the log; anything else is printed as before.
 */
import { AsyncLocalStorage } from "node:async_hooks";

const inside = new AsyncLocalStorage<true>();

let installed = false;

export function quietly<T>(work: () => T): T {
  install();
  return inside.run(true, work);
}

function install(): void {
  if (installed) return;
  installed = true;
  const print = console.error;
  console.error = (...what: unknown[]) => {
    if (!(inside.getStore() && what.some(hasSqlState))) print(...what);
  };
}

function hasSqlState(value: unknown): boolean {
  return value instanceof Error && "code" in value && /^[0-9A-Z]{5}$/.test(String(value.code));
}
