/** What the installer reads in `supabase/config.toml`, and the little it writes there. */
import { deepEqual, equal, match, throws } from "node:assert/strict";
import {
  adviceFor,
  decodeConfig,
  functionsIn,
  withFunctions,
  withoutFunctions,
} from "../../cli/install/config.ts";
import { Refusal } from "../../cli/errors.ts";

const add = (text: string) => withFunctions(text, ["calendar"]);
const takeOut = (text: string) => withoutFunctions(text, ["calendar"]);
const settingsIn = (text: string) => ({ ...functionsIn(text).calendar });

const OWN = 'project_id = "x" # mine\n\n[functions.hello]\nverify_jwt = true\n';
const SETTINGS = {
  enabled: true,
  verify_jwt: false,
  entrypoint: "./functions/calendar/index.ts",
};

Deno.test("settings are appended, and what was there stays as it was", () => {
  const { text, names } = add(OWN);
  deepEqual(names, ["calendar"]);
  equal(text.startsWith(`${OWN}\n[functions.calendar]\n`), true);
  deepEqual(settingsIn(text), SETTINGS);
  deepEqual(adviceFor(text, "calendar"), []);
});

Deno.test("what was appended is taken out again, and nothing else", () => {
  for (const text of [OWN, "", OWN.replaceAll("\n", "\r\n"), `\uFEFF${OWN}`]) {
    const after = takeOut(add(text).text);
    deepEqual(after, { text, names: ["calendar"] });
  }
  const between = add(OWN).text + "\n[functions.last]\nverify_jwt = true\n";
  equal(takeOut(between).text, OWN + "\n[functions.last]\nverify_jwt = true\n");
});

Deno.test("the line endings of the file are kept", () => {
  const { text } = add(OWN.replaceAll("\n", "\r\n"));
  equal(text.replaceAll("\r\n", "").includes("\n"), false);
  deepEqual(settingsIn(text), SETTINGS);
  equal(add(OWN).text.includes("\r"), false);
});

Deno.test("a last line without an end gets one", () => {
  equal(add("a = 1").text.startsWith("a = 1\n\n[functions.calendar]\n"), true);
  equal(add("a = 1\r\nb = 2").text.startsWith("a = 1\r\nb = 2\r\n\r\n[functions"), true);
});

Deno.test("two functions get settings of their own, and only those that have none", () => {
  const both = withFunctions(OWN, ["calendar", "calendar-sync"]);
  deepEqual(both.names, ["calendar", "calendar-sync"]);
  equal(functionsIn(both.text)["calendar-sync"]?.verify_jwt, false);
  const second = withFunctions(add(OWN).text, ["calendar", "calendar-sync"]);
  deepEqual(second, { text: both.text, names: ["calendar-sync"] });
  deepEqual(withoutFunctions(both.text, ["calendar", "calendar-sync"]).text, OWN);
});

for (
  const own of [
    "[functions.calendar]\nverify_jwt = false\n",
    "[ functions . 'calendar' ] # mine\nverify_jwt = false\n",
    '[functions."calendar"]\r\nverify_jwt = false\r\n',
    "functions.calendar.verify_jwt = false\n",
    "functions.calendar.verify_jwt = false",
    "[functions]\ncalendar = { verify_jwt = false }\n",
    "[functions]\ncalendar.verify_jwt = false\n",
    "functions = { calendar = { verify_jwt = false } }\n",
    "[functions.calendar.more]\na = 1\n[functions.calendar]\nverify_jwt = false\n",
  ]
) {
  Deno.test(`settings that are there stay: ${JSON.stringify(own)}`, () => {
    deepEqual(add(own), { text: own, names: [] });
    deepEqual(adviceFor(own, "calendar"), []);
    deepEqual(takeOut(own), { text: own, names: [] });
  });
}

for (
  const own of [
    "# [functions.calendar]\n# verify_jwt = true\n",
    '[auth]\ncalendar = "mine"\n',
    "[functions.hello]\ncalendar.x = 1\n",
    "[calendar]\nverify_jwt = true\n",
    '[functions."calendar.x"]\nverify_jwt = true\n',
    "text = '''\n[functions.calendar]\nverify_jwt = true\n'''\n",
    "[functions]\n",
  ]
) {
  Deno.test(`these are not the function's settings: ${JSON.stringify(own)}`, () => {
    const { text } = add(own);
    deepEqual(settingsIn(text), SETTINGS);
    equal(takeOut(text).text, own);
  });
}

Deno.test("a file that nothing can be appended to is refused, with what to add", () => {
  for (const own of ["functions = { hello = { verify_jwt = true } }\n", "functions = 1\n"]) {
    throws(() => add(own), (error) => {
      match(String(error), /nothing has been changed.*\n\n\[functions\.calendar\]\nenabled/);
      return error instanceof Refusal;
    });
  }
});

Deno.test("a file that is no TOML is refused, with the place", () => {
  throws(() => add("a = 1\nb = = 2\n"), (error) => {
    match(String(error), /not valid TOML, and nothing has been changed:[\s\S]*b = = 2/);
    return error instanceof Refusal;
  });
});

Deno.test("a file that is not UTF-8 is refused, and a byte order mark is kept", () => {
  throws(() => decodeConfig(new Uint8Array([0x61, 0xff])), Refusal);
  equal(decodeConfig(new Uint8Array([0xef, 0xbb, 0xbf, 0x61])), "\uFEFFa");
});

Deno.test("each setting that keeps the function from working is named", () => {
  const advice = (settings: string) => {
    const lines = adviceFor(`[functions.calendar]\n${settings}`, "calendar");
    return lines.map((line) => line.replace(/^.*set under \[functions\.calendar\]: /, ""));
  };
  deepEqual(advice(""), ["verify_jwt = false"]);
  deepEqual(advice("verify_jwt = true"), ["verify_jwt = false"]);
  deepEqual(advice('verify_jwt = "false"'), ["verify_jwt = false"]);
  deepEqual(advice("verify_jwt = false\nenabled = false"), ["enabled = true"]);
  deepEqual(advice('verify_jwt = false\nentrypoint = "./mine.ts"'), [
    'entrypoint = "./functions/calendar/index.ts"',
  ]);
  deepEqual(advice('verify_jwt = false\nentrypoint = "functions/calendar/index.ts"'), []);
  deepEqual(adviceFor("[functions]\ncalendar = 1\n", "calendar").length, 1);
});

Deno.test("settings that somebody changed are not taken out", () => {
  const { text } = add(OWN);
  const edited = text.replace("verify_jwt = false", "verify_jwt = false # checked by Ann");
  deepEqual(takeOut(edited), { text: edited, names: [] });
  const more = `${text}import_map = "./mine.json"\n`;
  deepEqual(takeOut(more), { text: more, names: [] });
});

Deno.test("the same words inside a text are not taken out", () => {
  const block = add("").text;
  const quoted = `text = '''${block}'''\n`;
  deepEqual(takeOut(quoted), { text: quoted, names: [] });
});
