/** The browser client: what an app types to connect its users' calendars. */
import { captureFromNowOn } from "./capture.ts";

export { CalendarClient } from "./client.ts";
export type { CalendarClientOptions, ConnectOptions, Finished } from "./client.ts";
export {
  ACCOUNT_CLASSES,
  CONNECTION_COLUMNS,
  CONNECTION_STATUSES,
  isProvider,
  PROVIDERS,
  REASONS,
  SERVICE_ERROR_CODES,
} from "./contract.ts";
export type {
  AccountClass,
  Authorization,
  CalendarErrorCode,
  CalendarStatus,
  Capacity,
  Connection,
  ConnectionRow,
  ConnectionStatus,
  Disconnected,
  Provider,
  ProviderName,
  Reason,
  Revocation,
  ServiceErrorCode,
  Sync,
} from "./contract.ts";
export { CalendarError } from "./error.ts";
export type { SupabaseLike } from "./supabase.ts";

captureFromNowOn();
