/** The environment that the doctor looks at: a file, completed by the process's own variables. */
import { readFileSync } from "node:fs";
import { parseEnv } from "node:util";
import { Misuse } from "../errors.ts";
import type { Environment } from "./facts.ts";

export interface Written {
  env: Environment;
  /** The names in the file, or the process's own where there is no file. */
  written: string[];
}

/** An empty value counts as absent, as it does in the function. */
export function readEnvironment(file: string | undefined, own: NodeJS.ProcessEnv): Written {
  const inFile = file === undefined ? undefined : parseEnv(textOf(file));
  const env: Environment = {};
  for (const [name, value] of Object.entries({ ...own, ...inFile })) {
    if (value !== undefined && value.trim() !== "") env[name] = value.trim();
  }
  const written = Object.keys(inFile ?? own).filter((name) => name in env);
  return { env, written };
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    throw new Misuse(
      `There is no file ${file} that can be read.`,
      "calendar-connect doctor --help",
    );
  }
}
