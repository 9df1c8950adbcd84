// @ts-check
/**
 * Microsoft's authorization endpoint, v2.0.
 * Source: https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow
 */
import { consentPage, errorPage, inWords } from "../consent.js";
import { escapeHtml, html, redirect, withParameters } from "../reply.js";
import { accountOf, sessionCookie, words } from "../sessions.js";
import { PKCE_SHAPE } from "../tokens.js";
import { entraErrorName, entraText, ids } from "./errors.js";
import { admitted, audienceProblem, pathTenant } from "./tenants.js";

/** @typedef {import("../types.d.ts").Client} Client */
/** @typedef {import("../types.d.ts").Person} Person */
/** @typedef {import("../types.d.ts").Reply} Reply */
/** @typedef {import("../emulator.js").Context} Context */

const GRAPH = "https://graph.microsoft.com/";
const OIDC = ["openid", "profile", "email", "offline_access"];

/**
 * A scope in its long form, in which scopes are compared.
 * @param {string} scope
 */
export function longScope(scope) {
  const lower = scope.toLowerCase();
  if (OIDC.includes(lower)) return lower;
  return lower.startsWith(GRAPH) ? GRAPH + scope.slice(GRAPH.length) : GRAPH + scope;
}

/** @param {Context} context */
export function authorize(context) {
  const { emulator, request } = context;
  const query = request.url.searchParams;
  const checked = check(context);
  if ("refused" in checked) return checked.refused;
  const { client, tenant, scopes } = checked;
  const people = admitted(emulator.world, client, tenant);
  if (request.method === "POST") return decide(context, client, tenant, scopes, people);

  const prompt = query.get("prompt");
  const { hinted, signedIn } = accountOf("microsoft", request, people);
  const account = hinted ?? signedIn;
  const consent = account && emulator.grants.consent(client, account.email);
  const consented = consent !== undefined &&
    scopes.every((scope) => consent.scopes.includes(scope));
  if (prompt === "none") {
    if (signedIn && consented) return sendCode(context, client, tenant, signedIn, scopes);
    return refuse(context, signedIn ? 65001 : 50058, signedIn ? "consent_required" : undefined);
  }
  const asks = prompt === "consent" || prompt === "login" || prompt === "select_account";
  if (account && consented && !asks) return sendCode(context, client, tenant, account, scopes);
  const choosing = prompt === "select_account" || !account;
  const offered = choosing ? people : [account];
  const barred = offered.length > 0 && offered.every((person) => needsAdmin(context, person));
  return consentPage({
    title: "Microsoft",
    action: request.url.pathname + request.url.search,
    client,
    people: offered,
    chosen: account,
    // Microsoft offers no choice of single scopes.
    wishes: scopes.map((scope) => ({ scope, words: inWords(scope), box: false })),
    ...(barred ? { notice: "Need admin approval: only an administrator can allow this app." } : {}),
  });
}

/**
 * @param {Context} context
 * @param {Person} person
 */
function needsAdmin({ emulator }, person) {
  const tenant = emulator.world.tenant(person.tenant ?? "");
  return person.state === "blocked_by_admin" || tenant?.user_consent === false;
}

/**
 * @param {Context} context
 * @returns {{ client: Client, tenant: string, scopes: string[] } | { refused: Reply }}
 */
function check(context) {
  const { emulator, request, parameter } = context;
  const query = request.url.searchParams;
  const client_id = query.get("client_id") ?? "";
  const redirect_uri = query.get("redirect_uri") ?? "";
  /**
   * @param {number} code
   * @param {import("./errors.js").Words} [more]
   */
  const page = (code, more = {}) => {
    const named = { client: client_id, tenant: parameter, ...more };
    const text = entraText(code, named, ids(emulator.random), emulator.clock.now());
    return { refused: errorPage("Microsoft", 400, `AADSTS${code}`, text.split("\r\n")[0] ?? "") };
  };
  const tenant = pathTenant(emulator.world, parameter);
  if (tenant === undefined) return page(90002);
  if (client_id === "") return page(900144, { value: "client_id" });
  const client = emulator.world.client("microsoft", client_id);
  if (!client || client.state === "deleted") return page(700016);
  if (client.state === "disabled") return page(7000112);
  if (!client.redirect_uris.includes(redirect_uri)) return page(50011, { value: redirect_uri });
  const audience = audienceProblem(client, tenant);
  if (audience !== undefined) return page(audience);
  if (new Set(query.keys()).size !== [...query.keys()].length) return page(9002313);
  if (query.get("response_type") !== "code") {
    return { refused: back(context, { error: "unsupported_response_type" }) };
  }
  const asked = words(query.get("scope"));
  if (asked.length === 0) {
    return { refused: refuse(context, 900144, undefined, { value: "scope" }) };
  }
  const odd = asked.find((scope) =>
    !/^(https:\/\/graph\.microsoft\.com\/)?[A-Za-z_.]+$/i.test(scope)
  );
  if (odd !== undefined) return { refused: refuse(context, 70011, undefined, { value: odd }) };
  if (!pkceFits(query, client)) {
    return { refused: refuse(context, 900144, undefined, { value: "code_challenge" }) };
  }
  return { client, tenant, scopes: [...new Set(asked.map(longScope))] };
}

