/** One JSON line per request. */
import { hex } from "./bytes.ts";

export interface Log {
  request_id: string;
  route: string;
  method: string;
  provider?: string;
  user_id?: string;
  status: number;
  code?: string;
  ms: number;
  database_calls: number;
  provider_calls: number;
}

export function newLog(method: string): Log {
  const request_id = hex(crypto.getRandomValues(new Uint8Array(16)));
  return { request_id, route: "", method, status: 0, ms: 0, database_calls: 0, provider_calls: 0 };
}

export function log(line: Log, status: number, started: number): void {
  line.status = status;
  line.ms = Date.now() - started;
  console.log(JSON.stringify(line));
}
