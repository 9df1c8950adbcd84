// @ts-check
/**
 * Microsoft's error answers by name. Entra: https://learn.microsoft.com/entra/identity-platform/reference-error-codes;
 * Graph: https://learn.microsoft.com/graph/errors
 */
import { json } from "../reply.js";

/** @typedef {import("../types.d.ts").Reply} Reply */

/**
 * @typedef {object} Words what an Entra text names
 * @property {string} [client]
 * @property {string} [tenant]
 * @property {string} [value]
 */

/** @type {Record<number, [string, string | ((words: Words) => string), string?, number?]>} error, text, suberror, status */
const ENTRA = {
  50011: [
    "invalid_request",
    ({ value }) =>
      `The redirect URI '${value}' specified in the request does not match the redirect URIs configured for the application.`,
  ],
  50020: ["invalid_grant", "User account from identity provider does not exist in tenant."],
  50034: ["invalid_grant", "The user account does not exist in the directory."],
  50057: ["invalid_grant", "The user account is disabled."],
  50058: ["login_required", "A silent sign-in request was sent but no user is signed in."],
  50076: [
    "interaction_required",
    "Due to a configuration change made by your administrator, or because you moved to a new location, you must use multi-factor authentication to access.",
    "basic_action",
  ],
  50079: [
    "interaction_required",
    "Due to a configuration change made by your administrator, you must enroll in multi-factor authentication to access.",
    "basic_action",
  ],
  50105: ["invalid_grant", "The signed in user is not assigned to a role for the application."],
  50126: ["invalid_grant", "Error validating credentials due to invalid username or password."],
  50132: [
    "invalid_grant",
    "The session is not valid due to password expiration or recent password change.",
  ],
  50173: [
    "invalid_grant",
    "The provided grant has expired due to it being revoked, a fresh auth token is needed. The user might have changed or reset their password.",
    "bad_token",
  ],
  50194: [
    "invalid_request",
    ({ client }) =>
      `Application '${client}' is not configured as a multi-tenant application. Usage of the /common endpoint is not supported for such apps created after '10/15/2018'. Use a tenant-specific endpoint or configure the application to be multi-tenant.`,
  ],
  50196: [
    "temporarily_unavailable",
    "The server terminated an operation because it encountered a client request loop.",
  ],
  53003: [
    "interaction_required",
    "Access has been blocked by Conditional Access policies. The access policy does not allow token issuance.",
    "message_only",
  ],
  54005: [
    "invalid_grant",
    "OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing refresh token.",
  ],
  65001: [
    "invalid_grant",
    ({ client }) =>
      `The user or administrator has not consented to use the application with ID '${client}'. Send an interactive authorization request for this user and resource.`,
    "consent_required",
  ],
  65004: ["access_denied", "User declined to consent to access the app."],
  70000: [
    "invalid_grant",
    "The request was denied because one or more scopes requested are unauthorized or expired. The user must first sign in and grant the client application access to the requested scope.",
  ],
  70003: ["unsupported_grant_type", "The app requested an unsupported grant type."],
  70008: [
    "invalid_grant",
    "The provided authorization code or refresh token has expired due to inactivity. Send a new interactive authorization request for this user and resource.",
  ],
  70011: [
    "invalid_scope",
    ({ value }) =>
      `The provided value for the input parameter 'scope' is not valid. The scope '${value}' does not exist.`,
  ],
  90002: [
    "invalid_request",
    ({ tenant }) =>
      `Tenant '${tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud.`,
  ],
  90014: [
    "invalid_request",
    ({ value }) =>
      `The required field '${value}' is missing from the credential. Ensure that you have all the necessary parameters for the login request.`,
  ],
  90024: [
    "temporarily_unavailable",
    "The request budget for the tenant is exceeded.",
    undefined,
    503,
  ],
  90033: [
    "temporarily_unavailable",
    "A transient error has occurred. Please try again.",
    undefined,
    503,
  ],
  90094: [
    "access_denied",
    "Admin consent is required for the permissions requested by this application.",
  ],
  90095: [
    "access_denied",
    "Admin consent is required for the permissions requested by this application. The user's request for consent was sent to the administrator.",
  ],
  500112: [
    "invalid_grant",
    "The reply address in the request does not match the reply address provided when requesting the authorization code.",
  ],
  501481: [
    "invalid_grant",
    "The Code_Verifier does not match the code_challenge supplied in the authorization request.",
  ],
  700003: ["invalid_grant", "Device object was not found in the tenant directory."],
  700005: [
    "invalid_grant",
    "Provided Authorization Code is intended to use against other tenant, thus rejected.",
  ],
  700016: [
    "unauthorized_client",
    ({ client, tenant }) =>
      `Application with identifier '${client}' was not found in the directory '${tenant}'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You may have sent your authentication request to the wrong tenant.`,
  ],
  700082: [
    "invalid_grant",
    "The refresh token has expired due to inactivity. The token was issued before and was inactive for 90.00:00:00.",
    "token_expired",
  ],
  900144: [
    "invalid_request",
    ({ value }) => `The request body must contain the following parameter: '${value}'.`,
  ],
  900432: ["invalid_request", "Confidential Client is not supported in Cross Cloud request."],
  7000112: ["unauthorized_client", ({ client }) => `Application '${client}' is disabled.`],
  7000215: [
    "invalid_client",
    ({ client }) =>
      `Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '${client}'.`,
    undefined,
    401,
  ],
  7000218: [
    "invalid_client",
    "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
    undefined,
    401,
  ],
  7000222: [
    "invalid_client",
    ({ client }) =>
      `The provided client secret keys for app '${client}' are expired. Visit the Azure portal to create new keys for your app: https://aka.ms/NewClientSecret, or consider using certificate credentials for added security: https://aka.ms/certCreds.`,
    undefined,
    401,
  ],
  9002313: ["invalid_grant", "Invalid request. Request is malformed or invalid."],
  9002326: [
    "invalid_request",
    "Cross-origin token redemption is permitted only for the 'Single-Page Application' client-type.",
  ],
  9002331: [
    "invalid_request",
    ({ client }) =>
      `Application '${client}' is configured for use by Microsoft Account users only. Please use the /consumers endpoint to serve this request.`,
  ],
  9002332: [
    "invalid_request",
    ({ client }) =>
      `Application '${client}' is configured for use by Azure Active Directory users only. Please do not use the /consumers endpoint to serve this request.`,
  ],
};

