// @ts-check
/**
 * Google's authorization endpoint. Invalid requests are answered with a page: Google sends
 * nobody to an address it has not checked.
 * Source: https://developers.google.com/identity/protocols/oauth2/web-server
 */
import { consentPage, errorPage, inWords } from "../consent.js";
import { redirect, withParameters } from "../reply.js";
import { accountOf, sessionCookie, words } from "../sessions.js";
import { PKCE_SHAPE } from "../tokens.js";

/** @typedef {import("../types.d.ts").Client} Client */
/** @typedef {import("../types.d.ts").Person} Person */
/** @typedef {import("../emulator.js").Context} Context */

/** Scopes that only identify a person, and the names that Google gives them in its answers. */
const SIGN_IN = new Map([
  ["openid", "openid"],
  ["email", "https://www.googleapis.com/auth/userinfo.email"],
  ["profile", "https://www.googleapis.com/auth/userinfo.profile"],
  [
    "https://www.googleapis.com/auth/userinfo.email",
    "https://www.googleapis.com/auth/userinfo.email",
  ],
  [
    "https://www.googleapis.com/auth/userinfo.profile",
    "https://www.googleapis.com/auth/userinfo.profile",
  ],
]);

const KNOWN_SCOPE = /^https:\/\/www\.googleapis\.com\/auth\/[a-z][\w.-]*$/;

/** @param {string} scope */
export function isSignIn(scope) {
  return SIGN_IN.has(scope);
}

/** @param {Context} context */
export function authorize(context) {
  const { emulator, request } = context;
  const query = request.url.searchParams;
  const checked = check(context);
  if ("refused" in checked) return checked.refused;
  const { client, scopes } = checked;
  const people = emulator.world.peopleOf("google")
    .filter(({ state }) => state !== "deleted" && state !== "disabled");
  if (request.method === "POST") return decide(context, client, scopes, people);

  const prompt = words(query.get("prompt"));
  const { hinted, signedIn } = accountOf("google", request, people);
  const account = hinted ?? signedIn;
  const consent = account && emulator.grants.consent(client, account.email);
  const consented = consent !== undefined &&
    scopes.every((scope) => consent.scopes.includes(scope));
  if (prompt.includes("none")) {
    if (account && consented) return sendCode(context, client, account, scopes, true);
    return back(context, { error: account ? "consent_required" : "login_required" });
  }
  const asks = prompt.includes("consent") || prompt.includes("select_account");
  if (account && consented && !asks) return sendCode(context, client, account, scopes, true);
  // With `consent` alone Google silently uses the account of the last time.
  const choosing = prompt.includes("select_account") || !account;
  return consentPage({
    title: "Google",
    action: request.url.pathname + request.url.search,
    client,
    people: choosing ? people : [account],
    chosen: account,
    wishes: scopes.map((scope) => ({ scope, words: inWords(scope), box: !isSignIn(scope) })),
  });
}

/**
 * The client and the scopes it asks for, if the request is valid.
 * @param {Context} context
 * @returns {{ client: Client, scopes: string[] } | { refused: import("../types.d.ts").Reply }}
 */
function check({ emulator, request }) {
  const query = request.url.searchParams;
  /**
   * @param {number} status
   * @param {string} error
   * @param {string} message
   */
  const refuse = (status, error, message) => ({
    refused: errorPage("Google", status, error, message),
  });
  for (const name of ["client_id", "redirect_uri", "response_type", "scope"]) {
    if (!query.get(name)) {
      return refuse(400, "invalid_request", `Required parameter is missing: ${name}`);
    }
  }
  if (new Set(query.keys()).size !== [...query.keys()].length) {
    return refuse(400, "invalid_request", "OAuth 2 parameters can only have a single value");
  }
  const client = emulator.world.client("google", query.get("client_id") ?? "");
  if (!client) return refuse(401, "invalid_client", "The OAuth client was not found.");
  if (client.state === "deleted") {
    return refuse(401, "deleted_client", "The OAuth client was deleted.");
  }
  if (client.state === "disabled") {
    return refuse(401, "disabled_client", "The OAuth client was disabled.");
  }
  if (!client.redirect_uris.includes(query.get("redirect_uri") ?? "")) {
    const message = `The redirect URI ${query.get("redirect_uri")} is not registered for this app.`;
    return refuse(400, "redirect_uri_mismatch", message);
  }
  if (query.get("response_type") !== "code") {
    return refuse(400, "unsupported_response_type", "The emulator grants codes only.");
  }
  const asked = words(query.get("scope"));
  const invalid = asked.filter((scope) => !isSignIn(scope) && !KNOWN_SCOPE.test(scope));
  if (invalid.length > 0) {
    return refuse(400, "invalid_scope", `Some requested scopes were invalid: ${invalid.join(" ")}`);
  }
  const odd = pkceProblem(query, client);
  if (odd !== undefined) return refuse(400, "invalid_request", odd);
  const scopes = [...new Set(asked.map((scope) => SIGN_IN.get(scope) ?? scope))];
  return { client, scopes };
}

