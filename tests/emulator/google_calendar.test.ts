/** The Google Calendar API: lists, free and busy times, events, and how it says no. */
import { deepEqual, equal, match } from "node:assert/strict";
import {
  call,
  connect,
  type Connection,
  freeBusy,
  GOOGLE_CALENDAR,
  googleReason,
  type Json,
  type RunningEmulator,
  setting,
  withEmulator,
} from "./support.ts";

const ANN = "ann@gmail.example";
const WINDOW = { timeMin: "2026-03-28T00:00:00Z", timeMax: "2026-04-04T00:00:00Z" };

/** Runs a test with Ann, in Berlin, in the week in which the clocks change. */
function withAnn(
  test: (emulator: RunningEmulator, ann: Connection) => Promise<void>,
  more: Json = {},
) {
  return withEmulator(async (emulator) => {
    emulator.control.clock({ now: "2026-03-28T12:00:00Z" });
    emulator.control.addPerson({
      provider: "google",
      email: ANN,
      time_zone: "Europe/Berlin",
      ...more,
    });
    await test(emulator, await connect(emulator, "google", ANN));
  });
}

async function busy(emulator: RunningEmulator, ann: Connection, more: Json = {}) {
  const { calendars } = await freeBusy(emulator, ann, WINDOW, ["primary"], more);
  return calendars.primary?.busy.map(({ start, end }) => `${start}/${end}`);
}

Deno.test("a weekly meeting keeps its local time across a change of clocks", () =>
  withAnn(async (emulator, ann) => {
    emulator.control.addEvent({
      person: ANN,
      start: "2026-03-28T09:00",
      minutes: 30,
      repeat: { every: "day", count: 2 },
    });
    deepEqual(await busy(emulator, ann), [
      "2026-03-28T08:00:00Z/2026-03-28T08:30:00Z",
      "2026-03-29T07:00:00Z/2026-03-29T07:30:00Z",
    ]);
    deepEqual(await busy(emulator, ann, { timeZone: "Europe/Berlin" }), [
      "2026-03-28T09:00:00+01:00/2026-03-28T09:30:00+01:00",
      "2026-03-29T09:00:00+02:00/2026-03-29T09:30:00+02:00",
    ]);
  }));

Deno.test("an all-day event lasts from midnight to midnight where the calendar is, 23 hours once a year", () =>
  withAnn(async (emulator, ann) => {
    emulator.control.addEvent({ person: ANN, start: "2026-03-29" });
    deepEqual(await busy(emulator, ann), ["2026-03-28T23:00:00Z/2026-03-29T22:00:00Z"]);
  }));

const SHOWN: [string, Json, boolean][] = [
  ["accepted", { response: "accepted" }, true],
  ["unanswered", { response: "none" }, true],
  ["tentative", { response: "tentative" }, true],
  ["tentative by its own colour", { show_as: "tentative" }, true],
  ["out of office", { show_as: "oof" }, true],
  ["declined", { response: "declined" }, false],
  ["transparent", { show_as: "free" }, false],
  ["cancelled", { cancelled: true }, false],
];

for (const [what, event, blocks] of SHOWN) {
  Deno.test(`an event that is ${what} is ${blocks ? "busy" : "free"}`, () =>
    withAnn(async (emulator, ann) => {
      emulator.control.addEvent({ person: ANN, start: "2026-03-30T09:00", ...event });
      equal((await busy(emulator, ann))?.length, blocks ? 1 : 0);
    }));
}

Deno.test("overlapping and touching events are one busy time, and one that began before counts", () =>
  withAnn(async (emulator, ann) => {
    const add = (start: string, end: string) =>
      emulator.control.addEvent({ person: ANN, start, end });
    add("2026-03-26T10:00:00Z", "2026-03-28T10:00:00Z");
    add("2026-03-30T10:00:00Z", "2026-03-30T11:00:00Z");
    add("2026-03-30T11:00:00Z", "2026-03-30T12:00:00Z");
    add("2026-03-30T10:30:00Z", "2026-03-30T10:45:00Z");
    deepEqual(await busy(emulator, ann), [
      "2026-03-26T10:00:00Z/2026-03-28T10:00:00Z",
      "2026-03-30T10:00:00Z/2026-03-30T12:00:00Z",
    ]);
  }));

Deno.test("a calendar fails for itself, inside a 200; an absent one is not named at all", () =>
  withAnn(async (emulator, ann) => {
    const broken = emulator.control.addCalendar({ person: ANN, name: "B", error: "internalError" });
    const absent = emulator.control.addCalendar({ person: ANN, name: "A", absent: true });
    const ids = ["primary", broken.id, absent.id, "nobody@else.example"];
    const { status, calendars } = await freeBusy(emulator, ann, WINDOW, ids);
    equal(status, 200);
    deepEqual(calendars, {
      primary: { busy: [] },
      [broken.id]: { errors: [{ domain: "global", reason: "internalError" }], busy: [] },
      "nobody@else.example": { errors: [{ domain: "global", reason: "notFound" }], busy: [] },
    });
  }));

