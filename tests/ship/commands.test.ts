/** `npx calendar-connect …` as a person or a script meets it: help, mistakes, exit codes. */
import { deepEqual, equal, match } from "node:assert/strict";
import { join } from "node:path";
import { COMMANDS } from "../../cli/commands.ts";
import { nearest, slips } from "../../cli/nearest.ts";
import { type App, makeApp } from "./app.ts";

let app: App;
let version: string;

Deno.test.beforeAll(async () => {
  app = await makeApp();
  const manifest = join(app.folder, "node_modules/calendar-connect/package.json");
  version = JSON.parse(await Deno.readTextFile(manifest)).version;
});
Deno.test.afterAll(() => app?.remove());

Deno.test("a bare call, --help, -h and help print every command, and change nothing", async () => {
  const before = await app.files();
  const bare = await app.installer();
  deepEqual([bare.code, bare.stderr], [0, ""]);
  match(bare.stdout, /^Usage: calendar-connect <command> \[options\]\n/);
  for (const { name, about } of COMMANDS) {
    match(bare.stdout, new RegExp(`^ {2}${name} +${about}$`, "m"));
  }
  for (const words of [["--help"], ["-h"], ["help"]]) {
    deepEqual(await app.installer(...words), bare);
    deepEqual(await app.npx(...words), bare);
  }
  deepEqual([...await app.files()], [...before]);
});

Deno.test("each command explains itself, and does nothing else when asked to", async () => {
  const before = await app.files();
  for (const { name, options } of COMMANDS) {
    const asked = await app.installer(name, "--help");
    deepEqual([asked.code, asked.stderr], [0, ""]);
    match(asked.stdout, new RegExp(`^Usage: calendar-connect ${name}`));
    for (const option of options) match(asked.stdout, new RegExp(`^ {2}--${option.name} .*`, "m"));
    deepEqual(await app.installer("help", name), asked);
    deepEqual(await app.installer(name, "-h"), asked);
    equal((await app.installer(name, "--version")).stdout, `${version}\n`);
  }
  equal((await app.installer("--version")).stdout, `${version}\n`);
  deepEqual([...await app.files()], [...before]);
});

const mistakes: [string[], RegExp][] = [
  [["instal"], /^There is no command instal\. Did you mean install\?\nHelp: .*connect --help\n$/],
  [["frob-nicate"], /^There is no command frob-nicate\.\n/],
  [["help", "unistall"], /Did you mean uninstall\?/],
  [["--force"], /^There is no option --force without a command\.\n/],
  [["install", "--forse"], /--forse.*\nHelp: calendar-connect install --help\n$/],
  [["install", "elsewhere"], /elsewhere/],
  [["install", "--project"], /--project/],
  [["install", "--project="], /^--project needs a value\.\n/],
  [["uninstall", "--force"], /--force/],
  [["doctor", "a.env", "b.env"], /^doctor takes no b\.env\.\nHelp: calendar-connect doctor --help/],
  [["key", "--help=no"], /--help/],
];

for (const [words, says] of mistakes) {
  Deno.test(`a mistake is explained, with exit code 2: ${words.join(" ")}`, async () => {
    const before = await app.files();
    const ran = await app.installer(...words);
    deepEqual([ran.code, ran.stdout], [2, ""], ran.stderr);
    match(ran.stderr, says);
    deepEqual([...await app.files()], [...before]);
  });
}

Deno.test("a refusal goes to stderr, with exit code 1", async () => {
  for (const command of ["install", "update", "uninstall"]) {
    const ran = await app.installer(command, "--project", "nowhere");
    deepEqual([ran.code, ran.stdout], [1, ""]);
    match(ran.stderr, /^There is no .*nowhere\/supabase\/config\.toml\. Run first: npx supabase/);
  }
  const ran = await app.installer("update");
  deepEqual([ran.code, ran.stderr.split("\n")[0]], [
    1,
    "There is nothing to update. Run first: npx calendar-connect install",
  ]);
});

