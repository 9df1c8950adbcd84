/** One defence of the migrations, how to take it out, and the test that then fails. */
import type { Mutation } from "../worlds.ts";

export interface Defence extends Mutation {
  name: string;
  /** A file of the folder above, or pgTAP. */
  test: string;
}

/** Defences of one migration, proved by one test; each is a name, a text of it, and what replaces it. */
export function inFile(
  file: string,
  test: string,
  list: readonly [name: string, find: string, replace: string][],
): Defence[] {
  return list.map(([name, find, replace]) => ({ name, test, file, find, replace }));
}
