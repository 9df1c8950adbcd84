/** What the element tells the page. Every event bubbles and crosses shadow roots. */
import type { CalendarStatus, Provider, ProviderName } from "../client/contract.ts";
import type { CalendarError } from "../client/error.ts";

export interface CalendarSettingsEvents {
  /** Every status that was read, the first one included. */
  "calendar-status": CustomEvent<{ status: CalendarStatus }>;
  /** Before the browser leaves. Cancel it to keep it here. `connection`: the one to renew, or `null`. */
  "calendar-connecting": CustomEvent<{ provider: Provider; connection: string | null }>;
  "calendar-connected": CustomEvent<
    { provider: Provider; connection: string | null; status: CalendarStatus }
  >;
  "calendar-disconnected": CustomEvent<
    { provider: ProviderName; connection: string; status: CalendarStatus }
  >;
  "calendar-error": CustomEvent<
    { error: CalendarError; provider: ProviderName | null; connection: string | null }
  >;
}
