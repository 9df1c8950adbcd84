/** The addresses that must agree in three places: here, in the app, and in the providers' consoles. */
import type { Environment } from "./environment.ts";
import { type Finding, note, open, right, wrong } from "./report.ts";

const PATIENCE_MS = 10_000;

/** A GET as from a stranger: no cookie, no token, no redirect followed. */
export async function get(url: string): Promise<Response | Error> {
  try {
    return await fetch(url, { redirect: "manual", signal: AbortSignal.timeout(PATIENCE_MS) });
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

export async function checkSettingsUrl(env: Environment): Promise<Finding[]> {
  const about = "CALENDAR_SETTINGS_URL";
  const url = env[about];
  if (url === undefined || !URL.canParse(url)) return [];
  const answer = await get(url);
  if (answer instanceof Error) {
    return [wrong(about, `${url} cannot be reached`, "deploy the app, or mend the address")];
  }
  await answer.body?.cancel();
  if (answer.status >= 300 && answer.status < 400) {
    return [wrong(
      about,
      `${url} redirects somebody who is signed out (${answer.status})`,
      "let it answer 200 itself, signed out too: a redirect would carry the authorization code on",
    )];
  }
  if (answer.status !== 200) {
    return [wrong(about, `${url} answers ${answer.status}`, "let it answer 200, signed out too")];
  }
  return [right(about, `${url} answers 200, signed out, without a redirect`)];
}

export function checkOrigins(env: Environment): Finding[] {
  const about = "CALENDAR_ALLOWED_ORIGINS";
  const settings = env.CALENDAR_SETTINGS_URL;
  if (settings === undefined || !URL.canParse(settings)) return [];
  const own = new URL(settings).origin;
  const list = env[about]?.split(",").map((each) => each.trim().replace(/\/$/, ""));
  if (list === undefined) {
    return [right(about, `is not set: pages of ${own} may call the function`)];
  }
  if (list.includes(own)) {
    return [right(about, `pages of ${list.join(", ")} may call the function`)];
  }
  return [wrong(
    about,
    `lacks ${own}, the origin of the settings page`,
    "add it: that page could not call the function",
  )];
}

export function redirectUris(env: Environment): Record<"google" | "outlook", string> | undefined {
  const base = env.CALENDAR_REDIRECT_URL ??
    (env.SUPABASE_URL && `${env.SUPABASE_URL.replace(/\/+$/, "")}/functions/v1/calendar/callback`);
  if (!base || !URL.canParse(base)) return undefined;
  const url = base.replace(/\/+$/, "");
  return { google: `${url}/google`, outlook: `${url}/outlook` };
}

export function tellRedirectUris(env: Environment): Finding[] {
  const uris = redirectUris(env);
  if (uris === undefined) return [];
  return [
    note(
      "Google Cloud Console",
      uris.google,
      "OAuth client of type Web application, Authorized redirect URIs: this one, to the letter",
    ),
    note(
      "Azure app registration",
      uris.outlook,
      "Authentication, platform Web (not Single-page application): this one, to the letter",
    ),
  ];
}

export function checkTenant(env: Environment): Finding[] {
  if (!env.OUTLOOK_CLIENT_ID) return [];
  const tenant = env.OUTLOOK_TENANT_ID ?? "common";
  const who: Record<string, string> = {
    common: "work, school and personal accounts may connect",
    organizations: "work and school accounts may connect, personal ones may not",
    consumers: "personal accounts may connect, work and school ones may not",
  };
  const says = who[tenant] ?? `only accounts of the directory ${tenant} may connect`;
  const remedy = "it must match Supported account types of the app registration";
  return [note("OUTLOOK_TENANT_ID", says, remedy)];
}

export async function checkFunction(env: Environment, version: string): Promise<Finding[]> {
  const about = "function";
  if (!env.SUPABASE_URL || !URL.canParse(env.SUPABASE_URL)) return [];
  const url = `${env.SUPABASE_URL.replace(/\/+$/, "")}/functions/v1/calendar/health`;
  const asked = Date.now();
  const answer = await get(url);
  const deploy = "deploy it: npx supabase functions deploy calendar --use-api";
  if (answer instanceof Error) return [wrong(about, `${url} cannot be reached`, deploy)];
  const body = await answer.json().catch(() => ({}));
  if (body.code === "misconfigured") {
    return [wrong(about, `says: ${body.message}`, "npx supabase secrets set --env-file …")];
  }
  if (answer.status !== 200 || body.status !== "ok") {
    return [wrong(about, `${url} answers ${answer.status}, not its health`, deploy)];
  }
  return [
    right(about, `${url} answers`),
    ...compareVersion(String(body.version), version),
    ...compareProviders(env, body.providers),
    compareClock("the function's clock", answer.headers.get("date"), asked),
  ];
}

function compareVersion(deployed: string, here: string): Finding[] {
  if (deployed === here) return [right("version", `${here} is deployed`)];
  return [note("version", `${deployed} is deployed, this is ${here}`, "deploy again")];
}

function compareProviders(env: Environment, deployed: unknown): Finding[] {
  const offered = Array.isArray(deployed) ? deployed.map(String) : [];
  const wanted = ["google", "outlook"].filter((each) => env[`${each.toUpperCase()}_CLIENT_ID`]);
  if (wanted.join() === offered.join()) return [right("providers", offered.join(", ") || "none")];
  return [wrong(
    "providers",
    `the function offers ${offered.join(", ") || "none"}, this environment ${
      wanted.join(", ") || "none"
    }`,
    "set the secrets again: npx supabase secrets set --env-file …",
  )];
}

export function compareClock(about: string, theirs: string | null, asked: number): Finding {
  const time = Date.parse(theirs ?? "");
  if (Number.isNaN(time)) return open(about, "no time was told");
  const now = Date.now();
  const seconds = Math.round((time < asked ? asked - time : Math.max(0, time - now)) / 1000);
  if (seconds <= 60) return right(about, "agrees with this machine's");
  return wrong(
    about,
    `differs from this machine's by ${seconds} seconds`,
    "set the clock that is wrong: states live ten minutes, and sessions end by it",
  );
}
