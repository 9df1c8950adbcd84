/** The defences outside the database, how to take each one out, and the test that then fails. */
import { ofCallers } from "./defences/callers.ts";
import { ofFaults } from "./defences/faults.ts";
import type { Mutation } from "./defences/mutation.ts";

export type { Edit, Mutation } from "./defences/mutation.ts";

export const defences: readonly Mutation[] = [...ofCallers, ...ofFaults];
