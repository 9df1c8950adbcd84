/** What the doctor finds, one condition each. */
import { deepEqual, equal, match } from "node:assert/strict";
import { CONSOLES } from "../../cli/doctor/clients.ts";
import type { Changes } from "../support/environment.ts";
import {
  about,
  examined,
  GOOD,
  GOOGLE,
  HEALTH,
  health,
  MICROSOFT,
  packageFacts,
  SETTINGS,
  wrongs,
} from "./examination.ts";

const CALLBACK = "https://ref.supabase.co/functions/v1/calendar/callback";
const KEY = "CALENDAR_ENCRYPTION_KEY";
const bytes = (make: (index: number) => number) =>
  btoa(String.fromCharCode(...Array.from({ length: 32 }, (_, index) => make(index))));

Deno.test("a deployment in order has nothing wrong, and is asked exactly this", async () => {
  const examination = await examined();
  deepEqual(wrongs(examination), []);
  const open = examination.findings.filter(({ verdict }) => verdict === "open");
  deepEqual(open.map((finding) => finding.about), ["database"]);
  equal(about(examination, "version"), "right: 1.2.3 is deployed ()");
  const form = (id = "", secret = "", provider = "") => ({
    grant_type: "authorization_code",
    code: "calendar-connect-doctor-asks-whether-the-client-is-known",
    code_verifier: "calendar-connect-doctor-calendar-connect-doctor",
    redirect_uri: `${CALLBACK}/${provider}`,
    client_id: id,
    client_secret: secret,
  });
  const asked = { headers: [], form: {} };
  deepEqual(examination.requests.sort((a, b) => a.url < b.url ? -1 : 1), [
    { url: SETTINGS, method: "GET", redirect: "manual", ...asked },
    {
      url: MICROSOFT,
      method: "POST",
      redirect: "error",
      headers: [],
      form: form(GOOD.OUTLOOK_CLIENT_ID, GOOD.OUTLOOK_CLIENT_SECRET, "outlook"),
    },
    {
      url: GOOGLE,
      method: "POST",
      redirect: "error",
      headers: [],
      form: form(GOOD.GOOGLE_CLIENT_ID, GOOD.GOOGLE_CLIENT_SECRET, "google"),
    },
    { url: HEALTH, method: "GET", redirect: "manual", ...asked },
  ]);
});

