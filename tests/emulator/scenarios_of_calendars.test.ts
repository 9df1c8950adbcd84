/** The scenarios about calendars, time and slowness: each does what it says. */
import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { ACCOUNTS, days, NOON, quick, SHORTER, tryRefresh, withScenario } from "./scenarios.ts";
import {
  type BusyCalendar,
  calendarView,
  call,
  connect,
  freeBusy,
  googleReason,
  graphCode,
  type GraphEvent,
  type Json,
  withEmulator,
} from "./support.ts";

/** Starts with a scenario, at noon. */
const playing = (name: string) => ({ scenario: { ...quick(name), now: NOON } });

Deno.test("15: calendars fail inside a 200, are left out, or are busy, each for itself", () =>
  withScenario("calendar-fails-inside-200", async (emulator, { google }) => {
    const mixed = await connect(emulator, "google", "mixed.calendars@acme.example");
    const ids = ["busy", "failing", "absent"].map((name) => `${name}@group.calendar.google.com`);
    const { status, calendars } = await freeBusy(emulator, mixed, days(emulator, 0, 5), ids);
    equal(status, 200);
    const [busy = "", failing = "", absent = ""] = ids;
    equal(calendars[busy]?.busy.length, 1);
    deepEqual([calendars[failing]?.errors?.[0]?.reason, calendars[failing]?.busy], [
      "internalError",
      [],
    ]);
    equal(calendars[absent], undefined);
    const primary: BusyCalendar[] = [];
    for (let count = 0; count < 3; count++) {
      const answer = await freeBusy(emulator, google, days(emulator, 0, 5));
      equal(answer.status, 200);
      if (answer.calendars.primary) primary.push(answer.calendars.primary);
    }
    deepEqual(primary.map(({ errors }) => errors?.[0]?.reason), [
      "backendError",
      "backendError",
      undefined,
    ]);
  }));

Deno.test("16: both providers refuse the range, however short", () =>
  withScenario("range-too-long", async (emulator, { google, microsoft }) => {
    const window = days(emulator, 0, 1);
    const refused = await freeBusy(emulator, google, window);
    deepEqual([refused.status, googleReason(refused)], [400, "timeRangeTooLong"]);
    const path = `/me/calendarView?startDateTime=${window.timeMin}&endDateTime=${window.timeMax}`;
    const view = await call(emulator, microsoft, path);
    deepEqual([view.status, graphCode(view)], [400, "ErrorInvalidRequest"]);
  }));

Deno.test("17: a first page comes and no second, and Google stops in the middle", () =>
  withScenario("half-an-answer", async (emulator, { google }) => {
    const many = await connect(emulator, "microsoft", "many.events@outlook.example");
    const window = days(emulator, 0, 30);
    const query = `startDateTime=${window.timeMin}&endDateTime=${window.timeMax}&$top=100`;
    const first = await call(emulator, many, `/me/calendarView?${query}`);
    equal((first.body.value as Json[]).length, 100);
    ok(first.body["@odata.nextLink"]);
    equal((await call(emulator, many, `/me/calendarView?${query}&$skip=100`)).status, 503);
    await rejects(freeBusy(emulator, google, window));
  }));

Deno.test("18: no sync token is valid, and a full read works", () =>
  withScenario("sync-token-expires", async (emulator, { google }) => {
    const list = (query: string) =>
      call(emulator, google, `/calendar/v3/calendars/primary/events?${query}`);
    const full = await list("singleEvents=true");
    equal(full.status, 200);
    const stale = await list(`syncToken=${full.body.nextSyncToken}`);
    deepEqual([stale.status, googleReason(stale)], [410, "fullSyncRequired"]);
    equal((await list("singleEvents=true")).status, 200);
  }));

Deno.test("19: a day off is that very day where the person is", () =>
  withEmulator(async (emulator) => {
    for (
      const [name, zone, tomorrow] of [
        ["auckland", "Pacific/Auckland", "2026-10-26"],
        ["honolulu", "Pacific/Honolulu", "2026-10-25"],
        ["kiritimati", "Pacific/Kiritimati", "2026-10-26"],
      ] as const
    ) {
      const ann = await connect(emulator, "google", `${name}@gmail.example`);
      const { calendars } = await freeBusy(emulator, ann, days(emulator, -2, 4), ["primary"], {
        timeZone: zone,
      });
      deepEqual(calendars.primary?.busy.map(({ start }) => start.slice(0, 19)), [
        `${tomorrow}T00:00:00`,
      ]);
      const kim = await connect(emulator, "microsoft", `${name}@outlook.example`);
      for (const asked of ["UTC", zone]) {
        const view = await calendarView(emulator, kim, days(emulator, -2, 4), { zone: asked });
        deepEqual(view.map(({ start, isAllDay }) => [start.dateTime, isAllDay]), [
          [`${tomorrow}T00:00:00.0000000`, true],
        ]);
      }
    }
  }, playing("all-day-far-away")));