Deno.test("more than fifty calendars at a time fail, each for itself", () =>
  withAnn(async (emulator, ann) => {
    const ids = Array.from(
      { length: 51 },
      (_, index) => emulator.control.addCalendar({ person: ANN, name: `C${index}` }).id,
    );
    const { status, calendars } = await freeBusy(emulator, ann, WINDOW, ids);
    equal(status, 200);
    const reasons = Object.values(calendars).map(({ errors }) => errors?.[0]?.reason);
    deepEqual([reasons.length, new Set(reasons)], [51, new Set(["tooManyCalendarsRequested"])]);
    const fifty = await freeBusy(emulator, ann, WINDOW, ids.slice(1));
    equal(Object.values(fifty.calendars).filter(({ errors }) => errors).length, 0);
  }));

const BAD_QUERIES: [string, Json, string][] = [
  ["an empty range", { timeMax: WINDOW.timeMin }, "timeRangeEmpty"],
  ["a range of 91 days", { timeMax: "2026-06-27T00:00:00Z" }, "timeRangeTooLong"],
  ["a time without an offset", { timeMin: "2026-03-28T00:00:00" }, "invalid"],
  ["no end", { timeMax: undefined }, "required"],
  ["an invented zone", { timeZone: "Mars/Olympus" }, "invalid"],
  ["an offset for a zone", { timeZone: "+02:00" }, "invalid"],
  ["fifty-one as the limit", { calendarExpansionMax: 51 }, "invalid"],
  ["items that are no objects", { items: ["primary"] }, "invalid"],
];

for (const [what, change, reason] of BAD_QUERIES) {
  Deno.test(`freeBusy answers 400 to ${what}`, () =>
    withAnn(async (emulator, ann) => {
      const answer = await freeBusy(emulator, ann, WINDOW, ["primary"], change);
      deepEqual([answer.status, googleReason(answer)], [400, reason]);
    }));
}

Deno.test("the list of calendars comes in pages and by role, and only the members asked for", () =>
  withAnn(async (emulator, ann) => {
    emulator.control.addPerson({
      provider: "google",
      email: "bob@gmail.example",
      calendars: [{ name: "Shared", shared_with: { [ANN]: "freeBusyReader" } }],
    });
    for (const name of ["One", "Two"]) emulator.control.addCalendar({ person: ANN, name });
    const names: string[] = [];
    let token: string | undefined;
    let pages = 0;
    do {
      const query = new URLSearchParams({
        maxResults: "3",
        fields: "nextPageToken,items(summary,accessRole)",
        ...(token === undefined ? {} : { pageToken: token }),
      });
      const { body } = await call(emulator, ann, `/calendar/v3/users/me/calendarList?${query}`);
      pages++;
      for (const item of body.items as Json[]) {
        deepEqual(Object.keys(item).sort(), ["accessRole", "summary"]);
        names.push(`${item.summary} ${item.accessRole}`);
      }
      deepEqual(Object.keys(body).filter((name) => !["items", "nextPageToken"].includes(name)), []);
      token = body.nextPageToken as string | undefined;
    } while (token !== undefined);
    deepEqual([pages, names], [2, [
      `${ANN} owner`,
      "One owner",
      "Two owner",
      "Shared freeBusyReader",
    ]]);
    const own = await call(
      emulator,
      ann,
      "/calendar/v3/users/me/calendarList?minAccessRole=writer",
    );
    equal((own.body.items as Json[]).length, 3);
  }));

Deno.test("the primary calendar names the account and its zone, a calendar of nobody is a 404", () =>
  withAnn(async (emulator, ann) => {
    const { body } = await call(emulator, ann, "/calendar/v3/calendars/primary");
    deepEqual([body.id, body.timeZone], [ANN, "Europe/Berlin"]);
    const entry = await call(emulator, ann, "/calendar/v3/users/me/calendarList/primary");
    deepEqual([entry.body.id, entry.body.primary], [ANN, true]);
    const missing = await call(emulator, ann, "/calendar/v3/calendars/nobody%40else.example");
    deepEqual([missing.status, googleReason(missing)], [404, "notFound"]);
  }));

Deno.test("a bad page token, role or field selection is a 400", () =>
  withAnn(async (emulator, ann) => {
    for (
      const query of [
        "pageToken=x",
        "minAccessRole=king",
        "maxResults=0",
        "fields=items(",
        "fields=a,",
      ]
    ) {
      const answer = await call(emulator, ann, `/calendar/v3/users/me/calendarList?${query}`);
      deepEqual([answer.status, googleReason(answer)], [400, "invalid"], query);
    }
  }));