const faults: [string, Changes, string, RegExp][] = [
  ["a missing key", { [KEY]: undefined }, KEY, /is not set \(it must be base64 of exactly 32/],
  ["a short key", { [KEY]: "c2hvcnQ=" }, KEY, /is malformed \(it must be base64 of exactly 32/],
  [
    "the key of the documentation",
    { [KEY]: "Fo16o0bIenkHEed/QCTxbxXaNHnJD1oM2EKnNZXI+Mo=" },
    KEY,
    /known to everybody \(make another one: npx calendar-connect key\)/,
  ],
  ["a key that was typed", { [KEY]: btoa("correct horse battery staple, ok") }, KEY, /is text/],
  ["a key of one byte", { [KEY]: bytes(() => 7) }, KEY, /few different bytes/],
  ["a key of fifteen bytes", { [KEY]: bytes((index) => index % 15) }, KEY, /few different bytes/],
  [
    "a key that is retired as well",
    { CALENDAR_RETIRED_ENCRYPTION_KEYS: `${bytes((index) => index)}, ${GOOD[KEY]}` },
    KEY,
    /is among the retired keys too/,
  ],
  ["no settings URL", { CALENDAR_SETTINGS_URL: undefined }, "CALENDAR_SETTINGS_URL", /not set/],
  [
    "a settings URL without TLS",
    { CALENDAR_SETTINGS_URL: "http://app.example.test/settings" },
    "CALENDAR_SETTINGS_URL",
    /malformed .*https/,
  ],
  [
    "a settings page that cannot be reached",
    { CALENDAR_SETTINGS_URL: "https://app.example.test/elsewhere" },
    "CALENDAR_SETTINGS_URL",
    /cannot be reached/,
  ],
  [
    "origins without the settings page's",
    { CALENDAR_ALLOWED_ORIGINS: "https://other.example.test" },
    "CALENDAR_ALLOWED_ORIGINS",
    /lacks https:\/\/app\.example\.test,/,
  ],
  [
    "an id without a secret",
    { GOOGLE_CLIENT_SECRET: undefined },
    "GOOGLE_CLIENT_SECRET",
    /not set/,
  ],
  ["a secret without an id", { OUTLOOK_CLIENT_ID: undefined }, "OUTLOOK_CLIENT_ID", /not set/],
  ["a tenant with a slash", { OUTLOOK_TENANT_ID: "a/b" }, "OUTLOOK_TENANT_ID", /common/],
  ["a client id of Google that is none", { GOOGLE_CLIENT_ID: "abc" }, "GOOGLE_CLIENT_ID", /apps\./],
  [
    "a client id of Google with more behind it",
    { GOOGLE_CLIENT_ID: `${GOOD.GOOGLE_CLIENT_ID}/` },
    "GOOGLE_CLIENT_ID",
    /no client id of Google Cloud Console \(it is like 123-abc\./,
  ],
  [
    "a client id of Microsoft that is none",
    { OUTLOOK_CLIENT_ID: "a" },
    "OUTLOOK_CLIENT_ID",
    /1234/,
  ],
  [
    "a client id of Google with more before it",
    { GOOGLE_CLIENT_ID: `https://${GOOD.GOOGLE_CLIENT_ID}` },
    "GOOGLE_CLIENT_ID",
    /no client id of Google Cloud Console/,
  ],
  [
    "a client id of Microsoft with more before it",
    { OUTLOOK_CLIENT_ID: `x${GOOD.OUTLOOK_CLIENT_ID}` },
    "OUTLOOK_CLIENT_ID",
    /no client id of Azure app registration/,
  ],
  [
    "the ID of a secret in place of its value",
    { OUTLOOK_CLIENT_SECRET: "ABCDEF12-90ab-cdef-1234-567890abcdef" },
    "OUTLOOK_CLIENT_SECRET",
    /is the ID of a secret, not its value \(copy the secret's Value/,
  ],
  ...["google", "google/", "outlook//", "Google"].map((end): [string, Changes, string, RegExp] => [
    `a redirect URL that ends in ${end}`,
    { CALENDAR_REDIRECT_URL: `https://app.example.test/api/callback/${end}` },
    "CALENDAR_REDIRECT_URL",
    /ends in the name of a provider .* \(take \/\w+ off its end\)/,
  ]),
  [
    "a redirect URL without TLS",
    { CALENDAR_REDIRECT_URL: "http://app.example.test/callback" },
    "CALENDAR_REDIRECT_URL",
    /malformed/,
  ],
];

for (const [fault, changes, name, says] of faults) {
  Deno.test(`${fault} is seen`, async () => {
    const examination = await examined(changes, { [HEALTH]: () => health({ providers: null }) });
    deepEqual(wrongs(examination), [name, "providers"]);
    match(about(examination, name), /^wrong: /m);
    match(about(examination, name), says);
  });
}

Deno.test("what is close to wrong and right is not called wrong", async () => {
  for (
    const changes of [
      { [KEY]: bytes((index) => index % 16 + 200) },
      { [KEY]: bytes((index) => index + 0x60) },
      { CALENDAR_ALLOWED_ORIGINS: "https://other.example.test, https://app.example.test/" },
      { OUTLOOK_CLIENT_SECRET: "12345678-90ab-cdef-1234-567890abcdef~" },
      { GOOGLE_CLIENT_ID: "123456789012.apps.googleusercontent.com" },
      { CALENDAR_REDIRECT_URL: "https://app.example.test/google/callback" },
      { CALENDAR_REDIRECT_URL: "https://app.example.test/api/callback/" },
    ]
  ) deepEqual(wrongs(await examined(changes)), [], JSON.stringify(changes));
});

Deno.test("a redirect URL that only a proxy could make right is noted", async () => {
  const elsewhere = { CALENDAR_REDIRECT_URL: "https://app.example.test/back" };
  match(about(await examined(elsewhere), "CALENDAR_REDIRECT_URL"), /^note: .*\/callback/m);
  const usual = { CALENDAR_REDIRECT_URL: "https://app.example.test/callback/" };
  equal(about(await examined(usual), "CALENDAR_REDIRECT_URL"), "right: is set and well-formed ()");
});

Deno.test("each provider's redirect URI is told, below the configured address", async () => {
  const told = async (changes: Changes) => {
    const { findings } = await examined(changes);
    return findings.filter((each) => /Google Cloud|Azure/.test(each.about)).map(({ says }) => says);
  };
  deepEqual(await told({}), [`${CALLBACK}/google`, `${CALLBACK}/outlook`]);
  const own = "https://app.example.test/api/callback";
  deepEqual(await told({ CALENDAR_REDIRECT_URL: `${own}/` }), [`${own}/google`, `${own}/outlook`]);
  deepEqual(await told({ CALENDAR_REDIRECT_URL: "nonsense" }), []);
  deepEqual(await told({ CALENDAR_REDIRECT_URL: `${own}/google` }), []);
  deepEqual(await told({ SUPABASE_URL: undefined }), []);
  deepEqual(await told({ SUPABASE_URL: "nonsense" }), []);
});

Deno.test("a provider without variables is noted, and not asked", async () => {
  const without = { GOOGLE_CLIENT_ID: undefined, GOOGLE_CLIENT_SECRET: undefined };
  const examination = await examined(without, {
    [HEALTH]: () => health({ providers: ["outlook"] }),
  });
  deepEqual(wrongs(examination), []);
  equal(
    about(examination, "GOOGLE_CLIENT_ID"),
    "note: is not set: Google Calendar is not offered ()",
  );
  equal(about(examination, "OUTLOOK_CLIENT_ID"), "right: is set and well-formed ()");
  equal(about(examination, "GOOGLE_CLIENT_ID and _SECRET"), "");
  const azure = { OUTLOOK_CLIENT_ID: undefined, OUTLOOK_CLIENT_SECRET: undefined };
  equal(about(await examined(azure), "OUTLOOK_TENANT_ID"), "");
});

Deno.test("half a client is told once, and nobody is asked", async () => {
  const noSecret = await examined({ GOOGLE_CLIENT_SECRET: undefined });
  equal(about(noSecret, "GOOGLE_CLIENT_ID"), "right: is set and well-formed ()");
  const noId = await examined({ GOOGLE_CLIENT_ID: undefined });
  match(about(noId, "GOOGLE_CLIENT_ID"), /^wrong: is not set \(it must be set, because [^\n]*$/);
  for (const examination of [noSecret, noId]) {
    equal(about(examination, "GOOGLE_CLIENT_ID and _SECRET"), "");
  }
});

Deno.test("who may connect is told by the tenant", async () => {
  const told = async (tenant: string | undefined) =>
    about(await examined({ OUTLOOK_TENANT_ID: tenant }), "OUTLOOK_TENANT_ID");
  match(await told(undefined), /^note: work, school and personal accounts may connect \(it must/m);
  match(await told("common"), /^note: work, school and personal accounts may connect/m);
  match(await told("organizations"), /^note: work and school accounts may connect, personal/m);
  match(await told("consumers"), /^note: personal accounts may connect, work and school/m);
  match(await told("contoso.com"), /^note: only accounts of the directory contoso\.com/m);
});

Deno.test("a misspelt name is told, with the one that was meant", async () => {
  const misspelt = {
    GOOGEL_CLIENT_ID: "123-abc.apps.googleusercontent.com",
    GOOGLE_CLIENT_ID: undefined,
    GOOGLE_CLIENT_SECRET: undefined,
    google_client_secret: "x",
  };
  const examination = await examined(misspelt);
  equal(
    about(examination, "GOOGEL_CLIENT_ID"),
    "wrong: is read by nothing, and GOOGLE_CLIENT_ID is not set (rename it to GOOGLE_CLIENT_ID)",
  );
  match(about(examination, "google_client_secret"), /rename it to GOOGLE_CLIENT_SECRET/);
});

Deno.test("names that nothing reads are noted, and other people's are not", async () => {
  const examination = await examined({
    CALENDAR_REDIRECT_URI: "https://app.example.test/callback",
    CALENDAR_REDIRECT_URL: "https://app.example.test/callback",
    CALENDAR_COLOUR: "blue",
    GOOGLE_MAPS_KEY: "x",
    OUR_GOOGLE_THING: "x",
    VITE_TITLE: "x",
    DATABASE_URL: undefined,
    DATABASE_URI: "x",
  });
  deepEqual(wrongs(examination), ["DATABASE_URI"]);
  match(about(examination, "CALENDAR_REDIRECT_URI"), /^note: is set beside CALENDAR_REDIRECT_URL/);
  match(about(examination, "CALENDAR_COLOUR"), /^note: is read by nothing/);
  match(about(examination, "GOOGLE_MAPS_KEY"), /^note: is read by nothing/);
  equal(about(examination, "VITE_TITLE"), "");
  equal(about(examination, "OUR_GOOGLE_THING"), "");
  equal(about(examination, "SUPABASE_URL"), "right: is set and well-formed ()");
});

Deno.test("without the project's URL nothing is asked, and it says so", async () => {
  const examination = await examined({ SUPABASE_URL: undefined });
  match(about(examination, "SUPABASE_URL"), /^open: .*add SUPABASE_URL=/);
  match(about(examination, "GOOGLE_CLIENT_ID and _SECRET"), /^open: .*redirect URI is not known/);
  deepEqual(examination.requests.map(({ url }) => url), [SETTINGS]);
});

Deno.test("the platform's keys are not asked for, and looked at where they are given", async () => {
  deepEqual(wrongs(await examined({ SUPABASE_PUBLISHABLE_KEYS: "nonsense" })), [
    "SUPABASE_PUBLISHABLE_KEYS",
  ]);
  deepEqual(wrongs(await examined({ SUPABASE_ANON_KEY: "a key" })), ["SUPABASE_ANON_KEY"]);
  deepEqual(wrongs(await examined({ SUPABASE_ANON_KEY: "key" })), []);
});

const pages: [string, () => Response, string[]][] = [
  ["redirects", () => new Response(null, { status: 302, headers: { location: "/" } }), [SETTINGS]],
  ["redirects for good", () => new Response(null, { status: 399 }), [SETTINGS]],
  ["redirects to several", () => new Response(null, { status: 300 }), [SETTINGS]],
  ["wants something else", () => new Response(null, { status: 400 }), [SETTINGS]],
  ["is not there", () => new Response(null, { status: 404 }), [SETTINGS]],
  ["is empty", () => new Response(null, { status: 204 }), [SETTINGS]],
  ["fails", () => new Response(null, { status: 500 }), [SETTINGS]],
  ["is there", () => new Response("", { status: 200 }), []],
];

for (const [what, answer, wrong] of pages) {
  Deno.test(`a settings page that ${what} is judged by its status`, async () => {
    const examination = await examined({}, { [SETTINGS]: answer });
    equal(wrongs(examination).length, wrong.length);
    match(
      about(examination, "CALENDAR_SETTINGS_URL"),
      wrong.length === 0
        ? /answers 200/
        : what.startsWith("redirects")
        ? /wrong: .* redirects somebody who is signed out/
        : /wrong: .* answers \d+ \(let it answer 200/,
    );
  });
}

const answers: [string, () => Response, string[]][] = [
  ["an HTML page", () => new Response("<h1>"), ["function"]],
  ["a number", () => Response.json(1), ["function"]],
  ["an error", () => Response.json({ status: "ok" }, { status: 503 }), ["function"]],
  ["another status", () => health({ status: "starting" }), ["function"]],
  [
    "what is misconfigured",
    () => Response.json({ code: "misconfigured", message: "X must be Y" }, { status: 500 }),
    ["function"],
  ],
  ["fewer providers", () => health({ providers: ["google"] }), ["providers"]],
  ["more providers", () => health({ providers: ["google", "outlook", "other"] }), ["providers"]],
  ["no providers", () => health({ providers: undefined }), ["providers"]],
  ["an hour ago", () => health({}, new Date(Date.now() - 3_600_000)), ["the function's clock"]],
  ["another version", () => health({ version: "1.2.2" }), []],
];

for (const [what, answer, wrong] of answers) {
  Deno.test(`a function that answers ${what} is judged`, async () => {
    const examination = await examined({}, { [HEALTH]: answer });
    deepEqual(wrongs(examination), wrong);
    if (what === "what is misconfigured") {
      match(about(examination, "function"), /says: X must be Y \(npx supabase secrets set/);
    }
    if (what === "another version") {
      equal(about(examination, "version"), "note: 1.2.2 is deployed, this is 1.2.3 (deploy again)");
    }
    if (what === "fewer providers") {
      match(about(examination, "providers"), /offers google, this environment google, outlook \(/);
    }
  });
}

Deno.test("a function that cannot be reached is to be deployed", async () => {
  const down = () => {
    throw new TypeError("connection refused");
  };
  const examination = await examined({}, { [HEALTH]: down });
  deepEqual(wrongs(examination), ["function"]);
  match(about(examination, "function"), /cannot be reached \(deploy it: npx supabase functions/);
});

const clientAnswers: [unknown, RegExp][] = [
  [{ error: "invalid_grant" }, /^right: the provider knows this client/],
  [{ error: "invalid_client" }, /^wrong: .*\(invalid_client\) \(copy the client's id and secret/],
  [{ error: "unauthorized_client" }, /^wrong: .*\(unauthorized_client\)/],
  [{ error: "deleted_client" }, /^wrong: .*\(deleted_client\)/],
  [
    { error: "redirect_uri_mismatch" },
    /^wrong: .*not registered \(register .*\/callback\/google\)/,
  ],
  [{ error: "temporarily_unavailable" }, /^open: .*\(temporarily_unavailable\)/],
  [{ error: "<script>" }, /^open: .*\(no error code\)/],
  [{ error: "a".repeat(41) }, /^open: .*\(no error code\)/],
  [{ error: ["invalid_grant"] }, /^open: .*\(no error code\)/],
  [{}, /^open: .*\(no error code\)/],
  [null, /^open: .*\(no error code\)/],
];

for (const [body, says] of clientAnswers) {
  Deno.test(`a provider that answers ${JSON.stringify(body)} is understood`, async () => {
    const examination = await examined({}, {
      [GOOGLE]: () => Response.json(body, { status: 400 }),
    });
    match(about(examination, "GOOGLE_CLIENT_ID and _SECRET"), says);
  });
}

Deno.test("a provider that cannot be reached or answers no JSON tells nothing", async () => {
  const down = () => {
    throw new TypeError("connection refused");
  };
  const unreachable = await examined({}, { [MICROSOFT]: down });
  match(about(unreachable, "OUTLOOK_CLIENT_ID and _SECRET"), /^open: .*cannot be reached/);
  const html = await examined({}, { [MICROSOFT]: () => new Response("<h1>") });
  match(about(html, "OUTLOOK_CLIENT_ID and _SECRET"), /^open: .*\(no error code\)/);
});

Deno.test("every provider has its console's words", async () => {
  const { providers } = await packageFacts();
  deepEqual(providers.map(({ name }) => name), Object.keys(CONSOLES));
});
