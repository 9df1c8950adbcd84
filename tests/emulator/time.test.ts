/** Time zones: the emulator's against the platform's own, where clocks change and where they do not. */
import { deepEqual, equal, throws } from "node:assert/strict";
import {
  addDays,
  dateAt,
  graphTime,
  instantOf,
  milliseconds,
  offsetAt,
  parseInstant,
  rfc3339,
  zoneNamed,
} from "../../cli/emulator/time.js";

const iso = (instant: number) => new Date(instant).toISOString();

const LOCAL: [string, string, string][] = [
  ["Europe/Berlin", "2026-03-29T01:59", "2026-03-29T00:59:00.000Z"],
  // The hour from two to three does not exist: it is read with the offset before the jump.
  ["Europe/Berlin", "2026-03-29T02:30", "2026-03-29T01:30:00.000Z"],
  ["Europe/Berlin", "2026-03-29T03:00", "2026-03-29T01:00:00.000Z"],
  // The hour from two to three comes twice: it is the first.
  ["Europe/Berlin", "2026-10-25T02:30", "2026-10-25T00:30:00.000Z"],
  ["Europe/Berlin", "2026-10-25T03:00", "2026-10-25T02:00:00.000Z"],
  ["America/New_York", "2026-03-08T02:30", "2026-03-08T07:30:00.000Z"],
  ["Australia/Lord_Howe", "2026-04-05T01:45", "2026-04-04T14:45:00.000Z"],
  ["Pacific/Kiritimati", "2026-01-01T00:00", "2025-12-31T10:00:00.000Z"],
  ["Pacific/Honolulu", "2026-01-01T00:00", "2026-01-01T10:00:00.000Z"],
  ["Asia/Kolkata", "2026-06-01T12:00", "2026-06-01T06:30:00.000Z"],
  ["UTC", "2026-06-01T12:00:30", "2026-06-01T12:00:30.000Z"],
];

for (const [zone, local, instant] of LOCAL) {
  Deno.test(`${local} in ${zone} is ${instant}`, () => equal(iso(instantOf(local, zone)), instant));
}

Deno.test("every hour of a year goes there and back, but for those that come twice", () => {
  for (
    const zone of ["Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Africa/Casablanca"]
  ) {
    let twice = 0;
    for (let hour = 0; hour < 8760; hour += 1) {
      const instant = Date.UTC(2026, 0, 1) + hour * 3_600_000;
      const local = graphTime(instant, zone).slice(0, 19);
      if (instantOf(local, zone) !== instant) twice++;
    }
    equal(twice <= 1, true, `${zone}: ${twice}`);
  }
});

Deno.test("times are written with the offset of their day", () => {
  const summer = Date.UTC(2026, 6, 1, 12);
  equal(rfc3339(summer, "UTC"), "2026-07-01T12:00:00Z");
  equal(rfc3339(summer, "America/St_Johns"), "2026-07-01T09:30:00-02:30");
  equal(rfc3339(summer, "Asia/Kathmandu"), "2026-07-01T17:45:00+05:45");
  equal(graphTime(summer, "Asia/Kathmandu"), "2026-07-01T17:45:00.0000000");
  equal(offsetAt(summer, "Asia/Kathmandu"), 345 * 60_000);
  equal(dateAt(Date.UTC(2026, 0, 1, 11), "Pacific/Kiritimati"), "2026-01-02");
  equal(addDays("2026-02-27", 3), "2026-03-02");
});

Deno.test("zones go by their IANA and their Windows names, and by nothing else", () => {
  equal(zoneNamed("W. Europe Standard Time"), "Europe/Berlin");
  equal(zoneNamed("Europe/Berlin"), "Europe/Berlin");
  for (const odd of ["FOO5", "+02:00", "", "Mars/Olympus", "Standard Time"]) {
    equal(zoneNamed(odd), undefined, odd);
  }
});

Deno.test("an instant names its offset", () => {
  equal(parseInstant("2026-03-30T09:00:00+02:00"), Date.UTC(2026, 2, 30, 7));
  equal(parseInstant("2026-03-30T09:00:00.5Z"), Date.UTC(2026, 2, 30, 9, 0, 0, 500));
  const odd = ["2026-03-30T09:00:00", "2026-03-30", "2026-13-30T09:00:00Z", "", null, undefined];
  deepEqual(odd.map((text) => parseInstant(text)), odd.map(() => undefined));
});

Deno.test("durations are days, hours, minutes and seconds", () => {
  deepEqual(["7d", "1h30m", "90s", "-1d", 5].map((text) => milliseconds(text)), [
    604_800_000,
    5_400_000,
    90_000,
    -86_400_000,
    5000,
  ]);
  for (const odd of ["", "d", "1w", "1 d", NaN]) throws(() => milliseconds(odd), /duration/);
});
