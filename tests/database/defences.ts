/** The defences of the migrations, how to take each one out, and the test that then fails. */
import { access } from "./defences/access.ts";
import { app } from "./defences/app.ts";
import { changes } from "./defences/changes.ts";
import { connections } from "./defences/connections.ts";
import type { Defence } from "./defences/defence.ts";
import { states } from "./defences/states.ts";
import { sync } from "./defences/sync.ts";

export type { Defence };

export const defences: readonly Defence[] = [
  ...access,
  ...connections,
  ...states,
  ...changes,
  ...sync,
  ...app,
];
