/** The environment of the function under test: the documented names, and values that mean nothing. */

/** Everything the function may read, as the environment table of the documentation lists it. */
export const DOCUMENTED_NAMES = [
  "GOOGLE_CLIENT_ID",
  "GOOGLE_CLIENT_SECRET",
  "OUTLOOK_CLIENT_ID",
  "OUTLOOK_CLIENT_SECRET",
  "OUTLOOK_TENANT_ID",
  "CALENDAR_ENCRYPTION_KEY",
  "SUPABASE_URL",
  "SUPABASE_PUBLISHABLE_KEYS",
  "SUPABASE_ANON_KEY",
  "CALENDAR_SETTINGS_URL",
  "CALENDAR_ALLOWED_ORIGINS",
  "CALENDAR_REDIRECT_URL",
  "CALENDAR_RETIRED_ENCRYPTION_KEYS",
  "CALENDAR_SESSION_COOKIE",
  "CALENDAR_ACCOUNTS_PER_PROVIDER",
  "GOOGLE_AUTHORIZATION_ENDPOINT",
  "GOOGLE_TOKEN_ENDPOINT",
  "GOOGLE_ISSUER",
  "OUTLOOK_AUTHORIZATION_ENDPOINT",
  "OUTLOOK_TOKEN_ENDPOINT",
  "OUTLOOK_ISSUER",
  "CALENDAR_DATABASE_TIMEOUT_MS",
  "CALENDAR_EXCHANGE_TIMEOUT_MS",
];

export const SETTINGS_URL = "https://app.example.test/app/settings";

export const ALLOWED_ORIGINS = ["https://app.example.test", "http://localhost:5173"];

export type Environment = Record<string, string>;

/** Changes to an environment; `undefined` takes a variable away. */
export type Changes = Record<string, string | undefined>;

export function changed(environment: Environment, changes: Changes): Environment {
  const next = { ...environment };
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined) delete next[name];
    else next[name] = value;
  }
  return next;
}
