/** Questions to a log, as Supabase's Logs Explorer answers them. */
import { runPython } from "../support/python.ts";

export interface LogRow {
  id: string;
  timestamp: string;
  event_message: string;
  severity_text: string;
  source: string;
  log_attributes: Record<string, string>;
}

/** The answers of ClickHouse, which the Logs Explorer asks, to queries over these rows. */
export async function askLogs(
  rows: LogRow[],
  queries: string[],
): Promise<Record<string, unknown>[][]> {
  const answers = await runPython("ship", "clickhouse.py", { rows, queries });
  return answers as Record<string, unknown>[][];
}
