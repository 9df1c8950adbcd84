/** What the person who starts the stack has set: in the environment or in `.env` (see `.env.example`). */
import { parseEnv } from "node:util";
import contract from "../contract.json" with { type: "json" };
import { exists, inRepository } from "./paths.ts";

export interface Settings {
  /** A running Postgres to use in place of PGlite. */
  databaseUrl?: string;
  /** Folder in which PGlite keeps its data. */
  dataDir?: string;
  /** Variables for the function, over the stack's own. */
  functionEnv: Record<string, string>;
}

export function readSettings(
  file: string = inRepository(".env"),
  environment: Record<string, string> = Deno.env.toObject(),
): Settings {
  const written = exists(file) ? parseEnv(Deno.readTextFileSync(file)) : {};
  const all: Record<string, string> = {};
  for (const [name, value] of Object.entries({ ...written, ...environment })) {
    if (value !== undefined && value !== "") all[name] = value;
  }
  const { DATABASE_URL: databaseUrl, STACK_DATA_DIR: dataDir } = all;
  return {
    ...(databaseUrl === undefined ? {} : { databaseUrl }),
    ...(dataDir === undefined ? {} : { dataDir }),
    functionEnv: functionVariables(all),
  };
}

/** The variables that an operator sets; the platform's are the stack's to set. */
const own = new Set(
  contract.variables.filter(({ given }) => given !== "platform").map(({ name }) => name),
);

const ADDRESS = /_(ENDPOINT|API_URL|ISSUER)$/;

function functionVariables(all: Record<string, string>): Record<string, string> {
  const chosen = Object.fromEntries(Object.entries(all).filter(([name]) => own.has(name)));
  for (const { env_prefix: prefix } of contract.providers) {
    if (chosen[`${prefix}_CLIENT_ID`] === undefined) continue;
    // With a client of one's own the emulator's addresses make no sense.
    for (const name of own) {
      if (name.startsWith(`${prefix}_`) && ADDRESS.test(name)) chosen[name] ??= "";
    }
  }
  return chosen;
}
