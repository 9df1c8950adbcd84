/**
 * Nothing outside the project's `supabase/` is read, written or deleted, and nothing in it but what was
 * asked for, whatever a manifest says or a symbolic link leads to.
 */
import { deepEqual, equal, match } from "node:assert/strict";
import { dirname, join } from "node:path";
import { fingerprint } from "../../cli/install/manifest.ts";
import { type Bench, CONFIG, INDEX, MANIFEST, onBench } from "./installation.ts";

const VICTIM = "what somebody else keeps\n";

/** A folder beside the project, with a file whose fingerprint everybody knows. */
async function victimOf({ project }: Bench): Promise<string> {
  const victim = join(dirname(project), "victim");
  await Deno.mkdir(join(victim, "wasm"), { recursive: true });
  await Deno.writeTextFile(join(victim, "index.ts"), VICTIM);
  return victim;
}

/** Both commands refuse, and the folder beside the project is as it was. */
async function refused(bench: Bench, victim: string, says: RegExp): Promise<void> {
  for (const work of [() => bench.install({ force: true }), () => bench.uninstall()]) {
    match(await bench.refusal(work), says);
  }
  equal(await Deno.readTextFile(join(victim, "index.ts")), VICTIM);
  deepEqual([...Deno.readDirSync(victim)].map(({ name }) => name).sort(), ["index.ts", "wasm"]);
}

const KNOWN = fingerprint(new TextEncoder().encode(VICTIM));
const MANIFESTS: [string, unknown][] = [
  ["a path out of supabase/", { files: { "../../victim/index.ts": KNOWN } }],
  ["a path out of the function", {
    files: { "functions/calendar/../../../../victim/index.ts": KNOWN },
  }],
  ["a path beside supabase/", { files: { "../functions/calendar/index.ts": KNOWN } }],
  ["an absolute path", { files: { "/victim/index.ts": KNOWN } }],
  ["a path with backslashes", { files: { "functions\\calendar\\index.ts": KNOWN } }],
  ["a file of another function", { files: { "functions/hello/index.ts": KNOWN } }],
  ["a function whose name begins like ours", { files: { "functions/calendars/index.ts": KNOWN } }],
  ["a folder of ours", { files: { "functions/calendar": KNOWN } }],
  ["a hidden file", { files: { "functions/calendar/.env": KNOWN } }],
  ["the settings", { files: { "config.toml": KNOWN } }],
  ["an empty path", { files: { "": KNOWN } }],
  ["a path with two slashes", { files: { "functions/calendar//index.ts": KNOWN } }],
  ["a path with an end of line", { files: { [`${INDEX}\n`]: KNOWN } }],
  ["no fingerprint", { files: { [INDEX]: "0" } }],
  ["more than a fingerprint", { files: { [INDEX]: `${KNOWN}0` } }],
  ["a number as fingerprint", { files: { [INDEX]: 1 } }],
  ["a migration elsewhere", { migrations: { a: "../20250101000000_a.sql" } }],
  ["a migration under another name", { migrations: { a: "20250101000000_b.sql" } }],
  ["what is no migration", { migrations: { a: "20250101000000_a.sql.bak" } }],
  ["a migration without a time", { migrations: { a: "1_a.sql" } }],
  ["a migration that is no text", { migrations: { a: null } }],
  ["no version", { version: null }],
  ["a version that is none", { version: "newest" }],
  ["no files", { files: null }],
  ["a list of files", { files: [] }],
  ["no migrations", { migrations: undefined }],
  ["nothing", null],
];

for (const [what, changes] of MANIFESTS) {
  onBench(`a manifest with ${what} is refused`, async (bench) => {
    const victim = await victimOf(bench);
    bench.install();
    const manifest = JSON.parse((await bench.files())[MANIFEST] ?? "");
    const hostile = changes === null ? null : { ...manifest, ...Object(changes) };
    await bench.write({ [MANIFEST]: JSON.stringify(hostile), "functions/hello/index.ts": VICTIM });
    await refused(bench, victim, /calendar-connect\.json is not as the installer wrote it/);
  });
}

