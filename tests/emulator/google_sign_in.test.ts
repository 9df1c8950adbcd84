/** Google's sign-in: what is granted, and everything that is refused as the real one refuses it. */
import { deepEqual, equal, match, notEqual, ok } from "node:assert/strict";
import { createPublicKey, verify } from "node:crypto";
import {
  authorizationUrl,
  claimsOf,
  connect,
  consent,
  GOOGLE_CALENDAR,
  newVerifier,
  post,
  read,
  redirectUri,
  refresh,
  setting,
  withEmulator,
} from "./support.ts";

const PERSON = "demo.person@gmail.example";
const WORKER = "demo.person@acme.example";
const EMAIL_SCOPE = "https://www.googleapis.com/auth/userinfo.email";

Deno.test("the callback carries code, state, issuer and scope", () =>
  withEmulator(async (emulator) => {
    const { callback } = await consent(emulator, "google", WORKER);
    equal(callback.origin + callback.pathname, redirectUri("google"));
    const answer = Object.fromEntries(callback.searchParams);
    match(answer.code ?? "", /^emulated-google-code-/);
    deepEqual({ ...answer, code: "" }, {
      state: "a state",
      iss: setting(emulator, "google", "ISSUER"),
      code: "",
      scope: `openid ${EMAIL_SCOPE} ${GOOGLE_CALENDAR}`,
      authuser: "0",
      hd: "acme.example",
      prompt: "consent",
    });
  }));

Deno.test("a code gives an access token, a refresh token and an id_token", () =>
  withEmulator(async (emulator) => {
    const { tokens } = await connect(emulator, "google", WORKER);
    equal(tokens.token_type, "Bearer");
    equal(tokens.expires_in, 3599);
    equal(tokens.scope, `openid ${EMAIL_SCOPE} ${GOOGLE_CALENDAR}`);
    equal(String(tokens.access_token).length, 220);
    equal(String(tokens.refresh_token).length, 103);
    equal(tokens.refresh_token_expires_in, undefined);
    const claims = claimsOf(tokens.id_token);
    equal(claims.iss, setting(emulator, "google", "ISSUER"));
    equal(claims.aud, setting(emulator, "google", "CLIENT_ID"));
    equal(claims.hd, "acme.example");
    equal(claims.email, WORKER);
    match(String(claims.sub), /^\d{21}$/);
    equal(Number(claims.exp) - Number(claims.iat), 3600);
  }));

Deno.test("a personal account has no hosted domain, and without openid there is no id_token", () =>
  withEmulator(async (emulator) => {
    const { tokens } = await connect(emulator, "google", PERSON);
    equal("hd" in claimsOf(tokens.id_token), false);
    const bare = await connect(emulator, "google", PERSON, { scope: GOOGLE_CALENDAR });
    equal(bare.tokens.id_token, undefined);
    equal(bare.tokens.scope, GOOGLE_CALENDAR);
  }));

Deno.test("the id_token's signature is that of the published key", () =>
  withEmulator(async (emulator) => {
    const discovery = `${emulator.url}/google/.well-known/openid-configuration`;
    const { jwks_uri, issuer } = await (await fetch(discovery)).json();
    equal(issuer, setting(emulator, "google", "ISSUER"));
    const { keys: [key] } = await (await fetch(jwks_uri)).json();
    const { tokens } = await connect(emulator, "google", PERSON);
    const [head, body, signature = ""] = String(tokens.id_token).split(".");
    const verified = verify(
      "RSA-SHA256",
      new TextEncoder().encode(`${head}.${body}`),
      createPublicKey({ key, format: "jwk" }),
      Uint8Array.from(
        atob(signature.replaceAll("-", "+").replaceAll("_", "/")),
        (character) => character.charCodeAt(0),
      ),
    );
    ok(verified);
  }));

Deno.test("a refresh answers without a refresh token, and the old one goes on working", () =>
  withEmulator(async (emulator) => {
    const connection = await connect(emulator, "google", PERSON);
    const first = await refresh(emulator, connection);
    equal(first.status, 200);
    equal(first.body.refresh_token, undefined);
    notEqual(first.body.access_token, connection.access);
    equal(claimsOf(first.body.id_token).email, PERSON);
    equal((await refresh(emulator, connection)).status, 200);
  }));

Deno.test("a refresh can ask for less, and not for more", () =>
  withEmulator(async (emulator) => {
    const connection = await connect(emulator, "google", PERSON);
    const less = await refresh(emulator, connection, { scope: GOOGLE_CALENDAR });
    equal(less.body.scope, GOOGLE_CALENDAR);
    const more = await refresh(emulator, connection, {
      scope: "https://www.googleapis.com/auth/calendar",
    });
    deepEqual([more.status, more.body.error], [400, "invalid_scope"]);
  }));

