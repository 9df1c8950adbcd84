/** Somebody's app: made by `supabase init`, with a function, settings, migrations and users of its own. */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { SOURCES } from "../../cli/package/contents.ts";
import { buildPackage } from "../../scripts/package.ts";
import { exists, inRepository } from "../../dev/paths.ts";
import { output, type Ran, succeed } from "./cli.ts";

export interface App {
  folder: string;
  /** Every file of the app but node_modules and git's, by its path. */
  files(): Promise<Map<string, string>>;
  /** `calendar-connect …`, as a script of the app would run it. */
  installer(...args: string[]): Promise<Ran>;
  /** The same by `npx`, which takes a second more. */
  npx(...args: string[]): Promise<Ran>;
  remove(): Promise<void>;
}

/** Built again only if something it is made of has changed: each file of tests asks for it. */
export async function packageTarball(): Promise<string> {
  const folder = inRepository(".cache", "ship");
  const record = join(folder, "built.json");
  const inputs = await fingerprint(SOURCES);
  if (exists(record)) {
    const built = JSON.parse(await Deno.readTextFile(record));
    if (built.inputs === inputs && exists(built.tarball)) return built.tarball;
  }
  const tarball = await buildPackage(folder);
  await Deno.writeTextFile(record, JSON.stringify({ inputs, tarball }));
  return tarball;
}

async function fingerprint(paths: string[]): Promise<string> {
  const hash = createHash("sha256");
  for (const path of paths) {
    const whole = inRepository(path);
    const isFolder = (await Deno.stat(whole)).isDirectory;
    const files = isFolder ? [...await filesOf(whole)] : [];
    if (!isFolder) hash.update(await Deno.readFile(whole));
    for (const [name, content] of files.sort()) hash.update(`${name} ${content}\n`);
  }
  return hash.digest("hex");
}

/** The users table of an app that was there first, with its data. */
export const OWN_MIGRATION = "20240501120000_profiles.sql";
const profiles = `
create table public.users (
  id uuid primary key references auth.users (id) on delete cascade,
  display_name text not null,
  plan text not null default 'free'
);
alter table public.users enable row level security;
create policy "own profile" on public.users for select to authenticated
  using (id = (select auth.uid()));
grant select on public.users to authenticated;
insert into auth.users (id, email) values
  ('bbbbbbbb-0000-4000-8000-000000000001', 'ann@example.com'),
  ('bbbbbbbb-0000-4000-8000-000000000002', 'bob@example.com');
insert into public.users (id, display_name, plan) values
  ('bbbbbbbb-0000-4000-8000-000000000001', 'Ann', 'paid'),
  ('bbbbbbbb-0000-4000-8000-000000000002', 'Bob', 'free');
`;

/** A fresh project; with files of its own, by path, over what `supabase init` makes. */
export async function makeApp(own: Record<string, string> = {}): Promise<App> {
  const folder = await Deno.makeTempDir({ prefix: "calendar-app-" });
  must(await sh(folder, "cp", ["-a", `${await freshApp()}/.`, folder]));
  await write(folder, own);
  return {
    folder,
    files: () => filesOf(folder),
    installer: (...args) => sh(folder, "node_modules/.bin/calendar-connect", args),
    npx: (...args) => sh(folder, "npx", ["--no", "--", "calendar-connect", ...args]),
    remove: () => Deno.remove(folder, { recursive: true }),
  };
}

let fresh: Promise<string> | undefined;

/** Made once, below .cache, with the package in its node_modules; each test gets a copy. */
function freshApp(): Promise<string> {
  fresh ??= (async () => {
    const tarball = await packageTarball();
    const folder = inRepository(".cache", "ship", "app");
    if (exists(folder)) await Deno.remove(folder, { recursive: true });
    await Deno.mkdir(folder, { recursive: true });
    await git(folder, "init", "--quiet", "--initial-branch=main");
    await succeed(["init"], { project: folder });
    const config = await Deno.readTextFile(join(folder, "supabase", "config.toml"));
    await write(folder, {
      "package.json": '{ "name": "an-app", "private": true }\n',
      ".gitignore": "node_modules\n.env*\ndist\nbuild\n",
      "supabase/config.toml": `${config}\n[functions.hello]\nverify_jwt = true\n`,
      "supabase/functions/hello/index.ts": 'Deno.serve(() => new Response("hello"));\n',
      [`supabase/migrations/${OWN_MIGRATION}`]: profiles,
    });
    const npm = [
      "install",
      "--offline",
      "--silent",
      "--no-audit",
      "--no-fund",
      "--no-package-lock",
    ];
    must(await sh(folder, "npm", [...npm, "--save-dev", tarball]));
    return folder;
  })();
  return fresh;
}

async function write(folder: string, files: Record<string, string>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await Deno.mkdir(join(folder, path, ".."), { recursive: true });
    await Deno.writeTextFile(join(folder, path), text);
  }
}

/** `git add -A`, a commit, and a clone in which only what git keeps is left. */
export async function cloneOf(app: App): Promise<string> {
  await git(app.folder, "add", "-A");
  await git(app.folder, "commit", "--quiet", "-m", "Add calendars");
  const clone = await Deno.makeTempDir({ prefix: "calendar-clone-" });
  await git(clone, "clone", "--quiet", app.folder, ".");
  return clone;
}

async function git(folder: string, ...args: string[]): Promise<void> {
  const who = [
    "-c",
    "user.name=A",
    "-c",
    "user.email=a@example.com",
    "-c",
    "core.hooksPath=/dev/null",
  ];
  must(await sh(folder, "git", [...who, ...args]));
}

function sh(folder: string, command: string, args: string[]): Promise<Ran> {
  const env = { PATH: Deno.env.get("PATH") ?? "", HOME: folder };
  return output(command, args, { cwd: folder, env });
}

export function must(ran: Ran): Ran {
  if (ran.code !== 0) throw new Error(`it ended with ${ran.code}:\n${ran.stdout}${ran.stderr}`);
  return ran;
}

async function filesOf(folder: string, below = ""): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for await (const entry of Deno.readDir(join(folder, below))) {
    const path = below === "" ? entry.name : `${below}/${entry.name}`;
    if ([".git", ".npm", "node_modules", "package.json"].includes(entry.name)) continue;
    if (entry.isDirectory) {
      (await filesOf(folder, path)).forEach((text, each) => files.set(each, text));
    } else files.set(path, (await Deno.readFile(join(folder, path))).toHex());
  }
  return files;
}

export function text(hex: string | undefined): string {
  return new TextDecoder().decode(Uint8Array.fromHex(hex ?? ""));
}
