/**
 * Looks a deployment over and says what is right, what is wrong and what to do. Values of secrets are never
 * printed, and requests go only to the addresses that are configured: the settings page, the function, the
 * database, and, with a client's id and secret, that client's token endpoint.
 */
import {
  checkFunction,
  checkOrigins,
  checkRedirectUrl,
  checkSettingsUrl,
  checkTenant,
} from "./addresses.ts";
import { checkClients, checkShapes, redirectUris, tellRedirectUris } from "./clients.ts";
import { checkDatabase } from "./database.ts";
import type { Environment, Facts } from "./facts.ts";
import type { Finding } from "./report.ts";
import { checkKey, checkNames, checkVariables } from "./variables.ts";

export interface Patient {
  env: Environment;
  /** The names in the file that was given, or in the process's environment. */
  written: string[];
  facts: Facts;
  /** What sends requests; the tests look at what it is given. */
  send?: typeof fetch;
}

export async function examine({ env, written, facts, send = fetch }: Patient): Promise<Finding[]> {
  const variables = checkVariables(env, facts);
  const spoilt = wrongs(variables);
  const shapes = [
    ...checkShapes(sound(env, spoilt), facts),
    ...checkRedirectUrl(sound(env, spoilt), facts),
  ];
  for (const name of wrongs(shapes)) spoilt.add(name);

  // A malformed address is asked nothing, and no other one is asked in its place.
  const rest = sound(env, spoilt);
  const uris = spoilt.has("CALENDAR_REDIRECT_URL") ? undefined : redirectUris(rest, facts);
  const parts = await Promise.all([
    checkNames(written, env, facts),
    checkKey(rest),
    checkTenant(rest, facts),
    checkOrigins(rest),
    tellRedirectUris(uris),
    checkSettingsUrl(rest, send),
    checkClients({ env, facts, spoilt, uris, send }),
    checkFunction(rest, facts, send),
    checkDatabase(env.DATABASE_URL, facts.database),
  ]);
  return [...variables, ...shapes, ...parts.flat()];
}

function wrongs(findings: Finding[]): Set<string> {
  return new Set(findings.filter(({ verdict }) => verdict === "wrong").map(({ about }) => about));
}

function sound(env: Environment, spoilt: Set<string>): Environment {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !spoilt.has(name)));
}