Deno.test("20: Google leaves out what is free or declined, Microsoft says of each what it is", () =>
  withEmulator(async (emulator) => {
    const ann = await connect(emulator, "google", "invitations@gmail.example");
    const { calendars } = await freeBusy(emulator, ann, days(emulator, 1, 2));
    // Of each answer but the declined one, busy and tentative count, and free does not.
    const hours = calendars.primary?.busy.map(({ start }) => Number(start.slice(11, 13)));
    deepEqual(hours, [0, 1, 3, 4, 6, 7, 9, 10]);
    const kim = await connect(emulator, "microsoft", "invitations@outlook.example");
    const view = await calendarView(emulator, kim, days(emulator, 1, 2));
    const responses = ["organizer", "accepted", "tentativelyAccepted", "notResponded", "declined"];
    const shown = responses.flatMap((response) =>
      ["busy", "tentative", "free"].map((showAs) => `${response} ${showAs}`)
    );
    const seen = (event: GraphEvent) => `${event.responseStatus.response} ${event.showAs}`;
    deepEqual(view.map(seen), shown);
  }, playing("answers-to-invitations")));

Deno.test("21: events that began before today are there today", () =>
  withEmulator(async (emulator) => {
    const ann = await connect(emulator, "google", "long.events@gmail.example");
    const { calendars } = await freeBusy(emulator, ann, days(emulator, 0, 1));
    equal(calendars.primary?.busy.length, 1);
    ok(
      Date.parse(calendars.primary?.busy[0]?.start ?? "") <
        Date.parse(days(emulator, -20, 0).timeMin),
    );
    const kim = await connect(emulator, "microsoft", "long.events@outlook.example");
    equal((await calendarView(emulator, kim, days(emulator, 0, 1))).length, 2);
  }, playing("began-before-the-window")));

Deno.test("22: the list of calendars fails, the default calendar is read", () =>
  withScenario("calendar-list-fails", async (emulator, { microsoft }) => {
    equal((await call(emulator, microsoft, "/me/calendars")).status, 500);
    equal((await call(emulator, microsoft, "/me/calendar")).status, 200);
    ok((await calendarView(emulator, microsoft, days(emulator, -3, 10))).length > 0);
  }));

Deno.test("23: three days later access tokens are dead, grants live, and today is full", () =>
  withScenario("nobody-has-read-for-three-days", async (emulator, { google }) => {
    const path = "/calendar/v3/calendars/primary";
    equal((await call(emulator, google, path)).status, 401);
    equal(await tryRefresh(emulator, google), "ok");
    const again = await connect(emulator, "google", ACCOUNTS.google);
    const noon = days(emulator, 0.5, 0.51);
    equal((await freeBusy(emulator, again, noon)).calendars.primary?.busy.length, 1);
    const passed = Date.parse(emulator.control.clock().now) - Date.parse(NOON);
    ok(passed >= 3 * 86_400_000 && passed < 3 * 86_400_000 + 60_000);
  }));

Deno.test("24: every call takes four seconds, signing in does not", () =>
  withScenario("everything-is-slow", async (emulator, { google, microsoft }) => {
    const took = async (work: () => Promise<unknown>) => {
      const began = performance.now();
      await work();
      return performance.now() - began;
    };
    const slow = 4000 / SHORTER;
    ok(await took(() => tryRefresh(emulator, google)) >= slow);
    ok(await took(() => freeBusy(emulator, google, days(emulator, 0, 1))) >= slow);
    ok(await took(() => call(emulator, microsoft, "/me/calendars")) >= slow);
    ok(
      await took(() => fetch(`${emulator.url}/google/oauth2/v3/certs`).then((r) => r.text())) <
        slow,
    );
  }));

Deno.test("25: about half of the calls hang for a minute, the same ones for the same seed", async () => {
  const hanging = async () => {
    const slow: boolean[] = [];
    await withScenario("worker-dies-halfway", async (emulator, { google }) => {
      // A minute is cut to a tenth of a second here, so that twelve of them can be waited for.
      const [fault] = quick("worker-dies-halfway").faults ?? [];
      emulator.control.removeFaults();
      emulator.control.addFault({ match: {}, ...fault, do: { delay_ms: 100 } });
      for (let count = 0; count < 12; count++) {
        const before = emulator.control.faults()[0]?.hits ?? 0;
        equal(await tryRefresh(emulator, google), "ok");
        slow.push((emulator.control.faults()[0]?.hits ?? 0) > before);
      }
    });
    return slow;
  };
  const first = await hanging();
  deepEqual(await hanging(), first);
  ok(first.includes(true) && first.includes(false));
});
