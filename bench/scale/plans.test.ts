/** That the scale run would see a scan if there were one. */
import { deepEqual, equal } from "node:assert/strict";
import {
  type Explained,
  indexesIn,
  pagesOf,
  parseNotice,
  type PlanNode,
  scansIn,
} from "./plans.ts";

function explained(plan: PlanNode): Explained {
  return { "Query Text": "select\n  1", "Plan": plan };
}

Deno.test("a sequential scan below other nodes is found and named with its query", () => {
  const scan = { "Node Type": "Seq Scan", "Relation Name": "calendar_connections" };
  const plan = explained({
    "Node Type": "Limit",
    "Plans": [{ "Node Type": "Sort", "Plans": [scan] }],
  });
  deepEqual(scansIn(plan), ["Seq Scan on calendar_connections in: select 1"]);
});

Deno.test("reads by an index, and scans of what does not grow, are no scans", () => {
  const plan = explained({
    "Node Type": "Nested Loop",
    "Plans": [
      { "Node Type": "Index Only Scan", "Relation Name": "users", "Index Name": "users_pkey" },
      { "Node Type": "Bitmap Heap Scan", "Relation Name": "calendar_oauth_states" },
      { "Node Type": "Function Scan" },
      { "Node Type": "Seq Scan", "Relation Name": "pg_class" },
    ],
  });
  deepEqual(scansIn(plan), []);
  deepEqual(indexesIn(plan), ["users_pkey"]);
});

Deno.test("a plan is read out of auto_explain's notice, and out of no other", () => {
  const plan = explained({
    "Node Type": "Result",
    "Shared Hit Blocks": 3,
    "Shared Read Blocks": 1,
  });
  const read = parseNotice(`duration: 0.1 ms  plan:\n${JSON.stringify(plan)}`);
  equal(read && pagesOf(read), 4);
  equal(parseNotice("relation exists, skipping"), undefined);
});
