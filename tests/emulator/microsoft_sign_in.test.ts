/** Microsoft's sign-in: what is granted, and everything that is refused as the real one refuses it. */
import { deepEqual, equal, match, notEqual } from "node:assert/strict";
import {
  authorizationUrl,
  claimsOf,
  connect,
  consent,
  GRAPH_CALENDAR,
  newVerifier,
  post,
  redirectUri,
  refresh,
  type RunningEmulator,
  SCOPES,
  setting,
  withEmulator,
} from "./support.ts";

const PERSON = "demo.person@outlook.example";
const WORKER = "demo.person@contoso.example";
const PERSONAL_TENANT = "9188040d-6c67-4c5b-b112-36a304b66dad";
const CRLF = /^AADSTS\d+: [^\r\n]+\r\nTrace ID: \S+\r\nCorrelation ID: \S+\r\nTimestamp: \S+ \S+Z$/;

Deno.test("a work account gets tokens, and an id_token of its tenant", () =>
  withEmulator(async (emulator) => {
    const { tokens } = await connect(emulator, "microsoft", WORKER);
    equal(tokens.token_type, "Bearer");
    equal(tokens.scope, `openid profile email ${GRAPH_CALENDAR}`);
    equal(String(tokens.access_token).length, 2400);
    equal(String(tokens.refresh_token).length, 1300);
    equal(Number(tokens.expires_in) >= 3600 && Number(tokens.expires_in) < 5400, true);
    const claims = claimsOf(tokens.id_token);
    const { id } = emulator.control.state().tenants[0] ?? { id: "" };
    equal(claims.tid, id);
    equal(claims.iss, `${emulator.url}/microsoft/${id}/v2.0`);
    equal(claims.aud, setting(emulator, "microsoft", "CLIENT_ID"));
    equal(claims.preferred_username, WORKER);
    match(String(claims.oid), /^[0-9a-f-]{36}$/);
    equal(claims.ver, "2.0");
  }));

Deno.test("a personal account belongs to the tenant of all personal accounts, with short scopes", () =>
  withEmulator(async (emulator) => {
    const { tokens } = await connect(emulator, "microsoft", PERSON);
    equal(tokens.scope, "openid profile email Calendars.Read");
    const claims = claimsOf(tokens.id_token);
    equal(claims.tid, PERSONAL_TENANT);
    match(String(claims.oid), /^00000000-0000-0000-/);
  }));

Deno.test("without profile there is no oid, and without offline_access no refresh token", () =>
  withEmulator(async (emulator) => {
    const { tokens } = await connect(emulator, "microsoft", PERSON, {
      scope: `openid ${GRAPH_CALENDAR}`,
    });
    equal(claimsOf(tokens.id_token).oid, undefined);
    equal(tokens.refresh_token, undefined);
  }));

Deno.test("a tenant where the app holds more says so in every answer", () =>
  withEmulator(async (emulator) => {
    const extra_scopes = Array.from({ length: 40 }, (_, index) => `Mail.Folder${index}.Read`);
    emulator.control.addTenant({ domain: "contoso.example", extra_scopes });
    const { tokens } = await connect(emulator, "microsoft", WORKER);
    equal(String(tokens.scope).split(" ").length, 44);
  }));

Deno.test("each refresh brings a new refresh token, and the old one stays valid", () =>
  withEmulator(async (emulator) => {
    const connection = await connect(emulator, "microsoft", PERSON);
    const first = await refresh(emulator, connection);
    notEqual(first.body.refresh_token, connection.refresh);
    match(String(first.body.refresh_token), /^emulated-microsoft-refresh-/);
    const again = await refresh(emulator, connection);
    equal(again.status, 200);
    const second = await refresh(emulator, {
      provider: "microsoft",
      refresh: String(first.body.refresh_token),
    });
    equal(second.status, 200);
  }));

