/** Scenarios as the tests use them: as they ship, but with delays that a test can wait for. */
import { readScenario } from "../../cli/emulator/mod.js";
import type { Scenario } from "../../cli/emulator/types.d.ts";
import {
  type Answer,
  connect,
  type Connection,
  type Provider,
  refresh,
  type RunningEmulator,
  withEmulator,
} from "./support.ts";

/** By how much delays are shortened. */
export const SHORTER = 20;

export function quick(name: string): Scenario {
  const scenario = readScenario(name);
  const faults = (scenario.faults ?? []).map((fault) => ({
    ...fault,
    do: {
      ...fault.do,
      ...(fault.do.delay_ms === undefined ? {} : { delay_ms: fault.do.delay_ms / SHORTER }),
    },
  }));
  return { ...scenario, faults };
}

/** When the scenarios are played: at a time of day at which it is the same day in all of Europe. */
export const NOON = "2026-10-24T12:00:00Z";

/** What the providers' accounts of the usual world are called. */
export const ACCOUNTS: Record<Provider, string> = {
  google: "demo.person@gmail.example",
  microsoft: "demo.person@outlook.example",
};

export type Connections = Record<Provider, Connection>;

/** Connects an account at each provider, and then uses the scenario. */
export function withScenario(
  name: string,
  test: (emulator: RunningEmulator, connections: Connections) => Promise<void>,
): Promise<void> {
  return withEmulator(async (emulator) => {
    const connections = {
      google: await connect(emulator, "google", ACCOUNTS.google),
      microsoft: await connect(emulator, "microsoft", ACCOUNTS.microsoft),
    };
    emulator.control.useScenario(quick(name));
    await test(emulator, connections);
  }, { world: { now: NOON } });
}

/** The error, or "ok", of an answer of a token endpoint. */
export function outcome({ status, body }: Answer): string {
  if (status === 200) return typeof body.access_token === "string" ? "ok" : "no token";
  return String(body.error);
}

/** Refreshes and says what came of it, be it no answer at all. */
export async function tryRefresh(
  emulator: RunningEmulator,
  connection: Pick<Connection, "provider" | "refresh">,
): Promise<string> {
  try {
    return outcome(await refresh(emulator, connection));
  } catch (error) {
    return error instanceof SyntaxError ? "no JSON" : "no answer";
  }
}

/** A window of days around today, by the emulator's clock. */
export function days(emulator: RunningEmulator, from: number, to: number) {
  const today = Date.parse(`${emulator.control.clock().now.slice(0, 10)}T00:00:00Z`);
  const at = (day: number) => new Date(today + day * 86_400_000).toISOString();
  return { timeMin: at(from), timeMax: at(to) };
}
