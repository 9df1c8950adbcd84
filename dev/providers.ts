/**
 * Google and Microsoft for the stack: the emulator that the package ships, with this stack's callbacks
 * registered and several people at each, at home and at work.
 */
import { type RunningEmulator, startEmulator } from "../cli/emulator/mod.js";
import { choosePort } from "./ports.ts";

export type ProviderName = "google" | "outlook";

export interface ProviderOptions {
  /** Where the function's callbacks are; `/google` and `/outlook` are appended. */
  redirectUrl: string;
  /** The preferred port. */
  port?: number;
}

export interface Providers {
  /** What the function needs to know of them. */
  env: Record<string, string>;
  /** To add people, move the clock and break things; at `/_/` over HTTP. */
  emulator: RunningEmulator;
  urls: Record<ProviderName, string>;
  /** Who can sign in. */
  accounts: Record<ProviderName, string[]>;
  /** Preferred ports that other programs use. */
  portsTaken: number[];
  stop(): Promise<void>;
}

export async function startProviders(options: ProviderOptions): Promise<Providers> {
  const { port, taken } = choosePort(options.port);
  const emulator = await startEmulator({ port, redirectUrl: options.redirectUrl });
  const { control, env, url } = emulator;
  for (const { provider, client_id } of control.state().clients) {
    control.changeClient({ provider, client_id, name: "Calendar Connect (demo)" });
  }
  const accounts = (provider: "google" | "microsoft") =>
    control.state().people.filter((each) => each.provider === provider).map(({ email }) => email);
  return {
    env,
    emulator,
    urls: { google: `${url}/google`, outlook: `${url}/microsoft/common/v2.0` },
    accounts: { google: accounts("google"), outlook: accounts("microsoft") },
    portsTaken: taken === undefined ? [] : [taken],
    stop: async () => {
      await emulator.stop();
    },
  };
}
