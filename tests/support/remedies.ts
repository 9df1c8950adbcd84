/** What the message of each error code tells its reader to do. */
import type { Code } from "./answers.ts";

const REMEDIES: Record<Code, RegExp> = {
  unauthorized:
    /^Sign in first: send the access token of a signed-in user as Authorization: Bearer\.$/,
  unsupported_provider:
    /^The provider must be \w+ or \w+\.$|; its client id and secret are not set\.$/,
  not_found: /; there are \/connect\/\{provider\}, .*\/health\.$|; look at the status\.$/,
  method_not_allowed: /^This route takes [A-Z]+(, [A-Z]+)*\.$/,
  invalid_request:
    /[:;,] (send|pass on|start the connection again|code and state, or error and state)\b[^;]*\.$|^Send \w+ once\.$|^Send \w+ or \w+, not both\.$/,
  payload_too_large: /; send only what came with the redirect\.$/,
  account_mismatch: /\. Connect again with the account of this connection\.$/,
  account_limit: /; disconnect one first\.$/,
  // No route of this function answers these two.
  reconnect_needed: /(?!)/,
  forbidden: /(?!)/,
  unsupported_media_type: /^Send the body as Content-Type: application\/json\.$/,
  invalid_state: /; start the connection again\.$/,
  access_denied:
    /[;.] (Ask the administrator to allow it, then )?[Cc]onnect again( and accept [^.]*)?\.$/,
  insufficient_scope: /\. Connect again and leave everything ticked\.$/,
  rate_limited: /[.;] [Ww]ait and (connect|try|start the connection) again\.$/,
  provider_rejected: /\. Connect again\.$/,
  provider_unavailable: /\. Wait a little and connect again\.$/,
  storage_unavailable: /\. Look at the status; where nothing changed, start again\.$/,
  misconfigured: /^[A-Z_]+ must be [^.]|; the operator has to check [^.]+\.$/,
  internal: /; (try again|report the request id)[^;]*\.$/,
};

export function namesRemedy(code: Code, message: string): boolean {
  return REMEDIES[code].test(message);
}
