// @ts-check
/**
 * Google's token and revocation endpoints.
 * Source: https://developers.google.com/identity/protocols/oauth2/web-server
 */
import { Buffer } from "node:buffer";
import { json } from "../reply.js";
import { TESTING_LIFETIME } from "../grants.js";
import { accessTokenHash, verifierFits } from "../tokens.js";
import { words } from "../sessions.js";
import { googleError } from "./errors.js";

/** @typedef {import("../types.d.ts").Client} Client */
/** @typedef {import("../types.d.ts").Person} Person */
/** @typedef {import("../types.d.ts").Reply} Reply */
/** @typedef {import("../types.d.ts").Token} Token */
/** @typedef {import("../emulator.js").Context} Context */

const ACCESS_LIFETIME = 3599;

/** Which answer a dead refresh token gets, by why it is dead. */
/** @type {Record<string, string>} */
const DEAD = {
  sign_in_again: "invalid_rapt",
  admin_block: "admin_policy_enforced",
};

/**
 * @param {Context} context
 * @returns {Promise<Reply> | Reply}
 */
export function token(context) {
  const { form } = context.request;
  if (!isForm(context)) return googleError("invalid_request");
  const client = authenticated(context);
  if ("refused" in client) return client.refused;
  switch (form.get("grant_type")) {
    case "authorization_code":
      return exchange(context, client);
    case "refresh_token":
      return refresh(context, client);
    case null:
      return googleError("invalid_request");
    default:
      return googleError("unsupported_grant_type");
  }
}

/** @param {Context} context */
function isForm({ request }) {
  return (request.headers["content-type"] ?? "").startsWith("application/x-www-form-urlencoded");
}

/**
 * The client, authenticated in the body or by HTTP Basic.
 * @param {Context} context
 * @returns {Client | { refused: Reply }}
 */
function authenticated({ emulator, request }) {
  const basic = basicCredentials(request.headers.authorization);
  const id = basic?.id ?? request.form.get("client_id");
  const secret = basic?.secret ?? request.form.get("client_secret");
  if (!id) return { refused: googleError("missing_client_id") };
  const client = emulator.world.client("google", id);
  if (!client) return { refused: googleError("unknown_client") };
  if (client.state === "deleted") return { refused: googleError("deleted_client") };
  if (client.state === "disabled") return { refused: googleError("disabled_client") };
  if (!secret) return { refused: googleError("missing_secret") };
  const right = secret === client.client_secret && client.state !== "secret_expired";
  return right ? client : { refused: googleError("wrong_secret") };
}

/**
 * @param {string | undefined} header
 * @returns {{ id: string, secret: string } | undefined}
 */
export function basicCredentials(header) {
  const [, encoded] = /^Basic ([A-Za-z0-9+/=]+)$/i.exec(header ?? "") ?? [];
  if (encoded === undefined) return undefined;
  const [id = "", ...secret] = Buffer.from(encoded, "base64").toString().split(":");
  return { id: decodeURIComponent(id), secret: decodeURIComponent(secret.join(":")) };
}

/**
 * @param {Context} context
 * @param {Client} client
 */
function exchange(context, client) {
  const { emulator, request: { form } } = context;
  const code = emulator.grants.codes.get(form.get("code") ?? "");
  if (!code) return googleError("malformed_code");
  if (code.client !== client.client_id) return googleError("unauthorized_client");
  if (code.used || emulator.clock.now() >= code.expires) return googleError("used_code");
  if (form.get("redirect_uri") !== code.redirect_uri) return googleError("redirect_uri_mismatch");
  if (code.challenge !== null) {
    const verifier = form.get("code_verifier");
    if (!verifier) return googleError("missing_verifier");
    if (!verifierFits(verifier, code.challenge, code.challenge_method)) {
      return googleError("wrong_verifier");
    }
  }
  code.used = true;
  const person = living(context, code.person);
  if ("refused" in person) return person.refused;
  if (code.consent.ended !== undefined) return googleError("invalid_grant");
  return issue(context, client, person, code.consent, code.scopes, {
    refresh: code.refresh,
    nonce: code.nonce,
  });
}

/**
 * @param {Context} context
 * @param {Client} client
 */
