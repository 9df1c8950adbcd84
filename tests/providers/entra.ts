/** Microsoft's refusals as Entra sends them: every one has line breaks and ids in its `error_description`. */
import refusals from "../support/entra_refusals.json" with { type: "json" };
import type { Context } from "./library.ts";

export interface EntraRefusal {
  /** What happened at Microsoft. */
  what: string;
  /** The query of the redirect, with `{state}` for the state. */
  query: string;
  /** The OAuth error in it. */
  error: string;
  /** The code that it becomes here. */
  code: "access_denied";
  /** The word that the relay hands to the app. */
  relayed: "access_denied" | "admin_blocked";
  /** The word in the log. */
  cause: string;
}

export const ENTRA_REFUSALS = refusals as EntraRefusal[];

/** The query of a refusal for this state. */
export function entraQuery({ query }: EntraRefusal, state: string): string {
  return query.replace("{state}", encodeURIComponent(state));
}

/** Replaces what the library redirects with after a refusal by what Entra would send in its place. */
export async function refuseAsEntra(context: Context, next: () => Promise<void>): Promise<void> {
  await next();
  const location = context.response.get("location");
  if (!location?.startsWith("http")) return;
  const target = new URL(location);
  if (target.searchParams.get("error") !== "access_denied") return;
  const said = target.searchParams.get("error_description");
  const refusal = ENTRA_REFUSALS.find(({ what }) => what === said) ?? ENTRA_REFUSALS[0];
  if (!refusal) throw new Error("no refusal of Entra is written down");
  target.search = "";
  const state = new URL(location).searchParams.get("state") ?? "";
  context.response.set("location", `${target.href}?${entraQuery(refusal, state)}`);
}
