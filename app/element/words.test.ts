import assert from "node:assert/strict";
import { type Connection, PROVIDERS, SERVICE_ERROR_CODES } from "../client/contract.ts";
import { GOOGLE_CONNECTION, NO_CONNECTION } from "../client/page_for_tests.ts";
import type { CalendarStatus } from "../client/contract.ts";
import { absolute, day, isSingular, localeOf, number, relative, until } from "./format.ts";
import {
  type Notice,
  noticeOnceOnline,
  noticeOnceSignedIn,
  permissionOf,
  rowsOf,
} from "./model.ts";
import {
  type Activity,
  ENGLISH,
  errorTexts,
  fill,
  named,
  offlineTexts,
  sayIn,
  statusWords,
  type TextName,
} from "./texts.ts";

const ACTIVITIES: Activity[] = ["load", "connect", "return", "disconnect"];

const connection: Connection = GOOGLE_CONNECTION;

Deno.test("every error a user can be told of has a title and a remedy of its own", () => {
  const general = errorTexts("internal", "load").title;
  const developers = [
    "internal",
    "method_not_allowed",
    "invalid_request",
    "payload_too_large",
    "unsupported_media_type",
    "forbidden",
    "reconnect_needed",
  ];
  for (const code of [...SERVICE_ERROR_CODES, "unreachable", "wrong_user"] as const) {
    for (const during of ACTIVITIES) {
      const { title, remedy } = errorTexts(code, during);
      assert(title in ENGLISH && remedy in ENGLISH, code);
      assert.equal(title === general, developers.includes(code), code);
    }
  }
});

Deno.test("a code that this library does not know has the general texts", () => {
  for (const code of ["of_a_newer_function", "constructor", "unreachable.load"]) {
    assert.deepEqual(errorTexts(code, "load"), errorTexts("internal", "load"));
  }
});

Deno.test("a failure says what it means for what was under way", () => {
  const words = (code: string, during: Activity) => {
    const { title, remedy } = errorTexts(code, during);
    return `${ENGLISH[title]} ${ENGLISH[remedy]}`;
  };
  assert.match(words("storage_unavailable", "load"), /could not be loaded/);
  assert.match(words("storage_unavailable", "connect"), /could not be started/);
  assert.match(words("storage_unavailable", "return"), /could not be saved/);
  assert.match(words("storage_unavailable", "disconnect"), /could not be disconnected/);
});

Deno.test("without an answer no text claims that nothing happened", () => {
  for (const during of ["load", "return", "disconnect"] as const) {
    for (const texts of [errorTexts("unreachable", during), offlineTexts(during)]) {
      const words = `${ENGLISH[texts.title]} ${ENGLISH[texts.remedy]}`;
      assert.doesNotMatch(words, /[Nn]othing was|was not (connected|disconnected|saved)/);
    }
  }
});

Deno.test("every text belongs to something: a failure's texts are all found by errorTexts", () => {
  const found = new Set(
    [...SERVICE_ERROR_CODES, "unreachable", "wrong_user"].flatMap((code) =>
      [...ACTIVITIES, "named" as const, "listed" as const].flatMap((variant) =>
        Object.values(errorTexts(code, variant))
      )
    ),
  );
  const written = Object.keys(ENGLISH).filter((name) => name.startsWith("error."));
  assert.deepEqual(written.filter((name) => !found.has(name as TextName)), []);
});

Deno.test("every name in braces is one that is filled in", () => {
  const known = ["name", "company", "date", "time", "count", "id", "expected", "actual"];
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

Deno.test("what is no time has no words", () => {
  for (const text of ["infinity", "-infinity", "", "yesterday"]) {
    const words = [relative(text, "en", Date.now()), absolute(text, "en"), day(text, "en")];
    assert.deepEqual(words, [null, null, null], text);
  }
});

for (
  const [tags, locale] of [
    [["de"], "de"],
    [["en_US"], "en-US"],
    [["pt_BR", "de"], "pt-BR"],
    [["not a locale", "de"], "de"],
    [["en-US.UTF-8", "x", ""], "en"],
    [[null, undefined], "en"],
    [["tlh", "fr"], "fr"],
  ] as const
) {
  Deno.test(`of the languages [${tags}] the panel uses ${locale}`, () => {
    assert.equal(localeOf(...tags), locale);
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

Deno.test("a provider that this library does not know has a row while it is connected, never a button", () => {
  const pigeon = { ...connection, provider: "carrier-pigeon" };
  const status = {
    ...NO_CONNECTION,
    providers: ["google", "carrier-pigeon"],
    connections: [pigeon],
  };
  assert.deepEqual(rowsOf(status as CalendarStatus), [
    { provider: "google", connections: [], configured: true, extensible: false },
    { provider: "carrier-pigeon", connections: [pigeon], configured: false, extensible: false },
  ]);
  assert.deepEqual(rowsOf({ ...status, connections: [] } as CalendarStatus).length, 1);
});

Deno.test("unknown providers and statuses go by their own names", () => {
  const say = sayIn({});
  assert.deepEqual(named(say, "pigeon"), { name: "pigeon", company: "pigeon" });
  assert.equal(statusWords(say, "asleep"), "asleep");
  assert.equal(statusWords(say, "expired"), "Access expired");
});

const failed: Notice & { kind: "error" } = {
  kind: "error",
  code: "unreachable",
  during: "return",
  provider: "google",
  offline: false,
  requestId: undefined,
  account: null,
  labels: null,
};

Deno.test("once a user is signed in no notice says that they are signed out", () => {
  const told = { ...failed, code: "unauthorized" };
  assert.deepEqual(noticeOnceSignedIn(told), {
    kind: "interrupted",
    provider: "google",
    account: null,
  });
  assert.equal(noticeOnceSignedIn({ ...told, during: "disconnect" }), null);
  assert.equal(noticeOnceSignedIn(failed), failed);
  assert.equal(noticeOnceSignedIn(null), null);
});

Deno.test("once the network is back no notice says that it is away", () => {
  const told = { ...failed, offline: true };
  assert.deepEqual(noticeOnceOnline(told), failed);
  assert.equal(noticeOnceOnline({ ...told, during: "connect" }), null);
  assert.equal(noticeOnceOnline(failed), failed);
  assert.equal(noticeOnceOnline(null), null);
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

Deno.test("a page has one action a day, or several, as its language counts", () => {
  assert.deepEqual([0, 1, 2].map((count) => isSingular(count, "en")), [false, true, false]);
  assert.equal(isSingular(0, "fr"), true);
  assert.equal(number(1234.5, "de"), "1.234,5");
});

for (
  const [ahead, words] of [
    [-90, "now"],
    [59, "now"],
    [60, "in 1 minute"],
    [3_600, "in 1 hour"],
    [86_400, "tomorrow"],
  ] as const
) {
  Deno.test(`${ahead} seconds from now is “${words}”`, () => {
    const now = Date.parse("2026-06-15T12:00:00Z");
    assert.equal(until(new Date(now + ahead * 1000).toISOString(), "en", now), words);
  });
}

Deno.test("every provider has its names", () => {
  for (const provider of PROVIDERS) {
    assert(ENGLISH[`${provider}.name`] && ENGLISH[`${provider}.company`]);
  }
});
