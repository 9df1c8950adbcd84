// @ts-check
/** Every address the emulator answers, by name; rules and the journal speak of routes by these names. */
import { authorize as googleAuthorize } from "./google/authorize.js";
import { calendar, calendarList, calendarListEntry, freeBusy } from "./google/calendar.js";
import { events } from "./google/events.js";
import { revoke, token as googleToken } from "./google/token.js";
import { authorize as microsoftAuthorize } from "./microsoft/authorize.js";
import * as graph from "./microsoft/graph.js";
import { token as microsoftToken } from "./microsoft/token.js";
import { json } from "./reply.js";

/** @typedef {import("./emulator.js").Context} Context */
/** @typedef {import("./types.d.ts").Reply} Reply */

/**
 * @typedef {object} Route
 * @property {string} name
 * @property {string[]} methods
 * @property {RegExp} path its first group is the parameter
 * @property {(context: Context) => Reply | Promise<Reply>} handle
 * @property {boolean} [mailbox] counts towards the requests that a mailbox takes at one time
 */

const TENANT = "\\/microsoft\\/([\\w.-]+)";

/** @type {Route[]} */
export const routes = [
  {
    name: "google.authorize",
    methods: ["GET", "POST"],
    path: /^\/google\/o\/oauth2\/v2\/auth$/,
    handle: googleAuthorize,
  },
  { name: "google.token", methods: ["POST"], path: /^\/google\/token$/, handle: googleToken },
  { name: "google.revoke", methods: ["POST"], path: /^\/google\/revoke$/, handle: revoke },
  {
    name: "google.keys",
    methods: ["GET"],
    path: /^\/google\/oauth2\/v3\/certs$/,
    handle: keys,
  },
  {
    name: "google.discovery",
    methods: ["GET"],
    path: /^\/google\/\.well-known\/openid-configuration$/,
    handle: googleDiscovery,
  },
  {
    name: "google.calendarList",
    methods: ["GET"],
    path: /^\/google\/calendar\/v3\/users\/me\/calendarList$/,
    handle: calendarList,
  },
  {
    name: "google.calendarListEntry",
    methods: ["GET"],
    path: /^\/google\/calendar\/v3\/users\/me\/calendarList\/([^/]+)$/,
    handle: calendarListEntry,
  },
  {
    name: "google.calendar",
    methods: ["GET"],
    path: /^\/google\/calendar\/v3\/calendars\/([^/]+)$/,
    handle: calendar,
  },
  {
    name: "google.freeBusy",
    methods: ["POST"],
    path: /^\/google\/calendar\/v3\/freeBusy$/,
    handle: freeBusy,
  },
  {
    name: "google.events",
    methods: ["GET"],
    path: /^\/google\/calendar\/v3\/calendars\/([^/]+)\/events$/,
    handle: events,
  },
  {
    name: "microsoft.authorize",
    methods: ["GET", "POST"],
    path: new RegExp(`^${TENANT}\\/oauth2\\/v2\\.0\\/authorize$`),
    handle: microsoftAuthorize,
  },
  {
    name: "microsoft.token",
    methods: ["POST"],
    path: new RegExp(`^${TENANT}\\/oauth2\\/v2\\.0\\/token$`),
    handle: microsoftToken,
  },
  {
    name: "microsoft.keys",
    methods: ["GET"],
    path: new RegExp(`^${TENANT}\\/discovery\\/v2\\.0\\/keys$`),
    handle: keys,
  },
  {
    name: "microsoft.discovery",
    methods: ["GET"],
    path: new RegExp(`^${TENANT}\\/v2\\.0\\/\\.well-known\\/openid-configuration$`),
    handle: microsoftDiscovery,
  },
  {
    name: "microsoft.calendar",
    methods: ["GET"],
    path: /^\/graph\/v1\.0\/me\/(?:calendar|calendars\/([^/]+))$/,
    handle: graph.calendar,
    mailbox: true,
  },
  {
    name: "microsoft.calendars",
    methods: ["GET"],
    path: /^\/graph\/v1\.0\/me\/calendars$/,
    handle: graph.calendars,
    mailbox: true,
  },
  {
    name: "microsoft.calendarView",
    methods: ["GET"],
    path: /^\/graph\/v1\.0\/me\/(?:calendar\/|calendars\/([^/]+)\/)?calendarView$/i,
    handle: graph.calendarView,
    mailbox: true,
  },
];

/** @param {Context} context */
async function keys({ emulator }) {
  return json(200, await emulator.signer.jwks());
}

/** @param {Context} context */
function googleDiscovery({ emulator }) {
  const base = `${emulator.url}/google`;
  return json(200, {
    issuer: emulator.issuers.google,
    authorization_endpoint: `${base}/o/oauth2/v2/auth`,
    token_endpoint: `${base}/token`,
    revocation_endpoint: `${base}/revoke`,
    jwks_uri: `${base}/oauth2/v3/certs`,
    ...commonMetadata(["plain", "S256"]),
  });
}

/** @param {Context} context */
function microsoftDiscovery({ emulator, parameter }) {
  const base = `${emulator.url}/microsoft/${parameter}`;
  const shared = ["common", "organizations", "consumers"].includes(parameter);
  const { microsoft } = emulator.issuers;
  return json(200, {
    // A shared path has the template as its issuer, with braces and a name, as Microsoft's has.
    issuer: microsoft.replace("{tenant}", shared ? "{tenantid}" : parameter),
    authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
    token_endpoint: `${base}/oauth2/v2.0/token`,
    jwks_uri: `${base}/discovery/v2.0/keys`,
    ...commonMetadata(["S256", "plain"]),
  });
}

/** @param {string[]} methods */
function commonMetadata(methods) {
  return {
    response_types_supported: ["code"],
    subject_types_supported: ["public"],
    id_token_signing_alg_values_supported: ["RS256"],
    token_endpoint_auth_methods_supported: ["client_secret_post", "client_secret_basic"],
    code_challenge_methods_supported: methods,
  };
}
