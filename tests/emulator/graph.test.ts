/** Microsoft Graph: calendars and views, pages, zones, limits, and how it says no. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import {
  calendarView,
  call,
  connect,
  type Connection,
  graphCode,
  type GraphEvent,
  type Json,
  type RunningEmulator,
  setting,
  withEmulator,
} from "./support.ts";

const KIM = "kim@contoso.example";
const WINDOW = { timeMin: "2026-03-28T00:00:00Z", timeMax: "2026-04-04T00:00:00Z" };
const VIEW = "startDateTime=2026-03-28T00:00:00Z&endDateTime=2026-04-04T00:00:00Z";

function withKim(test: (emulator: RunningEmulator, kim: Connection) => Promise<void>) {
  return withEmulator(async (emulator) => {
    emulator.control.clock({ now: "2026-03-28T12:00:00Z" });
    emulator.control.addPerson({
      provider: "microsoft",
      email: KIM,
      tenant: "contoso.example",
      time_zone: "America/New_York",
    });
    await test(emulator, await connect(emulator, "microsoft", KIM));
  });
}

Deno.test("a view has local times of the zone asked for, UTC unless asked", () =>
  withKim(async (emulator, kim) => {
    emulator.control.addEvent({ person: KIM, start: "2026-03-30T09:00", minutes: 30 });
    const at = async (zone: string) =>
      (await calendarView(emulator, kim, WINDOW, { zone }))[0]?.start;
    deepEqual(await at("UTC"), { dateTime: "2026-03-30T13:00:00.0000000", timeZone: "UTC" });
    deepEqual(await at("Europe/Berlin"), {
      dateTime: "2026-03-30T15:00:00.0000000",
      timeZone: "Europe/Berlin",
    });
    deepEqual(await at("Tokyo Standard Time"), {
      dateTime: "2026-03-30T22:00:00.0000000",
      timeZone: "Tokyo Standard Time",
    });
    const plain = await call(emulator, kim, `/me/calendar/calendarView?${VIEW}`);
    equal((plain.body.value as GraphEvent[])[0]?.start.timeZone, "UTC");
    equal(plain.headers.get("preference-applied"), null);
  }));

Deno.test("an all-day event is midnight to midnight in whatever zone is asked for", () =>
  withKim(async (emulator, kim) => {
    emulator.control.addEvent({ person: KIM, start: "2026-03-30", end: "2026-04-01" });
    for (const zone of ["UTC", "Pacific/Auckland", "Pacific/Honolulu"]) {
      const [event] = await calendarView(emulator, kim, WINDOW, { zone });
      equal(event?.isAllDay, true);
      equal(event?.start.dateTime, "2026-03-30T00:00:00.0000000");
      equal(event?.end.dateTime, "2026-04-01T00:00:00.0000000");
    }
  }));

Deno.test("a view says how each event is shown, answered and whether it is off", () =>
  withKim(async (emulator, kim) => {
    const add = (more: Json) =>
      emulator.control.addEvent({ person: KIM, start: "2026-03-30T09:00", ...more });
    add({ show_as: "tentative" });
    add({ show_as: "workingElsewhere" });
    add({ response: "declined", show_as: "free" });
    add({ response: "none", show_as: "tentative" });
    add({ cancelled: true });
    const shown = (await calendarView(emulator, kim, WINDOW))
      .map(({ showAs, responseStatus, isCancelled }) =>
        `${showAs} ${responseStatus.response} ${isCancelled}`
      );
    deepEqual(shown, [
      "tentative organizer false",
      "workingElsewhere organizer false",
      "free declined false",
      "tentative notResponded false",
      "busy organizer true",
    ]);
  }));

Deno.test("a view comes in pages whose links keep the query and stay at the same origin", () =>
  withKim(async (emulator, kim) => {
    for (let hour = 10; hour < 22; hour++) {
      emulator.control.addEvent({ person: KIM, start: `2026-03-30T${hour}:00`, minutes: 30 });
    }
    const first = await call(
      emulator,
      kim,
      `/me/calendar/calendarView?${VIEW}&$select=start,showAs`,
    );
    const link = new URL(String(first.body["@odata.nextLink"]));
    equal(link.origin, new URL(setting(emulator, "microsoft", "API_URL")).origin);
    equal(link.searchParams.get("$skip"), "10");
    equal(link.searchParams.get("$select"), "start,showAs");
    const value = first.body.value as Json[];
    equal(value.length, 10);
    deepEqual(Object.keys(value[0] ?? {}).sort(), ["@odata.etag", "id", "showAs", "start"]);
    const next = await fetch(link, { headers: { authorization: `Bearer ${kim.access}` } });
    const last = await next.json();
    deepEqual([last.value.length, last["@odata.nextLink"]], [2, undefined]);
    equal((await calendarView(emulator, kim, WINDOW, { top: 5 })).length, 12);
  }));

Deno.test("a view holds what began before it, in order either way", () =>
  withKim(async (emulator, kim) => {
    emulator.control.addEvent({
      person: KIM,
      id: "long",
      start: "2026-03-27T10:00:00Z",
      end: "2026-03-28T10:00:00Z",
    });
    emulator.control.addEvent({ person: KIM, start: "2026-03-30T10:00:00Z" });
    const starts = async (order: string) => {
      const path = `/me/calendar/calendarView?${VIEW}&$orderby=start/dateTime${order}`;
      const { body } = await call(emulator, kim, path);
      return (body.value as GraphEvent[]).map(({ start }) => start.dateTime.slice(0, 10));
    };
    deepEqual(await starts(""), ["2026-03-27", "2026-03-30"]);
    deepEqual(await starts(" desc"), ["2026-03-30", "2026-03-27"]);
  }));

Deno.test("calendars are listed in pages, and each has its owner and its own view", () =>
  withKim(async (emulator, kim) => {
    const other = emulator.control.addCalendar({
      person: KIM,
      name: "Other",
      events: [{ start: "2026-03-31T09:00" }],
    });
    const first = await call(
      emulator,
      kim,
      "/me/calendars?$top=1&$select=name,isDefaultCalendar,owner",
    );
    const [calendar] = first.body.value as Json[];
    deepEqual(calendar?.owner, { name: "Kim", address: KIM });
    equal(calendar?.isDefaultCalendar, true);
    ok(first.body["@odata.nextLink"]);
    const own = await call(emulator, kim, `/me/calendars/${other.id}/calendarView?${VIEW}`);
    equal((own.body.value as Json[]).length, 1);
    equal((await call(emulator, kim, "/me/calendar")).body.isDefaultCalendar, true);
    equal((await call(emulator, kim, `/me/calendars/${other.id}`)).body.name, "Other");
  }));

const REFUSED: [string, string, number, string][] = [
  ["no window", "/me/calendarView", 400, "ErrorInvalidParameter"],
  [
    "an end before the start",
    "/me/calendarView?startDateTime=2026-04-01&endDateTime=2026-03-01",
    400,
    "ErrorInvalidParameter",
  ],
  [
    "more than 1,825 days",
    "/me/calendarView?startDateTime=2026-01-01&endDateTime=2031-01-01",
    400,
    "ErrorInvalidRequest",
  ],
  ["a filter", `/me/calendarView?${VIEW}&$filter=isAllDay`, 400, "BadRequest"],
  ["a page of none", `/me/calendarView?${VIEW}&$top=0`, 400, "BadRequest"],
  ["a page of 1,001", `/me/calendarView?${VIEW}&$top=1001`, 400, "BadRequest"],
  [
    "an unknown calendar",
    `/me/calendars/AAMkAunknown=/calendarView?${VIEW}`,
    404,
    "ErrorItemNotFound",
  ],
  [
    "an odd calendar id",
    `/me/calendars/..%2Fmessages/calendarView?${VIEW}`,
    400,
    "ErrorInvalidIdMalformed",
  ],
];

for (const [what, path, status, code] of REFUSED) {
  Deno.test(`Graph refuses ${what}`, () =>
    withKim(async (emulator, kim) => {
      const answer = await call(emulator, kim, path);
      deepEqual([answer.status, graphCode(answer)], [status, code]);
      match(String(answer.headers.get("request-id")), /^[0-9a-f-]{36}$/);
    }));
}

Deno.test("an unknown time zone is refused by name", () =>
  withKim(async (emulator, kim) => {
    const answer = await call(emulator, kim, `/me/calendarView?${VIEW}`, {
      headers: { prefer: 'outlook.timezone="Mars Standard Time"' },
    });
    deepEqual([answer.status, graphCode(answer)], [400, "TimeZoneNotSupportedException"]);
  }));

Deno.test("every call needs a live token with a calendar scope", () =>
  withKim(async (emulator, kim) => {
    const without = await fetch(`${setting(emulator, "microsoft", "API_URL")}/me/calendar`);
    equal(without.status, 401);
    match(without.headers.get("www-authenticate") ?? "", /^Bearer/);
    equal((await without.json()).error.code, "InvalidAuthenticationToken");
    const poor = await connect(emulator, "microsoft", KIM, { scope: "openid User.Read" });
    const refused = await call(emulator, poor, "/me/calendar");
    deepEqual([refused.status, graphCode(refused)], [403, "ErrorAccessDenied"]);
    emulator.control.clock({ advance: "90m" });
    equal((await call(emulator, kim, "/me/calendar")).status, 401);
  }));

Deno.test("an access token lives out its hour after the grant has ended", () =>
  withKim(async (emulator, kim) => {
    emulator.control.endGrants({ person: KIM });
    equal((await call(emulator, kim, "/me/calendar")).status, 200);
  }));

Deno.test("a calendar can fail by itself, and an account can have no mailbox", () =>
  withKim(async (emulator, kim) => {
    const broken = emulator.control.addCalendar({ person: KIM, name: "B", error: "500" });
    equal(
      (await call(emulator, kim, `/me/calendars/${broken.id}/calendarView?${VIEW}`)).status,
      500,
    );
    equal((await call(emulator, kim, `/me/calendarView?${VIEW}`)).status, 200);
    emulator.control.changePerson(KIM, { state: "no_calendar" });
    const none = await call(emulator, kim, `/me/calendarView?${VIEW}`);
    deepEqual([none.status, graphCode(none)], [404, "MailboxNotEnabledForRESTAPI"]);
  }));

Deno.test("a fifth request at one time is over the mailbox's limit, and another mailbox is not", () =>
  withKim(async (emulator, kim) => {
    const other = await connect(emulator, "microsoft", "demo.person@outlook.example");
    emulator.control.addFault({
      match: { route: "microsoft.calendarView", account: KIM },
      do: { delay_ms: 300 },
    });
    const ask = (who: Connection) => call(emulator, who, `/me/calendarView?${VIEW}`);
    const answers = await Promise.all([
      ask(kim),
      ask(kim),
      ask(kim),
      ask(kim),
      ask(kim),
      ask(other),
    ]);
    deepEqual(answers.map(({ status }) => status).sort(), [200, 200, 200, 200, 200, 429]);
    const refused = answers.find(({ status }) => status === 429);
    equal(refused && graphCode(refused), "ApplicationThrottled");
    equal(refused?.headers.get("retry-after"), "10");
    equal((await ask(kim)).status, 200);
  }));

Deno.test("ten minutes hold so many requests and no more", () =>
  withEmulator(async (emulator) => {
    const kim = await connect(emulator, "microsoft", "demo.person@outlook.example");
    const ask = () => call(emulator, kim, "/me/calendar");
    for (let count = 0; count < 3; count++) equal((await ask()).status, 200);
    const refused = await ask();
    deepEqual([refused.status, refused.headers.get("retry-after")], [429, "600"]);
    emulator.control.clock({ advance: "10m" });
    equal((await ask()).status, 200);
  }, { world: { quotas: { microsoft_mailbox_per_ten_minutes: 3 } } }));