Deno.test("the folder of the project can be elsewhere", async () => {
  const config = "elsewhere/else/supabase/config.toml";
  await Deno.mkdir(join(app.folder, config, ".."), { recursive: true });
  await Deno.writeTextFile(join(app.folder, config), "");
  equal((await app.installer("install", "--project", "elsewhere/else")).code, 0);
  equal((await app.files()).has("elsewhere/else/supabase/calendar-connect.json"), true);
  equal((await app.files()).has("supabase/calendar-connect.json"), false);
});

Deno.test("--force replaces what has changed since the installation", async () => {
  const index = join(app.folder, "forced/supabase/functions/calendar/index.ts");
  await Deno.mkdir(join(app.folder, "forced/supabase"), { recursive: true });
  await Deno.writeTextFile(join(app.folder, "forced/supabase/config.toml"), "");
  const install = ["install", "--project", "forced"];
  equal((await app.installer(...install)).code, 0);
  const before = await Deno.readTextFile(index);
  await Deno.writeTextFile(index, "// formatted\n");
  deepEqual((await app.installer(...install)).code, 1);
  equal(await Deno.readTextFile(index), "// formatted\n");
  deepEqual((await app.installer(...install, "--force")).code, 0);
  equal(await Deno.readTextFile(index), before);
});

Deno.test("the help of a command is laid out in columns", async () => {
  equal(
    (await app.installer("uninstall", "--help")).stdout,
    `Usage: calendar-connect uninstall [--project FOLDER]

  take the function out and add a migration that drops the tables

  Files that have changed since they were installed stay.

  --project FOLDER   the folder that holds supabase/, if it is not the current one
  --help             print this help
  --version          print the version
`,
  );
  match((await app.installer("doctor", "-h")).stdout, /^Usage: calendar-connect doctor \[FILE\] /);
});

Deno.test("a fault of the package itself is told with its place", async () => {
  const broken = await makeApp();
  try {
    const file = join(broken.folder, "node_modules/calendar-connect/cli/database.json");
    await Deno.writeTextFile(file, "nonsense");
    const ran = await broken.installer("doctor");
    deepEqual([ran.code, ran.stdout], [1, ""]);
    match(ran.stderr, /^SyntaxError: [\s\S]*\n {4}at /m);
  } finally {
    await broken.remove();
  }
});

Deno.test("a key is base64 of 32 bytes, and another one each time", async () => {
  const [first, second] = [await app.installer("key"), await app.installer("key")];
  match(first.stdout, /^[A-Za-z0-9+/]{43}=\n$/);
  equal(first.stdout === second.stdout, false);
});

Deno.test("a failure of the system is told in one line", async () => {
  const ran = await app.installer("install", "--project", "x".repeat(300));
  deepEqual([ran.code, ran.stdout], [1, ""]);
  match(ran.stderr, /^ENAMETOOLONG.*\n$/);
});

Deno.test("the nearest word is the one with the fewest slips, and a guess is none", () => {
  equal(slips("", "abc"), 3);
  equal(slips("abc", ""), 3);
  equal(slips("abc", "abc"), 0);
  equal(slips("abc", "abd"), 1);
  equal(slips("abc", "acb"), 1);
  equal(slips("abcd", "bcd"), 1);
  equal(slips("bcd", "abcd"), 1);
  equal(slips("abcd", "abc"), 1);
  equal(slips("abcd", "abd"), 1);
  equal(slips("abcd", "badc"), 2);
  equal(slips("ab", "ca"), 2);
  equal(slips("ab", "bc"), 2);
  const words = ["install", "uninstall", "key", "doctor"];
  equal(nearest("instal", words), "install");
  equal(nearest("unintsall", words), "uninstall");
  equal(nearest("kye", words), "key");
  equal(nearest("docs", words), undefined);
  equal(nearest("k", words), undefined);
  equal(nearest("", []), undefined);
  const long = "abcdefghijklmnopqrstuvwxyz";
  equal(nearest("abcdefghXY", ["abcdefghij"]), "abcdefghij");
  equal(nearest("abcdefgXYZ", ["abcdefghij"]), undefined);
  equal(nearest("abcdefgXY", ["abcdefghi"]), undefined);
  equal(nearest(long.replace("abc", "123"), [long]), long);
  equal(nearest(long.replace("abcd", "1234"), [long]), undefined);
});
