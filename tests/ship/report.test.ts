/** What the doctor reads first and says last, and when two clocks agree. */
import { deepEqual, equal, throws } from "node:assert/strict";
import { compareClock } from "../../cli/doctor/addresses.ts";
import { readEnvironment } from "../../cli/doctor/read.ts";
import { asText, exitCode, note, open, right, wrong } from "../../cli/doctor/report.ts";
import { Misuse } from "../../cli/errors.ts";

Deno.test("a clock may differ by a minute and the time that the answer took", () => {
  const now = Date.now();
  const verdict = (time: number | string, asked = now) =>
    compareClock("clock", typeof time === "string" ? time : new Date(time).toISOString(), asked)
      .verdict;
  equal(verdict(now), "right");
  equal(verdict(now - 60_000), "right");
  equal(verdict(now - 61_000), "wrong");
  equal(verdict(now + 60_000), "right");
  equal(verdict(now + 65_000), "wrong");
  equal(verdict(now - 100_000, now - 120_000), "right");
  equal(verdict("noon"), "open");
  const hour = compareClock("clock", new Date(now - 3_600_000).toISOString(), now);
  equal(hour.says, "differs from this machine's by 3600 seconds");
  equal(compareClock("clock", null, now).verdict, "open");
});

Deno.test("a report has a line for each finding, its remedy, and how many there are", () => {
  const findings = [
    right("A", "is right"),
    wrong("B", "is wrong", "correct it"),
    note("C", "is so", "look"),
    note("D", "is so"),
    open("E", "is unknown", "give it"),
  ];
  equal(
    asText(findings),
    `right  A: is right
wrong  B: is wrong
       to do: correct it
note   C: is so
       to do: look
note   D: is so
open   E: is unknown
       to do: give it
doctor: 1 right, 1 wrong, 2 to note, 1 not looked at`,
  );
  equal(exitCode(findings), 1);
  equal(exitCode(findings.filter(({ verdict }) => verdict !== "wrong")), 0);
});

Deno.test("a file comes before the process's variables, and empty ones count as absent", async () => {
  const file = await Deno.makeTempFile({ suffix: ".env" });
  try {
    await Deno.writeTextFile(file, "# mine\nA='in the file '\nB=\nC=c\nD='  '\n");
    const own = { A: "of the process", B: "b", PATH: "/bin", E: "" };
    deepEqual(readEnvironment(file, own), {
      env: { A: "in the file", C: "c", PATH: "/bin" },
      written: ["A", "C"],
    });
    deepEqual(readEnvironment(undefined, own), {
      env: { A: "of the process", B: "b", PATH: "/bin" },
      written: ["A", "B", "PATH"],
    });
  } finally {
    await Deno.remove(file);
  }
  throws(() => readEnvironment("/nowhere/.env", {}), Misuse);
});
