/** Plans as auto_explain reports them, and what they do to tables. */

export interface PlanNode {
  "Node Type": string;
  "Relation Name"?: string;
  "Schema"?: string;
  "Index Name"?: string;
  "Shared Hit Blocks"?: number;
  "Shared Read Blocks"?: number;
  Plans?: PlanNode[];
}

export interface Explained {
  "Query Text": string;
  Plan: PlanNode;
}

/** The plan in a notice of auto_explain; none in other notices. */
export function parseNotice(message: string): Explained | undefined {
  const at = message.indexOf("plan:\n");
  return at < 0 ? undefined : JSON.parse(message.slice(at + "plan:\n".length));
}

/** Tables that grow with the number of users. */
const large = [
  "calendar_connections",
  "calendar_sync_states",
  "calendar_sync_logs",
  "calendar_calendars",
  "calendar_oauth_states",
  "users",
];

/** Reads of a large table by anything but an index, as sentences. */
export function scansIn({ "Query Text": query, Plan }: Explained): string[] {
  return nodesOf(Plan)
    .filter((node) => large.includes(node["Relation Name"] ?? ""))
    .filter((node) => node["Node Type"].endsWith("Scan") && !node["Node Type"].includes("Index"))
    .filter((node) => node["Node Type"] !== "Bitmap Heap Scan")
    .map((node) => `${node["Node Type"]} on ${node["Relation Name"]} in: ${oneLine(query)}`);
}

/** The indexes of large tables that a plan reads. */
export function indexesIn({ Plan }: Explained): string[] {
  return nodesOf(Plan).flatMap((node) => node["Index Name"] ?? []);
}

export function pagesOf({ Plan }: Explained): number {
  return (Plan["Shared Hit Blocks"] ?? 0) + (Plan["Shared Read Blocks"] ?? 0);
}

function nodesOf(plan: PlanNode): PlanNode[] {
  return [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ").slice(0, 160);
}