function refresh(context, client) {
  const { emulator, request: { form } } = context;
  const held = emulator.grants.tokens.get(form.get("refresh_token") ?? "");
  if (!held || held.kind !== "refresh") return googleError("invalid_grant");
  if (held.client !== client.client_id) return googleError("unauthorized_client");
  const person = living(context, held.person);
  if ("refused" in person) return person.refused;
  const dead = emulator.grants.deadBecause(held);
  if (dead !== undefined) return googleError(DEAD[dead] ?? "invalid_grant");
  const asked = words(form.get("scope"));
  if (asked.some((scope) => !held.scopes.includes(scope))) return googleError("invalid_scope");
  held.used = emulator.clock.now();
  const scopes = asked.length > 0 ? asked : held.scopes;
  // Google does not rotate refresh tokens, so the answer has none.
  return issue(context, client, person, held.consent, scopes, { refresh: false, nonce: null });
}

/**
 * The person, if Google still lets them in.
 * @param {Context} context
 * @param {string} email
 * @returns {Person | { refused: Reply }}
 */
function living({ emulator }, email) {
  const person = emulator.world.people.get(email.toLowerCase());
  if (!person || person.state === "deleted") return { refused: googleError("account_deleted") };
  if (person.state === "disabled") return { refused: googleError("account_disabled") };
  if (person.state === "blocked_by_admin") return { refused: googleError("admin_policy_enforced") };
  return person;
}

/**
 * @param {Context} context
 * @param {Client} client
 * @param {Person} person
 * @param {import("../types.d.ts").Consent} consent
 * @param {string[]} granted
 * @param {{ refresh: boolean, nonce: string | null }} more
 */
async function issue(context, client, person, consent, granted, { refresh, nonce }) {
  const { emulator, effect } = context;
  const { grants, signer } = emulator;
  const scopes = granted.filter((scope) => effect.scopes?.includes(scope) ?? true);
  const access = grants.newAccessToken(client, person.email, consent, scopes, ACCESS_LIFETIME);
  const testing = client.publishing === "testing";
  const renewed = refresh
    ? grants.newRefreshToken(
      client,
      person.email,
      consent,
      scopes,
      testing ? TESTING_LIFETIME : undefined,
    )
    : undefined;
  const claims = idClaims(emulator, client, person, scopes, access.value, nonce);
  return json(200, {
    access_token: access.value,
    expires_in: ACCESS_LIFETIME,
    ...(renewed ? { refresh_token: renewed.value } : {}),
    scope: scopes.join(" "),
    token_type: "Bearer",
    ...(scopes.includes("openid") ? { id_token: await signer.sign(claims) } : {}),
    ...(renewed && testing ? { refresh_token_expires_in: TESTING_LIFETIME / 1000 } : {}),
  });
}

/**
 * @param {import("../emulator.js").Emulator} emulator
 * @param {Client} client
 * @param {Person} person
 * @param {string[]} scopes
 * @param {string} accessToken
 * @param {string | null} nonce
 */
function idClaims(emulator, client, person, scopes, accessToken, nonce) {
  const now = Math.floor(emulator.clock.now() / 1000);
  /** @param {string} name */
  const has = (name) => scopes.includes(`https://www.googleapis.com/auth/userinfo.${name}`);
  return {
    iss: emulator.issuers.google,
    azp: client.client_id,
    aud: client.client_id,
    sub: person.id,
    ...(person.hosted_domain === undefined ? {} : { hd: person.hosted_domain }),
    ...(has("email") ? { email: person.email, email_verified: true } : {}),
    at_hash: accessTokenHash(accessToken),
    ...(nonce === null ? {} : { nonce }),
    ...(has("profile") ? { name: person.name } : {}),
    iat: now,
    exp: now + 3600,
  };
}

/**
 * Revocation. One token ends everything that this person has allowed the whole Google project:
 * https://developers.google.com/identity/protocols/oauth2/web-server#tokenrevoke
 * @param {Context} context
 */
export function revoke({ emulator, request }) {
  const value = request.form.get("token") ?? request.url.searchParams.get("token");
  if (!value) return googleError("invalid_request");
  const held = emulator.grants.tokens.get(value);
  if (!held || held.consent.provider !== "google") return googleError("invalid_token");
  if (emulator.grants.deadBecause(held) !== undefined) return googleError("invalid_token");
  const { app, person } = held.consent;
  emulator.grants.end(
    (each) => each.provider === "google" && each.app === app && each.person === person,
    "revoked",
  );
  return json(200, {});
}
