/** The browser client: what an app types to connect its users' calendars. */
import { captureFromNowOn } from "./capture.ts";

export { CalendarClient } from "./client.ts";
export type { CalendarClientOptions, ConnectOptions, Finished } from "./client.ts";
export {
  CONNECTION_COLUMNS,
  CONNECTION_STATUSES,
  isProvider,
  PROVIDERS,
  SERVICE_ERROR_CODES,
} from "./contract.ts";
export type {
  Authorization,
  CalendarErrorCode,
  CalendarStatus,
  Capacity,
  Connection,
  ConnectionStatus,
  Disconnected,
  Provider,
  ProviderName,
  ServiceErrorCode,
} from "./contract.ts";
export { CalendarError } from "./error.ts";
export type { SupabaseLike } from "./supabase.ts";

captureFromNowOn();
