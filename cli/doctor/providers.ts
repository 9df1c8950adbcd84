/** Whether each provider's token endpoint knows the client: asked with a code that was never given. */
import { redirectUris } from "./addresses.ts";
import type { Environment } from "./environment.ts";
import { type Finding, open, right, wrong } from "./report.ts";

export const TOKEN_ENDPOINTS: Record<string, string> = {
  GOOGLE: "https://oauth2.googleapis.com/token",
  OUTLOOK: "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token",
};

const CLIENT_ERRORS = ["invalid_client", "unauthorized_client", "deleted_client"];

export async function checkClients(env: Environment): Promise<Finding[]> {
  const findings = await Promise.all(
    Object.entries(TOKEN_ENDPOINTS).map(([prefix, endpoint]) => checkClient(env, prefix, endpoint)),
  );
  return findings.flat();
}

async function checkClient(env: Environment, prefix: string, endpoint: string): Promise<Finding[]> {
  const [id, secret] = [env[`${prefix}_CLIENT_ID`], env[`${prefix}_CLIENT_SECRET`]];
  const redirectUri = redirectUris(env)?.[prefix === "GOOGLE" ? "google" : "outlook"];
  if (!id || !secret || redirectUri === undefined) return [];
  const url = env[`${prefix}_TOKEN_ENDPOINT`] ??
    endpoint.replace("{tenant}", env.OUTLOOK_TENANT_ID ?? "common");
  const about = `${prefix}_CLIENT_ID and _SECRET`;
  const error = await askWithoutCode(url, { id, secret, redirectUri });
  if (error instanceof Error) return [open(about, `${url} cannot be reached`)];
  if (error === "invalid_grant") return [right(about, "the provider knows this client")];
  if (CLIENT_ERRORS.includes(error)) {
    return [wrong(
      about,
      `the provider does not accept this client (${error})`,
      prefix === "GOOGLE"
        ? "copy id and secret again from Google Cloud Console, Clients"
        : "copy the secret's Value (not its ID) again, see that it has not expired, and check the tenant",
    )];
  }
  if (error === "redirect_uri_mismatch") {
    return [wrong(about, "the redirect URI is not registered", `register ${redirectUri}`)];
  }
  return [open(about, `the provider's answer tells nothing (${error || "no error code"})`)];
}

interface Client {
  id: string;
  secret: string;
  redirectUri: string;
}

/** RFC 6749 section 5.2: the client is judged before the code, so `invalid_grant` says that it is known. */
async function askWithoutCode(url: string, client: Client): Promise<string | Error> {
  try {
    const response = await fetch(url, {
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
    const { error } = await response.json().catch(() => ({}));
    // Nothing of an answer is printed but a word of the shape that error codes have.
    return /^[a-z_]{1,40}$/.test(error) ? error : "";
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
