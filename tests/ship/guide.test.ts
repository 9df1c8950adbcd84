/**
 * Somebody who has nothing but the guide: its commands, in its order, from an empty folder, with a
 * management API, a Postgres and providers on this machine in place of Supabase, Google and Microsoft.
 */
import { deepEqual, equal, match } from "node:assert/strict";
import { basename, join } from "node:path";
import { type PostgresServer, startPostgres } from "../../dev/postgres.ts";
import { connected } from "../support/flow.ts";
import { must, packageTarball } from "./app.ts";
import { cliBinary, output, type Ran } from "./cli.ts";
import { type Management, PROJECT, startManagement } from "./management.ts";
import { blocks, type Document, read } from "../support/markdown.ts";
import { makeProject } from "./project.ts";
import { type Providers, serveUpload, type Shipped, startProviders } from "./shipped.ts";

/** What stands in for the network: the commands that would leave this machine are told where to go. */
const SHIMS = {
  npx: `#!/usr/bin/env bash
set -euo pipefail
if [[ $1 != supabase ]]; then exec "$REAL_NPX" --no -- "$@"; fi
shift
echo "$*" >>"$CALLS"
case "$1" in
  login | link) exit 0 ;;
  db) set -- "\${@/%--remote/--remote=$DATABASE}" ;;
  functions | secrets) set -- "$@" --remote=${PROJECT} ;;
esac
exec "$REAL_SUPABASE" "$@" --yes --profile "$PROFILE"
`,
  curl: `#!/usr/bin/env bash
exec "$REAL_CURL" "\${@/#https:\\/\\/${PROJECT}.supabase.co/$SUPABASE_LOCAL}"
`,
};

const guide = read("docs/guide.md");
let root: string;
let management: Management;
let postgres: PostgresServer;
let providers: Providers;
let page: Deno.HttpServer<Deno.NetAddr>;
let shipped: Shipped | undefined;

Deno.test.beforeAll(async () => {
  root = await Deno.makeTempDir({ prefix: "calendar-guide-" });
  management = startManagement();
  postgres = await startPostgres({ version: 15 });
  providers = await startProviders();
  page = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    () => new Response("<h1>Settings</h1>"),
  );
});

Deno.test.afterAll(async () => {
  await shipped?.stop();
  await page?.shutdown();
  await providers?.stop();
  await postgres?.stop();
  await management?.stop();
  await Deno.remove(root, { recursive: true });
});

Deno.test("from an empty folder to a function that connects a calendar", async () => {
  const [make, install, secrets, key] = shell(guide, "Put it into your app");
  const [link, push, health, doctor] = shell(guide, "Deploy");
  const { app, run } = await prepare();

  equal(make?.trim(), "make dist");
  match(must(await run(install)).stdout, /Installed Calendar Connect/);
  equal(must(await run(secrets)).stdout, "supabase/.env.local\n");
  const encryptionKey = must(await run(key)).stdout.trim();
  await fillIn(join(app, "supabase", ".env.local"), {
    ...providers.secrets,
    CALENDAR_ENCRYPTION_KEY: encryptionKey,
    CALENDAR_SETTINGS_URL: `http://127.0.0.1:${page.addr.port}/app/settings`,
  });
  must(await run(link));
  must(await run(push));

  const [upload] = management.uploads;
  if (upload === undefined) throw new Error("nothing was deployed");
  equal(management.secrets.CALENDAR_ENCRYPTION_KEY, encryptionKey);
  shipped = await serveUpload(upload, management.secrets, {
    migrations: join(app, "supabase", "migrations"),
  });
  const local = { SUPABASE_LOCAL: shipped.stack.url };
  match(must(await run(health, local)).stdout, /^\{"status":"ok",.*"google","outlook"\]\}$/);
  const here = doctor?.replace(`https://${PROJECT}.supabase.co`, shipped.stack.url);
  match(must(await run(here, local)).stdout, /, 0 wrong, /);
  const { connections } = await connected(shipped.service, await shipped.newUser(), "google");
  deepEqual(connections.map(({ status }) => status), ["active"]);
});

interface Reader {
  app: string;
  run(block: string | undefined, env?: Record<string, string>): Promise<Ran>;
}

/** A new app, the clone with its package beside it, and a shell in the app's folder. */
async function prepare(): Promise<Reader> {
  const [app, clone, shims] = ["your-app", "calendar-connect", "shims"].map((name) =>
    join(root, name)
  ) as [string, string, string];
  for (const folder of [app, shims, join(clone, "dist")]) {
    await Deno.mkdir(folder, { recursive: true });
  }
  const tarball = await packageTarball();
  await Deno.copyFile(tarball, join(clone, "dist", basename(tarball)));
  const before = Deno.env.get("PATH") ?? "";
  const real = async (name: string) =>
    must(await output("bash", ["-c", `command -v ${name}`], { cwd: "/", env: { PATH: before } }))
      .stdout.trim();
  const profile = join(root, "profile.yaml");
  await Deno.writeTextFile(
    profile,
    ["api_url", "dashboard_url"].map((name) => `${name}: ${management.url}\n`).join("") +
      "name: loopback\nproject_host: supabase.test\n",
  );
  const project = await makeProject(postgres.url, { users: "app", grants: "none" });
  const env = {
    PATH: `${shims}:${before}`,
    HOME: root,
    PGSSLMODE: "disable",
    SUPABASE_ACCESS_TOKEN: `sbp_${"0".repeat(40)}`,
    SUPABASE_TELEMETRY_DISABLED: "1",
    npm_config_offline: "true",
    CALLS: join(root, "calls"),
    DATABASE: project.url,
    PROFILE: profile,
    REAL_NPX: await real("npx"),
    REAL_CURL: await real("curl"),
    REAL_SUPABASE: cliBinary(),
  };
  for (const [name, text] of Object.entries(SHIMS)) {
    await Deno.writeTextFile(join(shims, name), text, { mode: 0o755 });
  }
  const run: Reader["run"] = (block, more = {}) =>
    output("bash", ["-euo", "pipefail", "-c", block ?? "false"], {
      cwd: app,
      env: { ...env, ...more },
    });
  must(await run("git init --quiet && echo '{}' >package.json && npx supabase init"));
  return { app, run };
}

/** The blocks of shell of one chapter, in their order. */
function shell(document: Document, chapter: string): string[] {
  const [, after = ""] = document.text.split(`\n## ${chapter}\n`);
  const [text = ""] = after.split(/^## /m);
  return blocks({ path: document.path, text }).filter(({ language }) => language === "sh")
    .map(({ code }) => code);
}

/** Writes the values behind the names that the example has, and adds those it leaves out. */
async function fillIn(file: string, values: Record<string, string>): Promise<void> {
  let text = await Deno.readTextFile(file);
  for (const [name, value] of Object.entries(values)) {
    const line = new RegExp(`^${name}=.*$`, "m");
    text = line.test(text) ? text.replace(line, `${name}=${value}`) : `${text}${name}=${value}\n`;
  }
  await Deno.writeTextFile(file, text);
}
