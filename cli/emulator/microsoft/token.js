// @ts-check
/**
 * Microsoft's token endpoint, v2.0.
 * Source: https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow and, for what
 * becomes of refresh tokens, https://learn.microsoft.com/entra/identity-platform/refresh-tokens
 */
import { createHash } from "node:crypto";
import { basicCredentials } from "../google/token.js";
import { json } from "../reply.js";
import { words } from "../sessions.js";
import { verifierFits } from "../tokens.js";
import { PERSONAL_TENANT } from "../world.js";
import { longScope } from "./authorize.js";
import { entraError } from "./errors.js";
import { audienceProblem, pathTenant } from "./tenants.js";

/** @typedef {import("../types.d.ts").Client} Client */
/** @typedef {import("../types.d.ts").Consent} Consent */
/** @typedef {import("../types.d.ts").Person} Person */
/** @typedef {import("../types.d.ts").Reply} Reply */
/** @typedef {import("../emulator.js").Context} Context */

/** Which of Entra's errors a dead refresh token gets, by why it is dead. */
/** @type {Record<string, number>} */
const DEAD = {
  revoked: 50173,
  password_changed: 50173,
  consent_removed: 65001,
  idle: 700082,
  expired: 70008,
  sign_in_again: 50076,
  admin_block: 53003,
};

/**
 * @param {Context} context
 * @returns {Promise<Reply> | Reply}
 */
export function token(context) {
  const { emulator, request: { form, headers }, parameter } = context;
  const tenant = pathTenant(emulator.world, parameter);
  if (tenant === undefined) return refuse(context, 90002);
  if (!(headers["content-type"] ?? "").startsWith("application/x-www-form-urlencoded")) {
    return refuse(context, 900144, { value: "grant_type" });
  }
  const client = authenticated(context, tenant);
  if ("refused" in client) return client.refused;
  switch (form.get("grant_type")) {
    case "authorization_code":
      return exchange(context, client, tenant);
    case "refresh_token":
      return refresh(context, client, tenant);
    case null:
      return refuse(context, 900144, { value: "grant_type" });
    default:
      return refuse(context, 70003);
  }
}

/**
 * @param {Context} context
 * @param {number} code
 * @param {import("./errors.js").Words} [named]
 */
function refuse({ emulator, request, parameter }, code, named = {}) {
  const client = request.form.get("client_id") ?? "";
  const world = { random: emulator.random, now: emulator.clock.now() };
  return entraError(code, world, { client, tenant: parameter, ...named });
}

/**
 * @param {Context} context
 * @param {string} tenant
 * @returns {Client | { refused: Reply }}
 */
function authenticated(context, tenant) {
  const { emulator, request } = context;
  const basic = basicCredentials(request.headers.authorization);
  const id = basic?.id ?? request.form.get("client_id");
  const secret = basic?.secret ?? request.form.get("client_secret");
  if (!id) return { refused: refuse(context, 900144, { value: "client_id" }) };
  const client = emulator.world.client("microsoft", id);
  if (!client || client.state === "deleted") return { refused: refuse(context, 700016) };
  if (client.state === "disabled") return { refused: refuse(context, 7000112) };
  const audience = audienceProblem(client, tenant);
  if (audience !== undefined) return { refused: refuse(context, audience) };
  if (!secret) return { refused: refuse(context, 7000218) };
  if (secret !== client.client_secret) return { refused: refuse(context, 7000215) };
  if (client.state === "secret_expired") return { refused: refuse(context, 7000222) };
  // This header shows that a browser sent the request, and a browser must never hold a client secret.
  if (request.headers.origin !== undefined) return { refused: refuse(context, 9002326) };
  return client;
}

/**
 * @param {Context} context
 * @param {Client} client
 * @param {string} tenant
 */
function exchange(context, client, tenant) {
  const { emulator, request: { form } } = context;
  if (!form.get("code")) return refuse(context, 900144, { value: "code" });
  const code = emulator.grants.codes.get(form.get("code") ?? "");
  if (!code || code.client !== client.client_id) return refuse(context, 9002313);
  if (code.used) return refuse(context, 54005);
  if (emulator.clock.now() >= code.expires) return refuse(context, 70008);
  if (code.path_tenant !== tenant) return refuse(context, 700005);
  if (form.get("redirect_uri") !== code.redirect_uri) return refuse(context, 500112);
  if (code.challenge !== null) {
    const verifier = form.get("code_verifier") ?? "";
    if (!verifierFits(verifier, code.challenge, code.challenge_method)) {
      return refuse(context, 501481);
    }
  }
  code.used = true;
  const person = living(context, code.person);
  if ("refused" in person) return person.refused;
  if (code.consent.ended !== undefined) return refuse(context, 65001);
  return issue(context, client, person, code.consent, code.scopes, code.nonce);
}

