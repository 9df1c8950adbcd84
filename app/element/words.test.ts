import assert from "node:assert/strict";
import { type Connection, PROVIDERS, SERVICE_ERROR_CODES } from "../client/contract.ts";
import { NO_CONNECTION } from "../client/page_for_tests.ts";
import type { CalendarStatus } from "../client/contract.ts";
import { relative } from "./format.ts";
import { permissionOf, rowsOf } from "./model.ts";
import { ENGLISH, errorTexts, fill, named, sayIn } from "./texts.ts";

const connection: Connection = {
  provider: "google",
  status: "active",
  calendar_id: "primary",
  account_label: null,
  scopes: [],
  connected_at: "2026-01-26T15:04:00Z",
  last_sync_at: null,
};

Deno.test("every error a user can be told of has a title and a remedy of its own", () => {
  const general = errorTexts("internal").title;
  const developers = [
    "internal",
    "not_found",
    "method_not_allowed",
    "invalid_request",
    "payload_too_large",
    "unsupported_media_type",
  ];
  for (const code of [...SERVICE_ERROR_CODES, "unreachable", "wrong_user"] as const) {
    const { title, remedy } = errorTexts(code);
    assert(title in ENGLISH && remedy in ENGLISH, code);
    assert.equal(title === general, developers.includes(code), code);
  }
});

Deno.test("every name in braces is one that is filled in", () => {
  const known = ["name", "company", "date", "time", "count", "id"];
  for (const [text, words] of Object.entries(ENGLISH)) {
    for (const [, name = ""] of words.matchAll(/\{(\w+)\}/g)) {
      assert(known.includes(name), `${text} asks for ${name}`);
    }
  }
});

Deno.test("replaced words are used, the others stay, and values may hold braces", () => {
  const say = sayIn({ "google.name": "Google-Kalender", "connect.label": "{name} verbinden" });
  assert.equal(say("connect.label", named(say, "google")), "Google-Kalender verbinden");
  assert.equal(say("retry"), "Try again");
  assert.equal(fill("{name} {other}", { name: "{other}" }), "{other} {other}");
});

for (
  const [ago, words] of [
    [0, "now"],
    [-90, "now"],
    [59, "now"],
    [60, "1 minute ago"],
    [3599, "59 minutes ago"],
    [3600, "1 hour ago"],
    [86_399, "23 hours ago"],
    [86_400, "yesterday"],
    [29 * 86_400, "29 days ago"],
    [30 * 86_400, "last month"],
    [359 * 86_400, "11 months ago"],
    [360 * 86_400, "last year"],
    [1_000 * 86_400, "2 years ago"],
  ] as const
) {
  Deno.test(`${ago} seconds ago is “${words}”`, () => {
    const now = Date.parse("2026-06-15T12:00:00Z");
    assert.equal(relative(new Date(now - ago * 1000).toISOString(), "en", now), words);
  });
}

Deno.test("a row for what is offered, and for what is connected all the same", () => {
  const status = { ...NO_CONNECTION, providers: ["outlook"] } as CalendarStatus;
  assert.deepEqual(rowsOf(status).map(({ provider }) => provider), ["outlook"]);
  const rows = rowsOf({ ...status, connections: [connection] });
  assert.deepEqual(rows.map(({ provider, configured }) => [provider, configured]), [
    ["google", false],
    ["outlook", true],
  ]);
});

for (
  const [scopes, permission] of [
    [["https://www.googleapis.com/auth/calendar.readonly"], "read"],
    [["https://graph.microsoft.com/Calendars.Read", "offline_access"], "read"],
    [["calendars.read"], "read"],
    [["https://www.googleapis.com/auth/calendar"], "write"],
    [["https://graph.microsoft.com/Calendars.ReadWrite", "Calendars.Read"], "write"],
    [["openid"], null],
    [[], null],
  ] as const
) {
  Deno.test(`scopes [${scopes}] may ${permission ?? "nothing that we know"}`, () => {
    assert.equal(permissionOf({ ...connection, scopes: [...scopes] }), permission);
  });
}

Deno.test("every provider has its names", () => {
  for (const provider of PROVIDERS) {
    assert(ENGLISH[`${provider}.name`] && ENGLISH[`${provider}.company`]);
  }
});
