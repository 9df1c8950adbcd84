/** The same variables as ours. */
export interface Provider {
  name: string;
  authorizationEndpoint: string;
  tokenEndpoint: string;
  issuer: string;
  clientId: string;
  clientSecret: string;
  requestedScope: string;
  calendarScope: string;
  defaultCalendar: string;
  extras: Record<string, string>;
}

const variable = (name: string): string => Deno.env.get(name) ?? "";

export const rest = `${variable("SUPABASE_URL")}/rest/v1`;
export const publishableKey: string = JSON.parse(variable("SUPABASE_PUBLISHABLE_KEYS")).default;
export const encryptionKey: string = variable("CALENDAR_ENCRYPTION_KEY");
export const redirectUrl: string = variable("CALENDAR_REDIRECT_URL");

export const providers: Record<string, Provider> = {
  google: {
    name: "google",
    authorizationEndpoint: "https://accounts.google.com/o/oauth2/v2/auth",
    tokenEndpoint: variable("GOOGLE_TOKEN_ENDPOINT"),
    issuer: "https://accounts.google.com",
    clientId: variable("GOOGLE_CLIENT_ID"),
    clientSecret: variable("GOOGLE_CLIENT_SECRET"),
    requestedScope: "https://www.googleapis.com/auth/calendar.readonly",
    calendarScope: "https://www.googleapis.com/auth/calendar.readonly",
    defaultCalendar: "primary",
    extras: { access_type: "offline", prompt: "consent select_account" },
  },
  outlook: {
    name: "outlook",
    authorizationEndpoint: "https://login.microsoftonline.com/common/oauth2/v2.0/authorize",
    tokenEndpoint: variable("OUTLOOK_TOKEN_ENDPOINT"),
    issuer: "https://login.microsoftonline.com/common/v2.0",
    clientId: variable("OUTLOOK_CLIENT_ID"),
    clientSecret: variable("OUTLOOK_CLIENT_SECRET"),
    requestedScope: "offline_access https://graph.microsoft.com/Calendars.Read",
    calendarScope: "https://graph.microsoft.com/Calendars.Read",
    defaultCalendar: "default",
    extras: { response_mode: "query", prompt: "select_account" },
  },
};