Deno.test("a refresh token that is not used for 90 days is dead; one that is lives on", () =>
  withEmulator(async (emulator) => {
    const worker = await connect(emulator, "microsoft", WORKER);
    let newest = worker;
    for (let month = 0; month < 5; month++) {
      emulator.control.clock({ advance: "60d" });
      const { status, body } = await refresh(emulator, newest);
      equal(status, 200);
      newest = { ...newest, refresh: String(body.refresh_token) };
    }
    const old = await refresh(emulator, worker);
    deepEqual([old.status, old.body.error, old.body.error_codes], [400, "invalid_grant", [700082]]);
    equal(old.body.suberror, "token_expired");
  }));

const REFUSED_WITH_A_PAGE: [string, Record<string, string | null>, RegExp][] = [
  ["no client", { client_id: null }, /AADSTS900144/],
  ["an unknown client", { client_id: "stranger" }, /AADSTS700016/],
  ["a slash more", { redirect_uri: `${redirectUri("microsoft")}/` }, /AADSTS50011/],
  ["a query more", { redirect_uri: `${redirectUri("microsoft")}?a=1` }, /AADSTS50011/],
];

for (const [what, change, says] of REFUSED_WITH_A_PAGE) {
  Deno.test(`Microsoft shows a page to a request with ${what}`, () =>
    withEmulator(async (emulator) => {
      const url = authorizationUrl(emulator, "microsoft", newVerifier(), { change });
      const response = await fetch(url, { redirect: "manual" });
      equal(response.status, 400);
      match(await response.text(), says);
    }));
}

const REFUSED_WITH_A_REDIRECT: [string, Record<string, string | null>, string][] = [
  ["another response type", { response_type: "token" }, "unsupported_response_type"],
  ["no scope", { scope: null }, "invalid_request"],
  ["an odd scope", { scope: "https://evil.example/.default" }, "invalid_scope"],
  ["no code challenge", { code_challenge: null, code_challenge_method: null }, "invalid_request"],
  ["the plain method", { code_challenge_method: "plain" }, "invalid_request"],
];

for (const [what, change, error] of REFUSED_WITH_A_REDIRECT) {
  Deno.test(`Microsoft sends a request with ${what} back with an error`, () =>
    withEmulator(async (emulator) => {
      const url = authorizationUrl(emulator, "microsoft", newVerifier(), { change });
      const response = await fetch(url, { redirect: "manual" });
      await response.body?.cancel();
      const back = new URL(response.headers.get("location") ?? "");
      equal(back.origin + back.pathname, redirectUri("microsoft"));
      deepEqual([back.searchParams.get("error"), back.searchParams.get("state")], [
        error,
        "a state",
      ]);
    }));
}

Deno.test("a person who declines comes back with a text that holds CR and LF", () =>
  withEmulator(async (emulator) => {
    const url = authorizationUrl(emulator, "microsoft", newVerifier());
    const declined = await emulator.control.consent(url.href, {
      account: PERSON,
      decision: "deny",
    });
    const query = new URL(declined.location ?? "").searchParams;
    equal(query.get("error"), "access_denied");
    match(query.get("error_description") ?? "", CRLF);
    match(query.get("error_description") ?? "", /^AADSTS65004/);
    equal(query.get("state"), "a state");
    const left = await emulator.control.consent(url.href, { account: PERSON, decision: "cancel" });
    equal(new URL(left.location ?? "").searchParams.get("error_subcode"), "cancel");
  }));

Deno.test("where only administrators may consent, nobody else can", () =>
  withEmulator(async (emulator) => {
    emulator.control.addTenant({ domain: "contoso.example", user_consent: false });
    const url = authorizationUrl(emulator, "microsoft", newVerifier(), {
      change: { login_hint: WORKER, prompt: null },
    });
    match(await (await fetch(url)).text(), /Need admin approval/);
    const { location } = await emulator.control.consent(url.href, { account: WORKER });
    const query = new URL(location ?? "").searchParams;
    deepEqual(
      [query.get("error"), query.get("error_description")?.slice(0, 12)],
      ["access_denied", "AADSTS90094:"],
    );
  }));