/** Names that both providers share, for faults. */
/** @type {Record<string, string>} */
const SHARED = {
  expired_secret: "AADSTS7000222",
  deleted_client: "AADSTS700016",
  disabled_client: "AADSTS7000112",
  admin_block: "AADSTS90094",
  grant_ended: "AADSTS50173",
  sign_in_again: "AADSTS50076",
  temporarily_unavailable: "AADSTS90033",
};

/** @type {Record<string, [number, string, string?]>} status, message, code if it is not the name */
const GRAPH = {
  InvalidAuthenticationToken: [401, "Access token validation failure. Invalid audience."],
  emptyToken: [401, "Access token is empty.", "InvalidAuthenticationToken"],
  expiredToken: [
    401,
    "Lifetime validation failed, the token is expired.",
    "InvalidAuthenticationToken",
  ],
  ErrorAccessDenied: [403, "Access is denied. Check credentials and try again."],
  ErrorItemNotFound: [404, "The specified object was not found in the store."],
  ErrorInvalidIdMalformed: [400, "Id is malformed."],
  MailboxNotEnabledForRESTAPI: [
    404,
    "The mailbox is either inactive, soft-deleted, or is hosted on-premise.",
  ],
  ApplicationThrottled: [429, "Application is over its MailboxConcurrency limit."],
  TooManyRequests: [429, "Too many requests."],
  ErrorInternalServerError: [500, "An internal server error occurred. The operation failed."],
  UnknownError: [503, "The service is unavailable."],
  ErrorMailboxStoreUnavailable: [
    503,
    "The mailbox database is temporarily unavailable.",
  ],
  ErrorMissingTimeWindow: [
    400,
    "This request requires a time window specified by the query string parameters StartDateTime and EndDateTime.",
    "ErrorInvalidParameter",
  ],
  ErrorInvalidTimeWindow: [
    400,
    "The value of the parameter 'EndDateTime' must not be before that of 'StartDateTime'.",
    "ErrorInvalidParameter",
  ],
  ErrorCalendarViewRangeTooBig: [
    400,
    "Your request can't be completed. The range between the start and end dates is greater than the allowed range. Maximum number of days: 1825",
    "ErrorInvalidRequest",
  ],
  ResourceNotFound: [404, "Resource could not be discovered."],
  BadRequest: [400, "Resource not found for the segment."],
};

