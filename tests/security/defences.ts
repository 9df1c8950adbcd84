/** The defences outside the database, how to take each one out, and the test that then fails. */
import { ofCallers } from "./defences/callers.ts";
import { ofClient } from "./defences/client.ts";
import { edgesOfCommandLine, ofCommandLine } from "./defences/command_line.ts";
import { ofDevelopment } from "./defences/development.ts";
import { ofDocuments } from "./defences/documents.ts";
import { ofElement } from "./defences/element.ts";
import { ofFaults } from "./defences/faults.ts";
import type { Mutation } from "./defences/mutation.ts";
import { ofProviders } from "./defences/providers.ts";
import { ofScripts } from "./defences/scripts.ts";

export type { Edit, Mutation } from "./defences/mutation.ts";

/** The defences of SECURITY.md's table. */
export const defences: readonly Mutation[] = [...ofCallers, ...ofFaults, ...ofCommandLine];

/** Conditions at the edges, in the tools and the app's code, that a test must see too. */
export const edges: readonly Mutation[] = [
  ...ofClient,
  ...ofElement,
  ...edgesOfCommandLine,
  ...ofDevelopment,
  ...ofDocuments,
  ...ofProviders,
  ...ofScripts,
];