/**
 * @param {Context} context
 * @param {Client} client
 * @param {string} tenant
 */
function refresh(context, client, tenant) {
  const { emulator, request: { form } } = context;
  const value = form.get("refresh_token");
  if (!value) return refuse(context, 900144, { value: "refresh_token" });
  const held = emulator.grants.tokens.get(value);
  if (!held || held.kind !== "refresh" || held.client !== client.client_id) {
    return refuse(context, 9002313);
  }
  const person = living(context, held.person);
  if ("refused" in person) return person.refused;
  const personal = person.tenant === PERSONAL_TENANT;
  if (tenant === "organizations" ? personal : tenant === "consumers" && !personal) {
    return refuse(context, 700005);
  }
  const dead = emulator.grants.deadBecause(held);
  if (dead !== undefined) return refuse(context, personal ? 70000 : DEAD[dead] ?? 50173);
  const asked = words(form.get("scope")).map(longScope);
  if (asked.some((scope) => !held.consent.scopes.includes(scope))) return refuse(context, 65001);
  // Microsoft does not revoke the refresh token that was used.
  const scopes = asked.length > 0 ? [...new Set([...asked, "offline_access"])] : held.scopes;
  return issue(context, client, person, held.consent, scopes, null);
}

/**
 * @param {Context} context
 * @param {string} email
 * @returns {Person | { refused: Reply }}
 */
function living(context, email) {
  const { world } = context.emulator;
  const person = world.people.get(email.toLowerCase());
  if (!person || person.state === "deleted") return { refused: refuse(context, 50034) };
  if (person.state === "disabled") return { refused: refuse(context, 50057) };
  return person.state === "blocked_by_admin" ? { refused: refuse(context, 53003) } : person;
}

/**
 * @param {Context} context
 * @param {Client} client
 * @param {Person} person
 * @param {Consent} consent
 * @param {string[]} granted
 * @param {string | null} nonce
 */
async function issue(context, client, person, consent, granted, nonce) {
  const { emulator, effect } = context;
  const { grants, random, signer } = emulator;
  const scopes = granted
    .filter((scope) => effect.scopes?.map(longScope).includes(scope) ?? true);
  // A random lifetime between 60 and 90 minutes: https://learn.microsoft.com/entra/identity-platform/access-tokens
  const seconds = random.between(3600, 5399);
  const access = grants.newAccessToken(client, person.email, consent, scopes, seconds);
  const renewed = scopes.includes("offline_access")
    ? grants.newRefreshToken(client, person.email, consent, scopes)
    : undefined;
  return json(200, {
    token_type: "Bearer",
    scope: named(context, person, scopes),
    expires_in: seconds,
    ext_expires_in: seconds,
    access_token: access.value,
    ...(renewed ? { refresh_token: renewed.value } : {}),
    ...(scopes.includes("openid")
      ? { id_token: await signer.sign(idClaims(context, client, person, scopes, nonce)) }
      : {}),
  });
}

/**
 * The scopes as Microsoft names them: without `offline_access`, with whatever else the app holds in
 * that tenant, and for personal accounts in the short form.
 * @param {Context} context
 * @param {Person} person
 * @param {string[]} scopes
 */
function named({ emulator }, person, scopes) {
  const extra = emulator.world.tenant(person.tenant ?? "")?.extra_scopes ?? [];
  const all = [...new Set([...scopes, ...extra.map(longScope)])]
    .filter((scope) => scope !== "offline_access");
  const short = person.tenant === PERSONAL_TENANT;
  return all.map((scope) => short ? scope.replace("https://graph.microsoft.com/", "") : scope)
    .join(" ");
}

/**
 * Source: https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference
 * @param {Context} context
 * @param {Client} client
 * @param {Person} person
 * @param {string[]} scopes
 * @param {string | null} nonce
 */
function idClaims({ emulator }, client, person, scopes, nonce) {
  const now = Math.floor(emulator.clock.now() / 1000);
  const profile = scopes.includes("profile");
  const sub = createHash("sha256").update(`${client.client_id} ${person.id}`).digest("base64url");
  return {
    ver: "2.0",
    iss: emulator.issuers.microsoft.replace("{tenant}", person.tenant ?? ""),
    sub,
    aud: client.client_id,
    iat: now,
    nbf: now,
    exp: now + 3600,
    tid: person.tenant,
    ...(profile ? { name: person.name, preferred_username: person.email, oid: person.id } : {}),
    ...(scopes.includes("email") ? { email: person.email } : {}),
    ...(nonce === null ? {} : { nonce }),
  };
}