Deno.test("the answer can come in the fragment or by a posted form", () =>
  withEmulator(async (emulator) => {
    const ask = (response_mode: string) =>
      emulator.control.consent(
        authorizationUrl(emulator, "microsoft", newVerifier(), { change: { response_mode } }).href,
        { account: PERSON },
      );
    const fragment = new URL((await ask("fragment")).location ?? "");
    equal(fragment.search, "");
    match(fragment.hash, /code=emulated-microsoft-code-.*&state=a\+state/);
    const posted = await ask("form_post");
    equal(posted.location, null);
    match(posted.page, /<form method="post" action="[^"]+\/callback\/outlook">/);
    match(posted.page, /name="code" value="emulated-microsoft-code-/);
  }));

type Form = Record<string, string>;
const REFUSED_EXCHANGES: [string, Form | ((form: Form) => Form), number, string, number][] = [
  ["an invented code", { code: "invented" }, 400, "invalid_grant", 9002313],
  ["no code", ({ code: _, ...form }) => form, 400, "invalid_request", 900144],
  ["another verifier", { code_verifier: newVerifier() }, 400, "invalid_grant", 501481],
  ["no verifier", ({ code_verifier: _, ...form }) => form, 400, "invalid_grant", 501481],
  ["another redirect URI", { redirect_uri: "http://127.0.0.1:9/" }, 400, "invalid_grant", 500112],
  ["another secret", { client_secret: "guessed" }, 401, "invalid_client", 7000215],
  ["no secret", ({ client_secret: _, ...form }) => form, 401, "invalid_client", 7000218],
  ["an unknown client", { client_id: "stranger" }, 400, "unauthorized_client", 700016],
  ["no client", ({ client_id: _, ...form }) => form, 400, "invalid_request", 900144],
  ["another grant type", { grant_type: "password" }, 400, "unsupported_grant_type", 70003],
  ["no grant type", ({ grant_type: _, ...form }) => form, 400, "invalid_request", 900144],
];

for (const [what, change, status, error, code] of REFUSED_EXCHANGES) {
  Deno.test(`Microsoft refuses an exchange with ${what}`, () =>
    withEmulator(async (emulator) => {
      const { form } = await consent(emulator, "microsoft", PERSON);
      const sent = typeof change === "function" ? change(form) : { ...form, ...change };
      const { status: seen, body } = await post(
        setting(emulator, "microsoft", "TOKEN_ENDPOINT"),
        sent,
      );
      deepEqual([seen, body.error, body.error_codes], [status, error, [code]]);
      match(String(body.error_description), CRLF);
      match(String(body.trace_id), /^[0-9a-f-]{36}$/);
      match(String(body.correlation_id), /^[0-9a-f-]{36}$/);
      match(String(body.timestamp), /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ$/);
    }));
}

Deno.test("Microsoft takes a code once, for ten minutes, at the tenant that gave it", () =>
  withEmulator(async (emulator) => {
    const endpoint = setting(emulator, "microsoft", "TOKEN_ENDPOINT");
    const { form } = await consent(emulator, "microsoft", WORKER);
    equal((await post(endpoint, form)).status, 200);
    deepEqual((await post(endpoint, form)).body.error_codes, [54005]);
    const { form: late } = await consent(emulator, "microsoft", WORKER);
    emulator.control.clock({ advance: "10m" });
    deepEqual((await post(endpoint, late)).body.error_codes, [70008]);
    const { form: astray } = await consent(emulator, "microsoft", WORKER);
    const elsewhere = endpoint.replace("common", "organizations");
    deepEqual((await post(elsewhere, astray)).body.error_codes, [700005]);
    const nowhere = endpoint.replace("common", "unknown.example");
    deepEqual((await post(nowhere, astray)).body.error_codes, [90002]);
  }));

Deno.test("a browser that redeems with a secret is refused", () =>
  withEmulator(async (emulator) => {
    const { form } = await consent(emulator, "microsoft", PERSON);
    const response = await fetch(setting(emulator, "microsoft", "TOKEN_ENDPOINT"), {
      method: "POST",
      headers: { origin: "https://app.example" },
      body: new URLSearchParams(form),
    });
    deepEqual((await response.json()).error_codes, [9002326]);
  }));

Deno.test("each path admits its accounts, and each application its audience", () =>
  withEmulator(async (emulator) => {
    const offered = async (path: string) => {
      const url = authorizationUrl(emulator, "microsoft", newVerifier());
      const page = await (await fetch(url.href.replace("/common/", `/${path}/`))).text();
      const accounts = [...page.matchAll(/name="account" value="([^"]+)"/g)].map(([, each]) =>
        each
      );
      return accounts.length > 0 ? accounts : /AADSTS\d+/.exec(page)?.[0];
    };
    const personal = [PERSON, "grace@outlook.example"];
    const work = [WORKER, "nothing.planned@contoso.example"];
    deepEqual(await offered("consumers"), personal);
    deepEqual(await offered("organizations"), work);
    deepEqual(await offered("contoso.example"), work);
    deepEqual(await offered("common"), [...personal.slice(0, 1), work[0], personal[1], work[1]]);

    const client_id = setting(emulator, "microsoft", "CLIENT_ID");
    const change = (audience: string) =>
      emulator.control.changeClient({ provider: "microsoft", client_id, audience });
    change("organizations");
    deepEqual(await offered("common"), work);
    equal(await offered("consumers"), "AADSTS9002332");
    change("personal");
    deepEqual(await offered("consumers"), personal);
    equal(await offered("common"), "AADSTS9002331");
    change("contoso.example");
    equal(await offered("common"), "AADSTS50194");
    deepEqual(await offered("contoso.example"), work);
  }));

