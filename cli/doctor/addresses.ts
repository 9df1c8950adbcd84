/** The addresses of the settings page, of the function, and what they have to agree in. */
import type { Environment, Facts } from "./facts.ts";
import { type Finding, note, open, right, wrong } from "./report.ts";

const PATIENCE_MS = 10_000;

/** A GET as from a stranger: no cookie, no token, no redirect followed. */
async function get(send: typeof fetch, url: string): Promise<Response | Error> {
  try {
    return await send(url, { redirect: "manual", signal: AbortSignal.timeout(PATIENCE_MS) });
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

export async function checkSettingsUrl(env: Environment, send: typeof fetch): Promise<Finding[]> {
  const about = "CALENDAR_SETTINGS_URL";
  const url = env[about];
  if (url === undefined) return [];
  const answer = await get(send, url);
  if (answer instanceof Error) {
    return [wrong(about, `${url} cannot be reached`, "deploy the app, or correct the address")];
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
  if (settings === undefined) return [];
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

/** The provider's name is appended to this address, so it must not be there already. */
export function checkRedirectUrl(env: Environment, { providers }: Facts): Finding[] {
  const about = "CALENDAR_REDIRECT_URL";
  const url = env[about];
  if (url === undefined) return [];
  const last = new URL(url).pathname.replace(/\/+$/, "").split("/").at(-1) ?? "";
  if (providers.some(({ name }) => name === last.toLowerCase())) {
    return [wrong(
      about,
      `ends in the name of a provider (${last}), which is appended to it`,
      `take /${last} off its end`,
    )];
  }
  if (last === "callback") return [];
  return [
    note(about, "does not end in /callback", "this is right only if a proxy rewrites the path"),
  ];
}

export function checkTenant(env: Environment, { providers }: Facts): Finding[] {
  return providers.flatMap(({ env_prefix, tenant_variable }) => {
    if (tenant_variable === null || env[`${env_prefix}_CLIENT_ID`] === undefined) return [];
    const tenant = env[tenant_variable] ?? "common";
    const says = ACCOUNTS[tenant] ?? `only accounts of the directory ${tenant} may connect`;
    const remedy = "it must match Supported account types of the app registration";
    return [note(tenant_variable, says, remedy)];
  });
}

const ACCOUNTS: Record<string, string> = {
  common: "work, school and personal accounts may connect",
  organizations: "work and school accounts may connect, personal ones may not",
  consumers: "personal accounts may connect, work and school ones may not",
};

export async function checkFunction(
  env: Environment,
  facts: Facts,
  send: typeof fetch,
): Promise<Finding[]> {
  const about = "function";
  if (env.SUPABASE_URL === undefined) return [];
  const url = `${env.SUPABASE_URL.replace(/\/+$/, "")}/functions/v1/calendar/health`;
  const asked = Date.now();
  const answer = await get(send, url);
  const deploy = "deploy it: npx supabase functions deploy calendar --use-api";
  if (answer instanceof Error) return [wrong(about, `${url} cannot be reached`, deploy)];
  const body = Object(await answer.json().catch(() => ({})));
  if (body.code === "misconfigured") {
    return [wrong(about, `says: ${body.message}`, "npx supabase secrets set --env-file …")];
  }
  if (answer.status !== 200 || body.status !== "ok") {
    return [wrong(about, `${url} answers ${answer.status}, not its health`, deploy)];
  }
  return [
    right(about, `${url} answers`),
    compareVersion(String(body.version), facts.version),
    compareProviders(env, facts, body.providers),
    compareClock("the function's clock", answer.headers.get("date"), asked),
  ];
}

function compareVersion(deployed: string, here: string): Finding {
  if (deployed === here) return right("version", `${here} is deployed`);
  return note("version", `${deployed} is deployed, this is ${here}`, "deploy again");
}

function compareProviders(env: Environment, { providers }: Facts, deployed: unknown): Finding {
  const offered = Array.isArray(deployed) ? deployed.map(String) : [];
  const wanted = providers.filter(({ env_prefix: prefix }) => `${prefix}_CLIENT_ID` in env)
    .map(({ name }) => name);
  const [there, here] = [offered, wanted].map((names) => names.join(", ") || "none");
  if (there === here) return right("providers", `${here}`);
  return wrong(
    "providers",
    `the function offers ${there}, this environment ${here}`,
    "set the secrets again: npx supabase secrets set --env-file …",
  );
}

/** A difference of up to a minute is the network's and the rounding's. */
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
