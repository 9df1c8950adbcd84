/**
 * Whether each provider knows the OAuth client. A client's secret goes to the token endpoint that is
 * configured for it, or nowhere: if anything about that provider's variables is wrong, nobody is asked.
 */
import type { Environment, Facts, ProviderFacts } from "./facts.ts";
import { type Finding, note, open, right, wrong } from "./report.ts";

/** The words of a provider's console, and what its credentials look like. */
interface Console {
  name: string;
  where: string;
  id: RegExp;
  idLooks: string;
  /** What is a secret by no means. */
  noSecret?: RegExp;
  copy: string;
}

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export const CONSOLES: Record<string, Console> = {
  google: {
    name: "Google Cloud Console",
    where: "OAuth client of type Web application, Authorized redirect URIs",
    id: /^[\w-]+\.apps\.googleusercontent\.com$/,
    idLooks: "123-abc.apps.googleusercontent.com",
    copy: "copy the client's id and secret again from Google Cloud Console, Clients",
  },
  outlook: {
    name: "Azure app registration",
    where: "Authentication, platform Web (not Single-page application)",
    id: GUID,
    idLooks: "12345678-90ab-cdef-1234-567890abcdef, the Application (client) ID",
    noSecret: GUID,
    copy:
      "copy the secret's Value (not its ID) again, and check that it has not expired and that the " +
      "tenant is right",
  },
};

const CLIENT_ERRORS = ["invalid_client", "unauthorized_client", "deleted_client"];

export type RedirectUris = Record<string, string>;

/** What is registered at the providers, below one address; none where that address is not known. */
export function redirectUris(env: Environment, { providers }: Facts): RedirectUris | undefined {
  const base = env.CALENDAR_REDIRECT_URL ??
    (env.SUPABASE_URL && `${env.SUPABASE_URL.replace(/\/+$/, "")}/functions/v1/calendar/callback`);
  if (base === undefined) return undefined;
  const url = base.replace(/\/+$/, "");
  return Object.fromEntries(providers.map(({ name }) => [name, `${url}/${name}`]));
}

export function tellRedirectUris(uris: RedirectUris | undefined): Finding[] {
  return Object.entries(uris ?? {}).map(([provider, uri]) => {
    const { name = provider, where = "redirect URIs" } = CONSOLES[provider] ?? {};
    return note(name, uri, `${where}: register exactly this one`);
  });
}

/** The shape of id and secret, where the provider's own token endpoint is used. */
export function checkShapes(env: Environment, { providers }: Facts): Finding[] {
  return providers.flatMap(({ name, env_prefix: prefix }) => {
    const console = CONSOLES[name];
    if (console === undefined || env[`${prefix}_TOKEN_ENDPOINT`] !== undefined) return [];
    const [idName, secretName] = [`${prefix}_CLIENT_ID`, `${prefix}_CLIENT_SECRET`];
    const { [idName]: id, [secretName]: secret } = env;
    const findings: Finding[] = [];
    if (id !== undefined && !console.id.test(id)) {
      findings.push(
        wrong(idName, `is no client id of ${console.name}`, `it is like ${console.idLooks}`),
      );
    }
    if (secret !== undefined && console.noSecret?.test(secret)) {
      findings.push(wrong(secretName, "is the ID of a secret, not its value", console.copy));
    }
    return findings;
  });
}

export interface Asked {
  env: Environment;
  facts: Facts;
  /** The names of variables that something is wrong with. */
  spoilt: Set<string>;
  uris: RedirectUris | undefined;
  send: typeof fetch;
}

export async function checkClients(asked: Asked): Promise<Finding[]> {
  return await Promise.all(
    asked.facts.providers
      .filter(({ env_prefix: prefix }) => {
        const { env } = asked;
        return env[`${prefix}_CLIENT_ID`] && env[`${prefix}_CLIENT_SECRET`];
      })
      .map((provider) => checkClient(asked, provider)),
  );
}

async function checkClient(
  { env, spoilt, uris, send }: Asked,
  { name, env_prefix: prefix, tenant_variable, token_endpoint }: ProviderFacts,
): Promise<Finding> {
  const about = `${prefix}_CLIENT_ID and _SECRET`;
  const why = [...spoilt].filter((each) => each.startsWith(`${prefix}_`));
  if (why.length > 0) return open(about, `nobody was asked, because ${why.join(", ")} is wrong`);
  const redirectUri = uris?.[name];
  if (redirectUri === undefined) {
    return open(about, "nobody was asked, because the redirect URI is not known");
  }
  const url = env[`${prefix}_TOKEN_ENDPOINT`] ??
    token_endpoint.replace("{tenant}", env[tenant_variable ?? ""] ?? "common");
  const id = env[`${prefix}_CLIENT_ID`] ?? "";
  const secret = env[`${prefix}_CLIENT_SECRET`] ?? "";
  const error = await askWithoutCode(send, url, { id, secret, redirectUri });
  if (error instanceof Error) return open(about, `${url} cannot be reached`);
  if (error === "invalid_grant") return right(about, "the provider knows this client");
  if (CLIENT_ERRORS.includes(error)) {
    const { copy = "copy id and secret again" } = CONSOLES[name] ?? {};
    return wrong(about, `the provider does not accept this client (${error})`, copy);
  }
  if (error === "redirect_uri_mismatch") {
    return wrong(about, "the redirect URI is not registered", `register ${redirectUri}`);
  }
  return open(about, `the provider's answer tells nothing (${error || "no error code"})`);
}

interface Client {
  id: string;
  secret: string;
  redirectUri: string;
}

/**
 * Asks for a token with a code that was never given. RFC 6749 section 5.2: the client is judged before
 * the code, so `invalid_grant` says that the client is known.
 */
async function askWithoutCode(
  send: typeof fetch,
  url: string,
  client: Client,
): Promise<string | Error> {
  try {
    const response = await send(url, {
      method: "POST",
      redirect: "error",
      signal: AbortSignal.timeout(10_000),
      body: new URLSearchParams({
        grant_type: "authorization_code",
        code: "calendar-connect-doctor-asks-whether-the-client-is-known",
        code_verifier: "calendar-connect-doctor-calendar-connect-doctor",
        redirect_uri: client.redirectUri,
        client_id: client.id,
        client_secret: client.secret,
      }),
    });
    const { error } = Object(await response.json().catch(() => ({})));
    // Only a word in the shape of an error code is printed from an answer.
    return typeof error === "string" && /^[a-z_]{1,40}$/.test(error) ? error : "";
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
