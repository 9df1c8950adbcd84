/** From the tarball of `make dist` to a running function, in an app that had a life before. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { dirname, join } from "node:path";
import { isPart, manifest, PARTS } from "../../cli/package/contents.ts";
import { inRepository } from "../../dev/paths.ts";
import { type PostgresServer, startPostgres } from "../../dev/postgres.ts";
import { connected } from "../support/flow.ts";
import { type App, cloneOf, makeApp, must, OWN_MIGRATION, packageTarball, text } from "./app.ts";
import { output, succeed } from "./cli.ts";
import { type Management, PROJECT, startManagement, type Upload } from "./management.ts";
import { makeProject, withSql } from "./project.ts";
import { type Providers, serveUpload, startProviders } from "./shipped.ts";

let app: App;
let before: Map<string, string>;
let installed: Map<string, string>;
let postgres: PostgresServer;
let management: Management;
let providers: Providers;
const clones: string[] = [];

/** The npm packages that the command line holds. */
const BUNDLED = ["postgres", "smol-toml"];

Deno.test.beforeAll(async () => {
  postgres = await startPostgres({ version: 15 });
  management = startManagement();
  providers = await startProviders();
  app = await makeApp();
  before = await app.files();
});

Deno.test.afterAll(async () => {
  await app?.remove();
  for (const clone of clones) await Deno.remove(clone, { recursive: true });
  await providers?.stop();
  await management?.stop();
  await postgres?.stop();
});

Deno.test("the tarball holds what contents.ts says, and needs nothing besides", async () => {
  const tarball = await packageTarball();
  const { stdout } = must(await output("tar", ["tf", tarball], { cwd: "/", env: {} }));
  const files = stdout.trim().split("\n").map((path) => path.replace(/^package\//, ""));
  deepEqual(files.filter((file) => !PARTS.some((part) => isPart(part, file))), ["package.json"]);
  for (const part of PARTS) ok(files.some((file) => isPart(part, file)), part.path);
  const bundled = await Deno.readTextFile(join(dirname(tarball), "package/cli/third-party.txt"));
  deepEqual([...bundled.matchAll(/^([a-z-]+) \d+\.\d+\.\d+$/gm)].map(([, name]) => name), BUNDLED);
  equal("dependencies" in manifest("1.0.0"), false);
  const { size } = await Deno.stat(tarball);
  ok(size < 400_000, `${size} bytes`);
});

Deno.test("install adds the function, the migrations and a block, and changes nothing else", async () => {
  match(must(await app.installer("install")).stdout, /^Installed Calendar Connect \d+\.\d+\.\d+\./);
  installed = await app.files();
  for (const [path, content] of before) {
    if (path !== "supabase/config.toml") equal(installed.get(path), content, path);
  }
  const [was, is] = [before, installed].map((files) => text(files.get("supabase/config.toml")));
  equal(is?.startsWith(was ?? "-"), true, "the app's own settings come first, as they were");
  match(is?.slice(was?.length) ?? "", /^\n\[functions\.calendar\]\nenabled = true\n/);
  const added = [...installed.keys()].filter((path) => !before.has(path));
  deepEqual(
    added.filter((path) =>
      !/^supabase\/(functions\/calendar\/|migrations\/\d{14}_calendar_\w+\.sql$)/.test(path)
    ),
    ["supabase/calendar-connect.json"],
  );
});

Deno.test("the migrations come after the app's own, in their order", () => {
  const files = [...installed.keys()].filter((path) => path.startsWith("supabase/migrations/"))
    .map((path) => path.slice("supabase/migrations/".length)).sort();
  equal(files[0], OWN_MIGRATION);
  const ours = [...Deno.readDirSync(inRepository("supabase", "migrations"))]
    .map(({ name }) => name).sort().map((name) => name.replace(/^\d+_/, ""));
  deepEqual(files.slice(1).map((name) => name.replace(/^\d{14}_/, "")), ours);
});

Deno.test("the installed Wasm is the tested one", async () => {
  const wasm = await Deno.readFile(inRepository("pkg", "calendar_connect_bg.wasm"));
  const path = "supabase/functions/calendar/wasm/calendar_connect_bg.wasm";
  equal(installed.get(path) === wasm.toHex(), true);
});

Deno.test("a second install changes nothing", async () => {
  match(must(await app.installer("install")).stdout, /nothing had to change/);
  deepEqual([...await app.files()], [...installed]);
});

Deno.test("db push applies them to a database that has the app's migration and its users", async () => {
  const project = await makeProject(postgres.url, { users: "made", grants: "all" });
  const remote = `--remote=${project.url}`;
  const first = await Deno.makeTempDir({ prefix: "calendar-first-" });
  clones.push(first);
  for (const path of ["supabase/config.toml", `supabase/migrations/${OWN_MIGRATION}`]) {
    await Deno.mkdir(join(first, path, ".."), { recursive: true });
    await Deno.writeTextFile(join(first, path), text(before.get(path)));
  }
  await succeed(["db", "push", remote], { project: first });
  const { stderr } = await succeed(["db", "push", remote], { project: app.folder });
  equal(stderr.includes("profiles"), false);
  const users = await withSql(
    project.superuserUrl,
    (sql) => sql`select display_name, plan, calendar_connected from public.users order by id`,
  );
  deepEqual([...users], [
    { display_name: "Ann", plan: "paid", calendar_connected: false },
    { display_name: "Bob", plan: "free", calendar_connected: false },
  ]);
});

Deno.test("committed, cloned and deployed from the clone, it connects both calendars, hosted and self-hosted", async () => {
  const clone = await cloneOf(app);
  clones.push(clone);
  await succeed(["functions", "deploy", "--use-api", `--remote=${PROJECT}`], {
    project: clone,
    managementUrl: management.url,
  });
  const uploads = new Map(management.uploads.map((upload) => [upload.slug, upload]));
  deepEqual([...uploads.keys()].sort(), ["calendar", "hello"]);
  const upload = uploads.get("calendar") as Upload;
  const { static_patterns, verify_jwt } = upload.metadata;
  deepEqual({ static_patterns, verify_jwt }, { static_patterns: [], verify_jwt: false });
  const outside = [...upload.files.keys()]
    .filter((path) => !path.startsWith("supabase/functions/calendar/"));
  deepEqual(outside, [], "self-hosting mounts supabase/functions only");

  const migrations = join(clone, "supabase", "migrations");
  for (const servedAs of ["platform", "kong"] as const) {
    const shipped = await serveUpload(upload, providers.secrets, { migrations, servedAs });
    try {
      const user = await shipped.newUser();
      for (const provider of ["google", "outlook"] as const) {
        equal((await connected(shipped.service, user, provider)).connected, true, servedAs);
      }
    } finally {
      await shipped.stop();
    }
  }
});
