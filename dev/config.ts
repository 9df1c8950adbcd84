/** What `supabase/config.toml` says about the Edge Functions. */
import { dirname, join } from "node:path";
import { parse } from "smol-toml";
import { inRepository } from "./paths.ts";

export interface FunctionConfig {
  name: string;
  /** Absolute path of the module to run. */
  entrypoint: string;
}

export const configFile: string = inRepository("supabase", "config.toml");

type Table = Record<string, unknown>;

/** The functions the file declares; with a reason it refuses what the stack would serve differently. */
export function readFunctions(file: string = configFile): FunctionConfig[] {
  const functions = table(parse(Deno.readTextFileSync(file)).functions);
  return Object.keys(functions).filter((name) => table(functions[name]).enabled !== false)
    .map((name) => {
      const declared = table(functions[name]);
      if (declared.verify_jwt !== false) {
        throw new Error(
          `[functions.${name}] in ${file} asks the gateway to verify JWTs, which the local stack ` +
            "does not do. Set verify_jwt = false and check the caller in the function.",
        );
      }
      const entrypoint = String(declared.entrypoint ?? `./functions/${name}/index.ts`);
      return { name, entrypoint: join(dirname(file), entrypoint) };
    });
}

function table(value: unknown): Table {
  return typeof value === "object" && value !== null ? value as Table : {};
}
