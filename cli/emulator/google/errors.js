// @ts-check
/**
 * Google's error answers by name. OAuth: https://developers.google.com/identity/protocols/oauth2/web-server#errors;
 * Calendar: https://developers.google.com/workspace/calendar/api/guides/errors
 */
import { json } from "../reply.js";

/** @typedef {import("../types.d.ts").Reply} Reply */

/** @type {Record<string, [number, string, string?, Record<string, string>?]>} status, error, description, more */
const OAUTH = {
  invalid_request: [400, "invalid_request", "Bad Request"],
  invalid_grant: [400, "invalid_grant", "Token has been expired or revoked."],
  malformed_code: [400, "invalid_grant", "Malformed auth code."],
  used_code: [400, "invalid_grant", "Bad Request"],
  missing_verifier: [400, "invalid_grant", "Missing code verifier."],
  wrong_verifier: [400, "invalid_grant", "Invalid code verifier."],
  account_deleted: [400, "invalid_grant", "Account has been deleted"],
  account_disabled: [400, "invalid_grant", "Account has been disabled"],
  invalid_rapt: [400, "invalid_grant", "reauth related error (invalid_rapt)", {
    error_subtype: "invalid_rapt",
    error_uri: "https://support.google.com/a/answer/9368756",
  }],
  admin_policy_enforced: [
    400,
    "admin_policy_enforced",
    "The app is not allowed by the administrator of this Google Workspace account.",
  ],
  redirect_uri_mismatch: [400, "redirect_uri_mismatch", "Bad Request"],
  unsupported_grant_type: [400, "unsupported_grant_type", "Invalid grant_type"],
  invalid_scope: [400, "invalid_scope", "Bad Request"],
  missing_client_id: [400, "invalid_request", "Could not determine client ID from request."],
  missing_secret: [400, "invalid_request", "client_secret is missing."],
  unknown_client: [401, "invalid_client", "The OAuth client was not found."],
  wrong_secret: [401, "invalid_client", "The provided client secret is invalid."],
  deleted_client: [401, "deleted_client", "The OAuth client was deleted."],
  disabled_client: [401, "disabled_client", "The OAuth client was disabled."],
  unauthorized_client: [401, "unauthorized_client", "Unauthorized"],
  org_internal: [
    403,
    "org_internal",
    "This client is restricted to users within its organization.",
  ],
  invalid_token: [400, "invalid_token", "Token expired or revoked"],
  temporarily_unavailable: [503, "temporarily_unavailable", "Try again later."],
  internal_failure: [500, "internal_failure", "Internal error"],
};

/** Names that both providers share, for faults. */
/** @type {Record<string, string>} */
const SHARED = {
  expired_secret: "wrong_secret",
  admin_block: "admin_policy_enforced",
  grant_ended: "invalid_grant",
  sign_in_again: "invalid_rapt",
};

/** @type {Record<string, [number, string, string, string, { locationType?: string, location?: string }?]>} status, domain, reason, message */
const CALENDAR = {
  authError: [401, "global", "authError", "Invalid Credentials", {
    locationType: "header",
    location: "Authorization",
  }],
  required: [401, "global", "required", "Login Required.", {
    locationType: "header",
    location: "Authorization",
  }],
  insufficientPermissions: [
    403,
    "global",
    "insufficientPermissions",
    "Request had insufficient authentication scopes.",
  ],
  accessNotConfigured: [
    403,
    "usageLimits",
    "accessNotConfigured",
    "Google Calendar API has not been used in this project before or it is disabled.",
  ],
  notACalendarUser: [
    403,
    "calendar",
    "notACalendarUser",
    "The user must be signed up for Google Calendar.",
  ],
  rateLimitExceeded: [403, "usageLimits", "rateLimitExceeded", "Rate Limit Exceeded"],
  userRateLimitExceeded: [
    403,
    "usageLimits",
    "userRateLimitExceeded",
    "User Rate Limit Exceeded",
  ],
  quotaExceeded: [403, "usageLimits", "quotaExceeded", "Calendar usage limits exceeded."],
  tooManyRequests: [429, "usageLimits", "rateLimitExceeded", "Rate Limit Exceeded"],
  notFound: [404, "global", "notFound", "Not Found"],
  backendError: [500, "global", "backendError", "Backend Error"],
  unavailable: [503, "global", "backendError", "The service is currently unavailable."],
  timeRangeEmpty: [400, "calendar", "timeRangeEmpty", "The specified time range is empty.", {
    locationType: "parameter",
    location: "timeMax",
  }],
  timeRangeTooLong: [
    400,
    "global",
    "timeRangeTooLong",
    "The requested time range is too long.",
    { locationType: "parameter", location: "timeMax" },
  ],
  fullSyncRequired: [
    410,
    "calendar",
    "fullSyncRequired",
    "Sync token is no longer valid, a full sync is required.",
    { locationType: "parameter", location: "syncToken" },
  ],
  parseError: [400, "global", "parseError", "Parse Error"],
};

/** @type {Record<number, string>} */
const STATUS_NAMES = {
  400: "INVALID_ARGUMENT",
  401: "UNAUTHENTICATED",
  403: "PERMISSION_DENIED",
  404: "NOT_FOUND",
  429: "RESOURCE_EXHAUSTED",
  500: "INTERNAL",
  503: "UNAVAILABLE",
};

/** The reasons in `details`, which newer errors have beside `errors`. */
/** @type {Record<string, string>} */
const DETAILS = {
  insufficientPermissions: "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
  accessNotConfigured: "SERVICE_DISABLED",
};

/**
 * The answer of that name, if Google has one.
 * @param {string} name
 * @returns {Reply | undefined}
 */
export function googleAnswer(name) {
  const own = SHARED[name] ?? name;
  const oauth = OAUTH[own];
  if (oauth) {
    const [status, error, error_description, more] = oauth;
    return json(status, { error, error_description, ...more });
  }
  const calendar = CALENDAR[own];
  if (!calendar) return undefined;
  const [status, domain, reason, message, place] = calendar;
  return calendarError(status, domain, reason, message, place);
}

/**
 * @param {string} name
 * @returns {Reply}
 */
export function googleError(name) {
  const reply = googleAnswer(name);
  if (!reply) throw new Error(`Google has no answer named ${name}`);
  return reply;
}

/**
 * An invalid parameter of the Calendar API.
 * @param {string} parameter
 * @param {string} [message]
 */
export function badParameter(parameter, message = `Invalid value for: ${parameter}`) {
  const place = { locationType: "parameter", location: parameter };
  return calendarError(400, "global", "invalid", message, place);
}

/** @param {string} parameter */
export function missingParameter(parameter) {
  const place = { locationType: "parameter", location: parameter };
  return calendarError(
    400,
    "global",
    "required",
    `Missing required parameter: ${parameter}`,
    place,
  );
}

/**
 * @param {number} code
 * @param {string} domain
 * @param {string} reason
 * @param {string} message
 * @param {{ locationType?: string, location?: string }} [place]
 */
function calendarError(code, domain, reason, message, place) {
  const detail = DETAILS[reason];
  const details = detail === undefined ? {} : {
    details: [{
      "@type": "type.googleapis.com/google.rpc.ErrorInfo",
      reason: detail,
      domain: "googleapis.com",
    }],
  };
  const status = STATUS_NAMES[code];
  return json(code, {
    error: {
      errors: [{ domain, reason, message, ...place }],
      code,
      message,
      ...(status === undefined ? {} : { status }),
      ...details,
    },
  });
}