// --- how grants end ------------------------------------------------------------------------------

async function codesAfter(emulator: RunningEmulator, account: string, reason: string) {
  const connection = await connect(emulator, "microsoft", account);
  emulator.control.endGrants({ person: account, reason });
  const { status, body } = await refresh(emulator, connection);
  return [status, body.error, body.suberror, body.error_codes];
}

Deno.test("each end of a grant has its own answer", () =>
  withEmulator(async (emulator) => {
    const after = (reason: string) => codesAfter(emulator, WORKER, reason);
    deepEqual(await after("revoked"), [400, "invalid_grant", "bad_token", [50173]]);
    deepEqual(await after("consent_removed"), [400, "invalid_grant", "consent_required", [65001]]);
    deepEqual(await after("sign_in_again"), [400, "interaction_required", "basic_action", [50076]]);
    deepEqual(await after("admin_block"), [400, "interaction_required", "message_only", [53003]]);
    deepEqual(await codesAfter(emulator, PERSON, "revoked"), [
      400,
      "invalid_grant",
      undefined,
      [70000],
    ]);
  }));

Deno.test("a client whose secret has expired, or that is gone, is refused in its own words", () =>
  withEmulator(async (emulator) => {
    const connection = await connect(emulator, "microsoft", WORKER);
    const client_id = setting(emulator, "microsoft", "CLIENT_ID");
    for (
      const [state, status, error, code] of [
        ["secret_expired", 401, "invalid_client", 7000222],
        ["deleted", 400, "unauthorized_client", 700016],
        ["disabled", 400, "unauthorized_client", 7000112],
      ] as const
    ) {
      emulator.control.changeClient({ provider: "microsoft", client_id, state });
      const answer = await refresh(emulator, connection);
      deepEqual([answer.status, answer.body.error, answer.body.error_codes], [status, error, [
        code,
      ]]);
    }
  }));

Deno.test("a refresh can ask for what was consented to, and for nothing more", () =>
  withEmulator(async (emulator) => {
    const connection = await connect(emulator, "microsoft", WORKER);
    equal((await refresh(emulator, connection, { scope: SCOPES.microsoft })).status, 200);
    const more = await refresh(emulator, connection, { scope: "Mail.Read" });
    deepEqual([more.body.error, more.body.suberror], ["invalid_grant", "consent_required"]);
  }));