Deno.test("events are listed expanded, in pages, with what became of them since", () =>
  withAnn(async (emulator, ann) => {
    emulator.control.addEvent({
      person: ANN,
      id: "standup",
      start: "2026-03-30T09:00",
      minutes: 15,
      repeat: { every: "day", count: 3 },
    });
    emulator.control.addEvent({ person: ANN, start: "2026-04-01", response: "none" });
    const list = (query: string) =>
      call(emulator, ann, `/calendar/v3/calendars/primary/events?${query}`);
    const first = await list(
      "singleEvents=true&orderBy=startTime&maxResults=3&timeMin=2026-03-30T00:00:00Z",
    );
    const items = first.body.items as Json[];
    deepEqual(items.map(({ recurringEventId }) => recurringEventId), [
      "standup",
      "standup",
      undefined,
    ]);
    deepEqual(items[0]?.start, {
      dateTime: "2026-03-30T09:00:00+02:00",
      timeZone: "Europe/Berlin",
    });
    deepEqual(items[2]?.start, { date: "2026-04-01" });
    deepEqual(items[2]?.attendees, [{ email: ANN, self: true, responseStatus: "needsAction" }]);
    const rest = await list(`singleEvents=true&pageToken=${first.body.nextPageToken}`);
    const token = rest.body.nextSyncToken;
    deepEqual((await list(`syncToken=${token}`)).body.items, []);
    emulator.control.removeEvent("standup");
    const gone = (await list(`syncToken=${token}`)).body.items as Json[];
    deepEqual(gone.map(({ status }) => status), ["cancelled", "cancelled", "cancelled"]);
    const stale = await list("syncToken=bm9uc2Vuc2U");
    deepEqual([stale.status, googleReason(stale)], [410, "fullSyncRequired"]);
    const unordered = await list("orderBy=startTime");
    equal(unordered.status, 400);
  }));

Deno.test("every call needs a live token with a calendar scope", () =>
  withAnn(async (emulator, ann) => {
    const path = "/calendar/v3/calendars/primary";
    const without = await fetch(setting(emulator, "google", "API_URL") + path);
    equal(without.status, 401);
    await without.body?.cancel();
    const invented = await call(emulator, { ...ann, access: "invented" }, path);
    deepEqual([invented.status, googleReason(invented)], [401, "authError"]);
    const refreshToken = await call(emulator, { ...ann, access: ann.refresh }, path);
    equal(refreshToken.status, 401);
    const bare = await connect(emulator, "google", ANN, { untick: [GOOGLE_CALENDAR] });
    const poor = await call(emulator, bare, path);
    deepEqual([poor.status, googleReason(poor)], [403, "insufficientPermissions"]);
    match(JSON.stringify(poor.body), /ACCESS_TOKEN_SCOPE_INSUFFICIENT/);
    emulator.control.clock({ advance: "1h" });
    const late = await call(emulator, ann, path);
    deepEqual([late.status, googleReason(late)], [401, "authError"]);
  }));

Deno.test("a project without the Calendar API and an account without a calendar say so", () =>
  withAnn(async (emulator, ann) => {
    const client_id = setting(emulator, "google", "CLIENT_ID");
    emulator.control.changePerson(ANN, { state: "no_calendar" });
    const person = await freeBusy(emulator, ann, WINDOW);
    deepEqual([person.status, googleReason(person)], [403, "notACalendarUser"]);
    emulator.control.changeClient({ provider: "google", client_id, calendar_api: false });
    const project = await freeBusy(emulator, ann, WINDOW);
    deepEqual([project.status, googleReason(project)], [403, "accessNotConfigured"]);
  }));

Deno.test("quotas are per minute by the emulator's clock, per user and per project", () =>
  withEmulator(async (emulator) => {
    emulator.control.clock({ frozen: true });
    const ann = await connect(emulator, "google", "ada@gmail.example");
    const bob = await connect(emulator, "google", "demo.person@gmail.example");
    const ask = (person: Connection) => call(emulator, person, "/calendar/v3/calendars/primary");
    for (let count = 0; count < 2; count++) equal((await ask(ann)).status, 200);
    const third = await ask(ann);
    deepEqual([third.status, googleReason(third)], [403, "userRateLimitExceeded"]);
    equal((await ask(bob)).status, 200);
    const project = await ask(bob);
    deepEqual([project.status, googleReason(project)], [403, "rateLimitExceeded"]);
    emulator.control.clock({ advance: "60s" });
    equal((await ask(ann)).status, 200);
  }, {
    world: { quotas: { google_user_per_minute: 2, google_project_per_minute: 4 } },
  }));