/**
 * @param {URLSearchParams} query
 * @param {Client} client
 */
function pkceFits(query, client) {
  const challenge = query.get("code_challenge");
  const method = query.get("code_challenge_method") ?? "plain";
  if (challenge === null) return !client.require_pkce;
  if (!["S256", "plain"].includes(method) || (client.require_pkce && method !== "S256")) {
    return false;
  }
  return PKCE_SHAPE.test(challenge);
}

/**
 * @param {Context} context
 * @param {Client} client
 * @param {string} tenant
 * @param {string[]} scopes
 * @param {Person[]} people
 */
function decide(context, client, tenant, scopes, people) {
  const { form } = context.request;
  const person = people.find(({ email }) => email === form.get("account"));
  const decision = form.get("decision");
  if (person && needsAdmin(context, person)) return refuse(context, 90094);
  // Cancelling the sign-in gives another error than declining the consent.
  if (decision === "cancel") {
    return back(context, { error: "access_denied", error_subcode: "cancel" });
  }
  if (decision !== "allow") return refuse(context, 65004);
  if (!person) return errorPage("Microsoft", 400, "AADSTS50020", "No such account.");
  return sendCode(context, client, tenant, person, scopes);
}

/**
 * @param {Context} context
 * @param {Client} client
 * @param {string} tenant
 * @param {Person} person
 * @param {string[]} asked
 */
function sendCode(context, client, tenant, person, asked) {
  const { emulator, request, effect } = context;
  const query = request.url.searchParams;
  const scopes = asked.filter((scope) => effect.scopes?.map(longScope).includes(scope) ?? true);
  const code = emulator.grants.newCode("microsoft", {
    client: client.client_id,
    person: person.email,
    redirect_uri: query.get("redirect_uri") ?? "",
    challenge: query.get("code_challenge"),
    challenge_method: query.get("code_challenge_method"),
    scopes,
    consent: emulator.grants.allow(client, person.email, scopes),
    refresh: scopes.includes("offline_access"),
    nonce: query.get("nonce"),
    path_tenant: tenant,
  });
  context.account = person;
  const session = emulator.random.uuid();
  return back(
    context,
    { code, session_state: session },
    sessionCookie("microsoft", person.email),
  );
}

/**
 * Sends the browser back with one of Entra's errors, whose texts contain CR and LF.
 * @param {Context} context
 * @param {number} code
 * @param {string} [error]
 * @param {import("./errors.js").Words} [named]
 */
function refuse(context, code, error = entraErrorName(code), named = {}) {
  const { emulator, request, parameter } = context;
  const client = request.url.searchParams.get("client_id") ?? "";
  const text = entraText(
    code,
    { client, tenant: parameter, ...named },
    ids(emulator.random),
    emulator.clock.now(),
  );
  return back(context, {
    error,
    error_description: text,
    error_uri: `https://login.microsoftonline.com/error?code=${code}`,
  });
}

/**
 * @param {Context} context
 * @param {Record<string, string | undefined>} answer
 * @param {Record<string, string>} [headers]
 */
function back({ request }, answer, headers = {}) {
  const query = request.url.searchParams;
  const uri = query.get("redirect_uri") ?? "";
  const parameters = { ...answer, state: query.get("state") ?? undefined };
  if (query.get("response_mode") === "form_post") return posted(uri, parameters, headers);
  const place = query.get("response_mode") === "fragment" ? "fragment" : "query";
  return redirect(withParameters(uri, parameters, place), headers);
}

/**
 * @param {string} uri
 * @param {Record<string, string | undefined>} parameters
 * @param {Record<string, string>} headers
 */
function posted(uri, parameters, headers) {
  const fields = Object.entries(parameters).flatMap(([name, value]) =>
    value === undefined ? [] : [
      `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">`,
    ]
  );
  const form = `<form method="post" action="${escapeHtml(uri)}">${
    fields.join("")
  }<button>Continue</button></form><script>document.forms[0].submit()</script>`;
  const reply = html(200, `<!doctype html><html lang="en"><title>Working…</title>${form}</html>`);
  return { ...reply, headers: { ...reply.headers, ...headers } };
}
