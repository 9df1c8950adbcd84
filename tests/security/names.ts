/** The two providers, and an order in which to try them. */
import type { ProviderName } from "../providers/strict.ts";

export type { ProviderName };

export const PROVIDERS: readonly ProviderName[] = ["google", "outlook"];

export function otherThan(provider: ProviderName): ProviderName {
  return provider === "google" ? "outlook" : "google";
}