onBench("a manifest that is no JSON is refused", async (bench) => {
  const victim = await victimOf(bench);
  bench.install();
  await bench.write({ [MANIFEST]: "<<<<<<< HEAD\n{}\n" });
  await refused(bench, victim, /\(it is not JSON\), and nothing has been changed/);
});

/** Each place that is written or removed, with what a link there leads to. */
const LINKS: [string, string][] = [
  [INDEX, "index.ts"],
  [INDEX, "missing"],
  ["functions/calendar/wasm", "wasm"],
  ["functions/calendar/wasm", "missing"],
  ["functions/calendar", "."],
  ["functions", "."],
  ["migrations", "."],
  ["config.toml", "index.ts"],
  [MANIFEST, "index.ts"],
  [MANIFEST, "missing"],
];

for (const [place, target] of LINKS) {
  for (const installed of [false, true]) {
    const when = installed ? "after" : "before";
    onBench(
      `a link ${when} the installation is not followed: ${place} to ${target}`,
      async (bench) => {
        const victim = await victimOf(bench);
        if (installed) bench.install();
        const link = join(bench.project, "supabase", place);
        await Deno.remove(link, { recursive: true }).catch(() => {});
        await Deno.mkdir(dirname(link), { recursive: true });
        await Deno.symlink(join(victim, target), link);
        const works = installed || place === MANIFEST
          ? [() => bench.install({ force: true }), () => bench.uninstall()]
          : [() => bench.install({ force: true })];
        for (const work of works) {
          match(await bench.refusal(work), new RegExp(`supabase/${place} is a symbolic link`));
        }
        equal(await Deno.readTextFile(join(victim, "index.ts")), VICTIM);
        deepEqual([...Deno.readDirSync(victim)].length, 2);
      },
    );
  }
}

onBench("a supabase/ that is a link is refused, with what to do", async (bench) => {
  const elsewhere = join(dirname(bench.project), "elsewhere");
  await Deno.rename(bench.project, elsewhere);
  await Deno.mkdir(bench.project);
  await Deno.symlink(join(elsewhere, "supabase"), join(bench.project, "supabase"));
  match(
    await bench.refusal(() => bench.install()),
    /is a symbolic link\. Give .* --project FOLDER/,
  );
  deepEqual([...Deno.readDirSync(join(elsewhere, "supabase"))].length, 1);
});

onBench(
  "a file where a folder belongs is refused, and a folder where a file belongs",
  async (bench) => {
    await bench.write({ "functions/calendar": "a file\n" });
    match(
      await bench.refusal(() => bench.install()),
      /supabase\/functions\/calendar is not a folder/,
    );
    await Deno.remove(join(bench.project, "supabase/functions/calendar"));
    await Deno.mkdir(join(bench.project, "supabase", INDEX), { recursive: true });
    match(await bench.refusal(() => bench.install()), /index\.ts is not a file/);
    await Deno.remove(join(bench.project, "supabase/functions"), { recursive: true });
    await bench.write({ migrations: "a file\n" });
    match(await bench.refusal(() => bench.install()), /supabase\/migrations is not a folder/);
  },
);

onBench("without settings there is no project, and it says what to run", async (bench) => {
  await Deno.remove(join(bench.project, "supabase/config.toml"));
  match(await bench.refusal(() => bench.install()), /Run first: npx supabase init/);
});

onBench("another name of a file that is replaced keeps its content", async (bench) => {
  const other = join(dirname(bench.project), "other.toml");
  await Deno.link(join(bench.project, "supabase/config.toml"), other);
  bench.install();
  equal(await Deno.readTextFile(other), CONFIG);
});

onBench(
  "a file that is replaced keeps who may read it, and no temporary file stays",
  async (bench) => {
    const config = join(bench.project, "supabase/config.toml");
    await Deno.chmod(config, 0o660);
    bench.install();
    equal(((await Deno.stat(config)).mode ?? 0) & 0o777, 0o660);
    const added = await Deno.stat(join(bench.project, "supabase", INDEX));
    equal((added.mode ?? 0) & 0o600, 0o600);
    deepEqual(Object.keys(await bench.files()).filter((path) => /(^|\/)\./.test(path)), []);
  },
);
