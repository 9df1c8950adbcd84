/**
 * Looks a deployment over and says what is right, what is wrong and what to do.
 *
 *   deno run -A cli/doctor/main.ts [FILE]
 *
 * FILE is the .env file that the project's secrets were set from; the process's own variables fill in
 * what it does not name. Two more are read here only: SUPABASE_URL and DATABASE_URL. Values of secrets
 * are never printed, and nothing is sent but to the addresses configured: the settings page, the
 * function, the database, and each client's id and secret to its own provider's token endpoint.
 */
import { parseEnv } from "node:util";
import { exists, inRepository } from "../../dev/paths.ts";
import {
  checkFunction,
  checkOrigins,
  checkSettingsUrl,
  checkTenant,
  tellRedirectUris,
} from "./addresses.ts";
import { checkDatabase } from "./database.ts";
import { checkKey, checkVariables, type Environment } from "./environment.ts";
import { checkClients } from "./providers.ts";
import { exitCode, type Finding, lines, summary } from "./report.ts";

function readEnvironment(file: string | undefined): Environment {
  const written = file === undefined ? {} : parseEnv(Deno.readTextFileSync(file));
  const all = { ...Deno.env.toObject(), ...written };
  const env: Environment = {};
  for (const [name, value] of Object.entries(all)) {
    if (value !== undefined && value.trim() !== "") env[name] = value.trim();
  }
  return env;
}

async function examine(env: Environment, version: string): Promise<Finding[]> {
  const variables = await checkVariables(env);
  // A malformed address is asked nothing: it could take a secret to the wrong place.
  for (const { verdict, about } of variables) if (verdict === "wrong") delete env[about];
  const parts = await Promise.all([
    checkKey(env),
    checkTenant(env),
    checkOrigins(env),
    tellRedirectUris(env),
    checkSettingsUrl(env),
    checkClients(env),
    checkFunction(env, version),
    checkDatabase(env.DATABASE_URL),
  ]);
  return [...variables, ...parts.flat()];
}

function versionHere(): string {
  const manifest = Deno.readTextFileSync(inRepository("Cargo.toml"));
  return /^version = "(.+)"$/m.exec(manifest)?.[1] ?? "";
}

const [file] = Deno.args;
if (file !== undefined && !exists(file)) {
  console.error(`There is no file ${file}.`);
  Deno.exit(2);
}
try {
  const findings = await examine(readEnvironment(file), versionHere());
  for (const finding of findings) console.log(lines(finding).join("\n"));
  console.log(summary(findings));
  Deno.exit(exitCode(findings));
} catch (error) {
  console.error(`doctor: ${error instanceof Error ? error.message : error}`);
  Deno.exit(2);
}
