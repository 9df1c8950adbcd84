/** The installer's decisions, one condition each, over a small package and a fresh project. */
import { deepEqual, equal, match } from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { isOlder, isVersion } from "../../cli/install/versions.ts";
import { CONFIG, INDEX, MANIFEST, onBench, PACKAGE, WASM } from "./installation.ts";

const CHANGED = { [INDEX]: "Deno.serve(); export {};\n" };

onBench(
  "an installation writes the functions, migrations, settings and what it did",
  async (bench) => {
    match(
      bench.install(),
      /^Installed Calendar Connect 1\.0\.0\.\n {2}wrote {4}supabase\/functions/,
    );
    const { "config.toml": config, [MANIFEST]: manifest, ...rest } = await bench.files();
    deepEqual(rest, {
      [INDEX]: PACKAGE[INDEX],
      [WASM]: PACKAGE[WASM],
      "migrations/20260102030405_calendar_tables.sql":
        PACKAGE["migrations/20250101000000_calendar_tables.sql"],
      "migrations/20260102030406_calendar_flag.sql":
        PACKAGE["migrations/20250101000100_calendar_flag.sql"],
    });
    match(config ?? "", /^project_id = "app" # mine\n\n\[functions\.calendar\]\n/);
    const { version, files, migrations } = JSON.parse(manifest ?? "");
    equal(version, "1.0.0");
    deepEqual(Object.keys(files), [INDEX, WASM]);
    equal(files[WASM], createHash("sha256").update(PACKAGE[WASM] ?? "").digest("hex"));
    deepEqual(migrations, {
      calendar_tables: "20260102030405_calendar_tables.sql",
      calendar_flag: "20260102030406_calendar_flag.sql",
    });
  },
);

onBench("a second time nothing is written and nothing is left to do", async (bench) => {
  bench.install();
  const before = await bench.marks();
  equal(bench.install(), "Calendar Connect 1.0.0 is installed; nothing had to change.");
  deepEqual(await bench.marks(), before);
});

onBench("a second function of the package is installed like the first", async (bench) => {
  const sync = "functions/calendar-sync/index.ts";
  bench.install();
  await bench.publish({ [sync]: "sync\n" });
  const said = bench.install({ version: "1.1.0" });
  match(said, /added {4}\[functions\.calendar-sync\] to supabase\/config\.toml/);
  match(
    said,
    /functions deploy calendar --use-api\n {2}npx supabase functions deploy calendar-sync/,
  );
  equal((await bench.files())[sync], "sync\n");
  bench.uninstall();
  deepEqual((await bench.files())["config.toml"], CONFIG);
  equal(sync in await bench.files(), false);
});

onBench(
  "an update replaces, adds and removes files, and adds only new migrations",
  async (bench) => {
    bench.install();
    const before = await bench.files();
    await bench.publish({
      [INDEX]: "next\n",
      [WASM]: undefined,
      "migrations/20250101000200_calendar_next.sql": "select 1;\n",
    });
    match(bench.install({ version: "1.1.0" }), /^Updated from 1\.0\.0 to 1\.1\.0\./);
    const after = await bench.files();
    equal(after[INDEX], "next\n");
    equal(WASM in after, false);
    equal(after["migrations/20260102030407_calendar_next.sql"], "select 1;\n");
    equal(Object.keys(after).length, Object.keys(before).length);
  },
);

onBench("an update that changes no file is remembered, too", async (bench) => {
  bench.install();
  equal(bench.install({ version: "1.0.1" }), "Updated from 1.0.0 to 1.0.1.");
  equal(JSON.parse((await bench.files())[MANIFEST] ?? "").version, "1.0.1");
});

onBench("an update without an installation is refused", async (bench) => {
  match(
    await bench.refusal(() => bench.install({ mayBeNew: false })),
    /npx calendar-connect install/,
  );
  bench.install();
  match(bench.install({ mayBeNew: false }), /nothing had to change/);
});

onBench("a deleted file is restored", async (bench) => {
  bench.install();
  await Deno.remove(join(bench.project, "supabase", INDEX));
  const said = bench.install();
  match(said, /^Restored Calendar Connect 1\.0\.0\.\n {2}wrote {4}supabase\/functions/);
  match(said, /\n {2}npx supabase functions deploy calendar --use-api$/);
  equal((await bench.files())[INDEX], PACKAGE[INDEX]);
});

onBench("a checkout with other line endings counts as unchanged", async (bench) => {
  bench.install();
  const crlf = (PACKAGE[INDEX] ?? "").replaceAll("\n", "\r\n");
  await bench.write({ [INDEX]: crlf });
  match(bench.install(), /nothing had to change/);
  bench.uninstall();
  equal(INDEX in await bench.files(), false);
});

onBench("a binary file with other line endings counts as changed", async (bench) => {
  bench.install();
  await bench.write({ [WASM]: "\0asm\n" });
  match(await bench.refusal(() => bench.install()), /calendar\.wasm/);
});

onBench("a changed file stops the update, with what to do", async (bench) => {
  bench.install();
  await bench.write(CHANGED);
  await bench.publish({ [INDEX]: "next\n" });
  const said = await bench.refusal(() => bench.install({ version: "1.1.0" }));
  match(said, /nothing has been written:\n {2}supabase\/functions\/calendar\/index\.ts\n/);
  match(said, /--force\. If a formatter such as Prettier/);
  equal(said.includes(WASM), false);
});

onBench(
  "--force replaces changed files, and removes those of the former version",
  async (bench) => {
    bench.install();
    await bench.write({ ...CHANGED, [WASM]: "\0mine" });
    await bench.publish({ [INDEX]: "next\n", [WASM]: undefined });
    match(
      bench.install({ version: "1.1.0", force: true }),
      /removed {2}supabase\/.*calendar\.wasm/,
    );
    const after = await bench.files();
    deepEqual([after[INDEX], WASM in after], ["next\n", false]);
    match(bench.install({ version: "1.1.0" }), /nothing had to change/);
  },
);

onBench(
  "a changed file that is equal to the new version does not stop the update",
  async (bench) => {
    bench.install();
    await bench.write({ [INDEX]: "next\n" });
    await bench.publish({ [INDEX]: "next\n" });
    match(bench.install({ version: "1.1.0" }), /^Updated/);
  },
);

onBench("a function of that name that is not ours stays, with --force as well", async (bench) => {
  await bench.write({ [INDEX]: "my own calendar\n" });
  for (const force of [false, true]) {
    const said = await bench.refusal(() => bench.install({ force }));
    match(said, /not from this installer[\s\S]*your own function[\s\S]*calendar-connect\.json/);
  }
});

onBench("a file of ours that somebody made before an update stays", async (bench) => {
  bench.install();
  const added = "functions/calendar/wasm/added.js";
  await bench.write({ [added]: "mine\n" });
  match(bench.install(), /nothing had to change/);
  await bench.publish({ [added]: "ours\n" });
  const said = await bench.refusal(() => bench.install({ version: "1.1.0", force: true }));
  match(said, /not from this installer/);
  equal(said.includes(MANIFEST), false);
});

onBench("an older version is refused, and taken with --force", async (bench) => {
  await bench.publish({ "migrations/20250101000200_calendar_next.sql": "select 1;\n" });
  bench.install({ version: "1.10.0" });
  await bench.publish({ "migrations/20250101000200_calendar_next.sql": undefined });
  await bench.publish({ [INDEX]: "older\n" });
  const said = await bench.refusal(() => bench.install({ version: "1.9.0" }));
  match(said, /holds Calendar Connect 1\.10\.0, which is newer than this package \(1\.9\.0\)/);
  match(bench.install({ version: "1.9.0", force: true }), /^Went back from 1\.10\.0 to 1\.9\.0\./);
  const { migrations } = JSON.parse((await bench.files())[MANIFEST] ?? "");
  deepEqual(Object.keys(migrations), ["calendar_tables", "calendar_flag", "calendar_next"]);
});

onBench("a migration that is missing is asked for, with --force as well", async (bench) => {
  bench.install();
  await Deno.remove(join(bench.project, "supabase/migrations/20260102030406_calendar_flag.sql"));
  for (const force of [false, true]) {
    const said = await bench.refusal(() => bench.install({ force }));
    match(said, /\n {2}supabase\/migrations\/20260102030406_calendar_flag\.sql\nRestore/);
    equal(said.includes("calendar_tables"), false);
  }
});

onBench("without its manifest, an installation is taken up again", async (bench) => {
  bench.install();
  const before = await bench.files();
  await Deno.remove(join(bench.project, "supabase", MANIFEST));
  equal(bench.install(), "Installed Calendar Connect 1.0.0.");
  deepEqual(await bench.files(), before);
});

onBench("a migration of the app with a name of ours is not taken for ours", async (bench) => {
  await bench.write({ "migrations/20240101000000_calendar_tables.sql": "select 'mine';\n" });
  bench.install();
  equal(
    (await bench.files())["migrations/20260102030405_calendar_tables.sql"],
    PACKAGE["migrations/20250101000000_calendar_tables.sql"],
  );
});

onBench("after an uninstallation the migrations are added again, later", async (bench) => {
  bench.install();
  bench.uninstall();
  bench.install();
  deepEqual(
    Object.keys(await bench.files()).filter((path) => path.startsWith("migrations/"))
      .map((path) => path.slice("migrations/".length)),
    [
      "20260102030405_calendar_tables.sql",
      "20260102030406_calendar_flag.sql",
      "20260102030407_calendar_uninstall.sql",
      "20260102030408_calendar_tables.sql",
      "20260102030409_calendar_flag.sql",
    ],
  );
});

onBench("files that are no migrations are not counted as such", async (bench) => {
  await bench.write({
    "migrations/99999999.txt": "",
    "migrations/x99999999_a.sql": "",
    "migrations/99999999_a.sql.bak": "",
  });
  match(bench.install(), /migrations\/20260102030405_calendar_tables\.sql/);
  await bench.publish({ "migrations/README.md": "", "migrations/.keep": "" });
  match(bench.install(), /nothing had to change/);
});

onBench("a newest migration from the future is still the older one", async (bench) => {
  await bench.write({ "migrations/20991231235959_future.sql": "select 1;\n" });
  bench.install();
  deepEqual(Object.keys(await bench.files()).filter((path) => path.startsWith("migrations/2")), [
    "migrations/20991231235959_future.sql",
    "migrations/21000101000000_calendar_tables.sql",
    "migrations/21000101000001_calendar_flag.sql",
  ]);
});

onBench(
  "the newest migration is the one with the latest time, not with the last name",
  async (bench) => {
    await bench.write({ "migrations/2026_b.sql": "", "migrations/20260601000000_a.sql": "" });
    match(bench.install(), /supabase\/migrations\/20260601000001_calendar_tables\.sql/);
  },
);

onBench("a newest migration after which no time can come is refused", async (bench) => {
  for (const name of ["99999999_odd", "99991231235959_last", "202612312359590_long"]) {
    const file = `migrations/${name}.sql`;
    await bench.write({ [file]: "select 1;\n" });
    match(await bench.refusal(() => bench.install()), /^The newest migration, \d+, does not/);
    await Deno.remove(join(bench.project, "supabase", file));
  }
});

onBench("advice about the settings is given each time until it is followed", async (bench) => {
  await bench.write({ "config.toml": "[functions.calendar]\nverify_jwt = true\n" });
  match(bench.install(), /\n\nIn supabase\/config\.toml, set .*: verify_jwt = false\n/);
  match(bench.install(), /nothing had to change\.\n\nIn supabase\/config\.toml, set .*/);
  equal((await bench.files())["config.toml"], "[functions.calendar]\nverify_jwt = true\n");
  await bench.write({ "config.toml": "[functions.calendar]\nverify_jwt = false\n" });
  equal(bench.install().includes("set under"), false);
});

onBench("uninstalling removes what was installed, and leaves the migrations", async (bench) => {
  bench.install();
  const migrations = Object.entries(await bench.files())
    .filter(([path]) => path.startsWith("migrations/"));
  const said = bench.uninstall();
  match(said, /added {4}supabase\/migrations\/20260102030407_calendar_uninstall\.sql/);
  equal(said.includes("kept"), false);
  deepEqual(await bench.files(), {
    "config.toml": CONFIG,
    ...Object.fromEntries(migrations),
    "migrations/20260102030407_calendar_uninstall.sql": PACKAGE["uninstall.sql"],
  });
  deepEqual([...Deno.readDirSync(join(bench.project, "supabase/functions"))], []);
  match(await bench.refusal(() => bench.uninstall()), /nothing has been installed here/);
});

onBench("uninstalling keeps a file that somebody changed, and says so", async (bench) => {
  bench.install();
  await bench.write(CHANGED);
  const said = bench.uninstall();
  match(said, /\n {2}kept {5}supabase\/functions\/calendar\/index\.ts: it has been changed\n/);
  const after = await bench.files();
  deepEqual([after[INDEX], WASM in after], [CHANGED[INDEX], false]);
});

onBench("uninstalling keeps files of the app's own beside ours", async (bench) => {
  bench.install();
  await bench.write({ "functions/calendar/notes.md": "mine\n" });
  bench.uninstall();
  equal((await bench.files())["functions/calendar/notes.md"], "mine\n");
});

onBench("uninstalling keeps settings that somebody changed, and says so", async (bench) => {
  bench.install();
  const { "config.toml": config = "" } = await bench.files();
  await bench.write({ "config.toml": `${config}import_map = "./mine.json"\n` });
  const before = (await bench.marks())["config.toml"];
  match(bench.uninstall(), /kept {5}\[functions\.calendar\] in supabase\/config\.toml/);
  equal((await bench.marks())["config.toml"], before);
});

onBench("uninstalling works where files and migrations are already gone", async (bench) => {
  bench.install();
  await Deno.remove(join(bench.project, "supabase/functions"), { recursive: true });
  await Deno.remove(join(bench.project, "supabase/migrations"), { recursive: true });
  bench.uninstall();
  deepEqual(await bench.files(), {
    "config.toml": CONFIG,
    "migrations/20260102030405_calendar_uninstall.sql": PACKAGE["uninstall.sql"],
  });
});

Deno.test("versions are ordered as semver orders them", () => {
  const ordered = ["0.9.9", "0.10.0-rc.2", "0.10.0-rc.10", "0.10.0", "0.10.1", "1.0.0", "10.0.0"];
  for (const [index, version] of ordered.entries()) {
    for (const [other, against] of ordered.entries()) {
      equal(isOlder(version, against), index < other, `${version} < ${against}`);
    }
  }
  for (const no of ["1.0", "v1.0.0", "1.0.0 ", "", 1, null]) equal(isVersion(no), false);
});