/**
 * @param {URLSearchParams} query
 * @param {Client} client
 */
function pkceProblem(query, client) {
  const challenge = query.get("code_challenge");
  const method = query.get("code_challenge_method") ?? "plain";
  if (challenge === null) {
    return client.require_pkce ? "Missing required parameter: code_challenge" : undefined;
  }
  if (!["S256", "plain"].includes(method)) return "Invalid code_challenge_method";
  if (client.require_pkce && method === "plain") return "code_challenge_method must be S256";
  return PKCE_SHAPE.test(challenge) ? undefined : "Invalid code_challenge";
}

/**
 * What the person answered.
 * @param {Context} context
 * @param {Client} client
 * @param {string[]} asked
 * @param {Person[]} people
 */
function decide(context, client, asked, people) {
  const { form } = context.request;
  const person = people.find(({ email }) => email === form.get("account"));
  if (form.get("decision") !== "allow") return back(context, { error: "access_denied" });
  if (!person) return errorPage("Google", 400, "invalid_request", "No such account.");
  context.account = person;
  if (person.state === "blocked_by_admin") {
    const message = "Access is blocked by the administrator of your organisation.";
    return errorPage("Google", 400, "admin_policy_enforced", message);
  }
  const ticked = form.getAll("scope");
  const granted = asked.filter((scope) => isSignIn(scope) || ticked.includes(scope));
  if (granted.length === 0) return back(context, { error: "access_denied" });
  return sendCode(context, client, person, granted, false);
}

/**
 * @param {Context} context
 * @param {Client} client
 * @param {Person} person
 * @param {string[]} granted
 * @param {boolean} silently without asking the person again
 */
function sendCode(context, client, person, granted, silently) {
  const { emulator, request, effect } = context;
  const query = request.url.searchParams;
  const before = emulator.grants.consent(client, person.email);
  const combined = query.get("include_granted_scopes") === "true" ? before?.scopes ?? [] : [];
  const scopes = [...new Set([...combined, ...granted])]
    .filter((scope) => effect.scopes?.includes(scope) ?? true);
  // Google gives a refresh token at the first consent, and after that only with prompt=consent.
  const refresh = query.get("access_type") === "offline" && !silently &&
    (before === undefined || words(query.get("prompt")).includes("consent"));
  const code = emulator.grants.newCode("google", {
    client: client.client_id,
    person: person.email,
    redirect_uri: query.get("redirect_uri") ?? "",
    challenge: query.get("code_challenge"),
    challenge_method: query.get("code_challenge_method"),
    scopes,
    consent: emulator.grants.allow(client, person.email, scopes),
    refresh,
    nonce: query.get("nonce"),
  });
  context.account = person;
  return back(context, {
    code,
    scope: scopes.join(" "),
    authuser: "0",
    hd: person.hosted_domain,
    prompt: silently ? "none" : "consent",
  }, sessionCookie("google", person.email));
}

/**
 * @param {Context} context
 * @param {Record<string, string | undefined>} answer
 * @param {Record<string, string>} [headers]
 */
function back({ emulator, request }, answer, headers) {
  const query = request.url.searchParams;
  const own = { state: query.get("state") ?? undefined, iss: emulator.issuers.google };
  const location = withParameters(query.get("redirect_uri") ?? "", { ...own, ...answer });
  return redirect(location, headers);
}