/** @param {import("../random.js").Random} random */
export function ids(random) {
  return { trace: random.uuid(), correlation: random.uuid() };
}

/**
 * An Entra error text with its number. All of them have CRLF between their lines.
 * @param {number} code
 * @param {Words} words
 * @param {{ trace: string, correlation: string }} request
 * @param {number} now
 */
export function entraText(code, words, request, now) {
  const [, text] = ENTRA[code] ?? [];
  if (text === undefined) throw new Error(`AADSTS${code} is not known here`);
  const sentence = typeof text === "string" ? text : text(words);
  return [
    `AADSTS${code}: ${sentence}`,
    `Trace ID: ${request.trace}`,
    `Correlation ID: ${request.correlation}`,
    `Timestamp: ${timestamp(now)}`,
  ].join("\r\n");
}

/** @param {number} code */
export function entraErrorName(code) {
  return ENTRA[code]?.[0] ?? "server_error";
}

/**
 * The token endpoint's answer to one of Entra's errors.
 * @param {number} code
 * @param {{ random: import("../random.js").Random, now: number }} world
 * @param {Words} [words]
 * @returns {Reply}
 */
export function entraError(code, { random, now }, words = {}) {
  const [error, , suberror, status = 400] = ENTRA[code] ?? [];
  if (error === undefined) throw new Error(`AADSTS${code} is not known here`);
  const request = ids(random);
  return json(status, {
    error,
    error_description: entraText(code, words, request, now),
    error_codes: [code],
    timestamp: timestamp(now),
    trace_id: request.trace,
    correlation_id: request.correlation,
    error_uri: `https://login.microsoftonline.com/error?code=${code}`,
    ...(suberror === undefined ? {} : { suberror }),
  });
}

/**
 * @param {string} name
 * @param {{ random: import("../random.js").Random, now: number }} world
 * @param {Record<string, string>} [headers]
 * @returns {Reply}
 */
export function graphError(name, { random, now }, headers = {}) {
  const [status = 0, message, code = name] = GRAPH[name] ?? [];
  if (message === undefined) throw new Error(`Graph has no error named ${name}`);
  return graphErrorOf(status, code, message, { random, now }, headers);
}

/**
 * @param {number} status
 * @param {string} code
 * @param {string} message
 * @param {{ random: import("../random.js").Random, now: number }} world
 * @param {Record<string, string>} [headers]
 */
export function graphErrorOf(status, code, message, { random, now }, headers = {}) {
  const request = random.uuid();
  const innerError = {
    date: new Date(now).toISOString().slice(0, 19),
    "request-id": request,
    "client-request-id": request,
  };
  /** @type {Record<string, string>} */
  const own = status === 401
    ? { "www-authenticate": 'Bearer realm="", error="invalid_token"' }
    : {};
  return json(status, { error: { code, message, innerError } }, {
    "request-id": request,
    "client-request-id": request,
    ...own,
    ...headers,
  });
}

/**
 * The answer of that name, if Microsoft has one.
 * @param {string} name
 * @param {{ random: import("../random.js").Random, now: number }} world
 * @param {Words} words
 * @returns {Reply | undefined}
 */
export function microsoftAnswer(name, world, words) {
  const own = SHARED[name] ?? name;
  const code = Number(/^AADSTS(\d+)$/.exec(own)?.[1]);
  if (ENTRA[code]) return entraError(code, world, words);
  return GRAPH[own] ? graphError(own, world) : undefined;
}

/** @param {number} now */
function timestamp(now) {
  return new Date(now).toISOString().slice(0, 19).replace("T", " ") + "Z";
}