Deno.test("a refresh token comes with offline access and consent only", () =>
  withEmulator(async (emulator) => {
    const online = await connect(emulator, "google", PERSON, { change: { access_type: null } });
    equal(online.tokens.refresh_token, undefined);
    const again = { change: { prompt: "select_account" } };
    equal((await connect(emulator, "google", PERSON, again)).tokens.refresh_token, undefined);
    match((await connect(emulator, "google", PERSON)).refresh, /^emulated-google-refresh-/);
  }));

Deno.test("in testing a refresh token lives for seven days and says so", () =>
  withEmulator(async (emulator) => {
    const client_id = setting(emulator, "google", "CLIENT_ID");
    emulator.control.changeClient({ provider: "google", client_id, publishing: "testing" });
    const connection = await connect(emulator, "google", PERSON);
    equal(connection.tokens.refresh_token_expires_in, 604_799);
    emulator.control.clock({ advance: "6d" });
    equal((await refresh(emulator, connection)).status, 200);
    emulator.control.clock({ advance: "1d" });
    const dead = await refresh(emulator, connection);
    deepEqual([dead.status, dead.body.error], [400, "invalid_grant"]);
  }));

Deno.test("a refresh token that nobody uses for six months is dead", () =>
  withEmulator(async (emulator) => {
    const connection = await connect(emulator, "google", PERSON);
    for (let month = 0; month < 12; month++) {
      emulator.control.clock({ advance: "30d" });
      equal((await refresh(emulator, connection)).status, 200);
    }
    emulator.control.clock({ advance: "183d" });
    equal((await refresh(emulator, connection)).body.error, "invalid_grant");
  }));

Deno.test("the hundred-and-first refresh token of an account ends the oldest", () =>
  withEmulator(async (emulator) => {
    const oldest = await connect(emulator, "google", PERSON);
    const second = await connect(emulator, "google", PERSON);
    for (let more = 0; more < 98; more++) await connect(emulator, "google", PERSON);
    equal((await refresh(emulator, oldest)).status, 200);
    await connect(emulator, "google", PERSON);
    equal((await refresh(emulator, oldest)).body.error, "invalid_grant");
    equal((await refresh(emulator, second)).status, 200);
  }));

Deno.test("unticking the calendar gives a token without its scope", () =>
  withEmulator(async (emulator) => {
    const { tokens } = await connect(emulator, "google", PERSON, { untick: [GOOGLE_CALENDAR] });
    equal(tokens.scope, `openid ${EMAIL_SCOPE}`);
    const { callback } = await consent(emulator, "google", PERSON, {
      scope: GOOGLE_CALENDAR,
      untick: [GOOGLE_CALENDAR],
    });
    equal(callback.searchParams.get("error"), "access_denied");
  }));

const REFUSED_AT_AUTHORIZE: [string, Record<string, string | null>, number, RegExp][] = [
  ["no client", { client_id: null }, 400, /client_id/],
  ["an unknown client", { client_id: "stranger" }, 401, /invalid_client/],
  ["no redirect URI", { redirect_uri: null }, 400, /redirect_uri/],
  [
    "a redirect URI with a slash more",
    { redirect_uri: `${redirectUri("google")}/` },
    400,
    /mismatch/,
  ],
  [
    "a redirect URI with a query more",
    { redirect_uri: `${redirectUri("google")}?a=1` },
    400,
    /mismatch/,
  ],
  [
    "a redirect URI in another case",
    { redirect_uri: redirectUri("google").replace("callback", "Callback") },
    400,
    /redirect_uri_mismatch/,
  ],
  ["no scope", { scope: null }, 400, /scope/],
  ["an invented scope", { scope: "calendar" }, 400, /invalid_scope/],
  ["another response type", { response_type: "token" }, 400, /unsupported_response_type/],
  [
    "no code challenge",
    { code_challenge: null, code_challenge_method: null },
    400,
    /code_challenge/,
  ],
  ["the plain challenge method", { code_challenge_method: "plain" }, 400, /S256/],
  ["a short challenge", { code_challenge: "short" }, 400, /code_challenge/],
];

for (const [what, change, status, says] of REFUSED_AT_AUTHORIZE) {
  Deno.test(`Google shows a page to ${what} and sends nobody anywhere`, () =>
    withEmulator(async (emulator) => {
      const url = authorizationUrl(emulator, "google", newVerifier(), { change });
      const response = await fetch(url, { redirect: "manual" });
      equal(response.status, status);
      match(await response.text(), says);
      const answered = await emulator.control.consent(url.href, { account: PERSON });
      deepEqual([answered.location, answered.status], [null, status]);
    }));
}

Deno.test("a parameter that comes twice is refused", () =>
  withEmulator(async (emulator) => {
    const url = authorizationUrl(emulator, "google", newVerifier());
    url.searchParams.append("state", "another");
    const response = await fetch(url);
    equal(response.status, 400);
    match(await response.text(), /single value/);
  }));

