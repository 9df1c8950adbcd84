/**
 * Makes the npm package that apps install: `deno run -A scripts/package.ts [FOLDER]`, into dist/ unless
 * told. Its users need no Rust: the Wasm of pkg/ is in it, beside the function, below supabase/functions,
 * which is all of an app that a self-hosted edge runtime sees.
 */
import { basename, dirname, join } from "node:path";
import { exists, inPackage, inRepository } from "../dev/paths.ts";

const NAME = "calendar-connect";

/** Made anew in the package: pkg/'s own .gitignore would hide the Wasm from the app's repository. */
const WASM_FILES =
  /^(calendar_connect(_bg)?\.(js|wasm|d\.ts)|calendar_connect_bg\.wasm\.d\.ts|snippets\/.*)$/;

export async function buildPackage(out: string): Promise<string> {
  if (!exists(inRepository("pkg", "calendar_connect_bg.wasm"))) {
    throw new Error("pkg/ has not been built. Run: make build");
  }
  const folder = join(out, "package");
  if (exists(folder)) await Deno.remove(folder, { recursive: true });
  await Deno.mkdir(folder, { recursive: true });
  await copyFunction(join(folder, "supabase", "functions", "calendar"));
  await copyAll(inRepository("supabase", "migrations"), join(folder, "supabase", "migrations"));
  await copyAll(inRepository("cli"), join(folder, "cli"), /^(main|install\/.*)\.js$/);
  await copy(inRepository("supabase", "uninstall.sql"), join(folder, "supabase", "uninstall.sql"));
  for (const name of ["LICENSE-MIT", "LICENSE-APACHE", "CHANGELOG.md"]) {
    await copy(inRepository(name), join(folder, name));
  }
  await copy(inRepository("cli", "package", "README.md"), join(folder, "README.md"));
  await buildApp(join(folder, "app"));
  await declareDatabase(join(folder, "app"));
  await Deno.writeTextFile(
    join(folder, "package.json"),
    JSON.stringify(manifest(await version()), null, 2) + "\n",
  );
  const packed = await run("npm", ["pack", "--silent", "--pack-destination", out, folder]);
  return join(out, packed.trim().split("\n").at(-1) ?? "");
}

async function copyFunction(target: string): Promise<void> {
  const source = await Deno.readTextFile(inRepository("supabase/functions/calendar/index.ts"));
  const moved = source.replace(
    '"../../../pkg/calendar_connect.js"',
    '"./wasm/calendar_connect.js"',
  );
  if (moved === source) throw new Error("index.ts imports pkg/ in a way that is not known here");
  await Deno.mkdir(target, { recursive: true });
  await Deno.writeTextFile(join(target, "index.ts"), moved);
  await copy(inRepository("cli", "package", "env.example"), join(target, "env.example"));
  await copyAll(inRepository("pkg"), join(target, "wasm"), WASM_FILES);
}

async function buildApp(target: string): Promise<void> {
  await run(inPackage("vite", "bin", "vite.js"), [
    "build",
    "--config",
    inRepository("app", "vite.config.ts"),
  ], { CALENDAR_APP_DIST: target });
}

async function declareDatabase(target: string): Promise<void> {
  await run(inPackage("typescript", "bin", "tsc"), [
    inRepository("supabase", "types.ts"),
    ...["--declaration", "--emitDeclarationOnly", "--ignoreConfig", "--outDir", target],
  ]);
  await Deno.rename(join(target, "types.d.ts"), join(target, "database.d.ts"));
}

function manifest(version: string): Record<string, unknown> {
  const entry = (name: string) => ({ types: `./app/${name}.d.ts`, default: `./app/${name}.js` });
  return {
    name: NAME,
    version,
    description:
      "Connect a Supabase app's users to Google Calendar and Microsoft Outlook, inside their own project",
    license: "MIT OR Apache-2.0",
    type: "module",
    bin: { [NAME]: "./cli/main.js" },
    engines: { node: ">=20" },
    exports: {
      ".": entry("client"),
      "./element": entry("element"),
      "./settings.js": entry("settings"),
      "./head.js": "./app/head.js",
      "./database": { types: "./app/database.d.ts" },
      "./wasm": {
        types: "./supabase/functions/calendar/wasm/calendar_connect.d.ts",
        default: "./supabase/functions/calendar/wasm/calendar_connect.js",
      },
      "./package.json": "./package.json",
    },
    peerDependencies: { lit: "^3.0.0" },
    peerDependenciesMeta: { lit: { optional: true } },
    sideEffects: true,
  };
}

/** The crate's version is the package's. */
async function version(): Promise<string> {
  const found = /^version = "(.+)"$/m.exec(await Deno.readTextFile(inRepository("Cargo.toml")))
    ?.[1];
  if (found === undefined) throw new Error("Cargo.toml has no version");
  return found;
}

async function copy(from: string, to: string): Promise<void> {
  await Deno.mkdir(dirname(to), { recursive: true });
  await Deno.copyFile(from, to);
}

async function copyAll(from: string, to: string, only = /^/, below = ""): Promise<void> {
  for await (const entry of Deno.readDir(join(from, below))) {
    const path = below === "" ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory) await copyAll(from, to, only, path);
    else if (only.test(path)) await copy(join(from, path), join(to, path));
  }
}

async function run(
  command: string,
  args: string[],
  env: Record<string, string> = {},
): Promise<string> {
  const isScript = command !== "npm";
  const ran = await new Deno.Command(isScript ? "node" : command, {
    args: isScript ? [command, ...args] : args,
    env: { ...env, npm_config_offline: "true" },
    cwd: inRepository("."),
    stdin: "null",
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  if (!ran.success) {
    throw new Error(`${basename(command)} failed:\n${text(ran.stdout)}${text(ran.stderr)}`);
  }
  return text(ran.stdout);
}

if (import.meta.main) {
  try {
    const tarball = await buildPackage(Deno.args[0] ?? inRepository("dist"));
    console.log(`Made ${tarball} (${(await Deno.stat(tarball)).size} bytes)`);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    Deno.exit(1);
  }
}