type Form = Record<string, string>;
const REFUSED_EXCHANGES: [string, Form | ((form: Form) => Form), number, string][] = [
  ["an invented code", { code: "invented" }, 400, "invalid_grant"],
  ["another verifier", { code_verifier: newVerifier() }, 400, "invalid_grant"],
  ["no verifier", ({ code_verifier: _, ...form }) => form, 400, "invalid_grant"],
  [
    "another redirect URI",
    { redirect_uri: `${redirectUri("google")}/` },
    400,
    "redirect_uri_mismatch",
  ],
  ["another secret", { client_secret: "guessed" }, 401, "invalid_client"],
  ["no secret", ({ client_secret: _, ...form }) => form, 400, "invalid_request"],
  ["an unknown client", { client_id: "stranger" }, 401, "invalid_client"],
  ["no client", ({ client_id: _, ...form }) => form, 400, "invalid_request"],
  ["another grant type", { grant_type: "password" }, 400, "unsupported_grant_type"],
  ["no grant type", ({ grant_type: _, ...form }) => form, 400, "invalid_request"],
];

for (const [what, change, status, error] of REFUSED_EXCHANGES) {
  Deno.test(`Google refuses an exchange with ${what}`, () =>
    withEmulator(async (emulator) => {
      const { form } = await consent(emulator, "google", PERSON);
      const sent = typeof change === "function" ? change(form) : { ...form, ...change };
      const answer = await post(setting(emulator, "google", "TOKEN_ENDPOINT"), sent);
      deepEqual([answer.status, answer.body.error], [status, error]);
    }));
}

Deno.test("Google takes a code once, for ten minutes, from its own client", () =>
  withEmulator(async (emulator) => {
    const endpoint = setting(emulator, "google", "TOKEN_ENDPOINT");
    const { form } = await consent(emulator, "google", PERSON);
    equal((await post(endpoint, form)).status, 200);
    deepEqual((await post(endpoint, form)).body.error, "invalid_grant");

    const { form: late } = await consent(emulator, "google", PERSON);
    emulator.control.clock({ advance: "10m" });
    equal((await post(endpoint, late)).body.error, "invalid_grant");

    emulator.control.addClient({
      provider: "google",
      client_id: "another-client",
      client_secret: "another-secret-not-a-real-one",
      redirect_uris: [redirectUri("google")],
    });
    const { form: foreign } = await consent(emulator, "google", PERSON);
    const other = {
      client_id: "another-client",
      client_secret: "another-secret-not-a-real-one",
    };
    equal((await post(endpoint, { ...foreign, ...other })).body.error, "unauthorized_client");
  }));

Deno.test("Google takes the client's secret by HTTP Basic, too, and only a form", () =>
  withEmulator(async (emulator) => {
    const endpoint = setting(emulator, "google", "TOKEN_ENDPOINT");
    const { form: { client_id, client_secret, ...form } } = await consent(
      emulator,
      "google",
      PERSON,
    );
    const authorization = `Basic ${btoa(`${client_id}:${client_secret}`)}`;
    const basic = await fetch(endpoint, {
      method: "POST",
      headers: { authorization },
      body: new URLSearchParams(form),
    });
    equal((await read(basic)).status, 200);
    const json = await fetch(endpoint, { method: "POST", body: "{}" });
    equal((await read(json)).body.error, "invalid_request");
  }));

Deno.test("a client that expired, was deleted or disabled is refused in its own words", () =>
  withEmulator(async (emulator) => {
    const connection = await connect(emulator, "google", PERSON);
    const client_id = setting(emulator, "google", "CLIENT_ID");
    for (
      const [state, error] of [
        ["secret_expired", "invalid_client"],
        ["deleted", "deleted_client"],
        ["disabled", "disabled_client"],
      ] as const
    ) {
      emulator.control.changeClient({ provider: "google", client_id, state });
      const answer = await refresh(emulator, connection);
      deepEqual([answer.status, answer.body.error], [401, error]);
    }
    emulator.control.changeClient({ provider: "google", client_id, state: "active" });
    equal((await refresh(emulator, connection)).status, 200);
  }));

Deno.test("a client may go without PKCE where it is told so, as Google's do", () =>
  withEmulator(async (emulator) => {
    const client_id = setting(emulator, "google", "CLIENT_ID");
    emulator.control.changeClient({ provider: "google", client_id, require_pkce: false });
    const ask = { change: { code_challenge: null, code_challenge_method: null } };
    const { form } = await consent(emulator, "google", PERSON, ask);
    const { code_verifier: _, ...without } = form;
    const endpoint = setting(emulator, "google", "TOKEN_ENDPOINT");
    equal((await post(endpoint, without)).status, 200);
  }));
