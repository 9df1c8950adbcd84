/**
 * Makes the npm package that apps install: `deno run -A scripts/package.ts [FOLDER]`, into dist/ unless
 * another folder is given. What it holds is in cli/package/contents.ts. Its users need no Rust: the Wasm
 * of pkg/ is in it.
 */
import { basename, dirname, join } from "node:path";
import { isPart, manifest, type Part, PARTS } from "../cli/package/contents.ts";
import { type Expected, expectedOf } from "../cli/doctor/snapshot.ts";
import { exists, inPackage, inRepository } from "../dev/paths.ts";
import { startSupabase } from "../dev/supabase.ts";

export async function buildPackage(out: string): Promise<string> {
  if (!exists(inRepository("pkg", "calendar_connect_bg.wasm"))) {
    throw new Error("pkg/ has not been built. Run: make build");
  }
  const folder = join(out, "package");
  if (exists(folder)) await Deno.remove(folder, { recursive: true });
  await Deno.mkdir(folder, { recursive: true });
  for (const part of PARTS) await makePart(part, folder);
  await Deno.writeTextFile(
    join(folder, "package.json"),
    JSON.stringify(manifest(await version()), null, 2) + "\n",
  );
  await checkParts(folder);
  const packed = await run("npm", ["pack", "--silent", "--pack-destination", out, folder]);
  return join(out, packed.trim().split("\n").at(-1) ?? "");
}

async function makePart(part: Part, folder: string): Promise<void> {
  const source = inRepository(part.from);
  const target = join(folder, part.path);
  await Deno.mkdir(dirname(target), { recursive: true });
  switch (part.by) {
    case "vite":
      await run(inPackage("vite", "bin", "vite.js"), ["build", "--config", source], {
        CALENDAR_DIST: target,
      });
      break;
    case "tsc":
      await declare(source, target);
      break;
    case "migrate":
      await Deno.writeTextFile(target, JSON.stringify(await databaseAfter(source)) + "\n");
      break;
    default:
      await copy(part, source, target);
  }
}

async function copy({ from, path, only, change }: Part, source: string, target: string) {
  if (path.endsWith("/")) return await copyAll(source, target, only);
  if (change === undefined) return await Deno.copyFile(source, target);
  const text = await Deno.readTextFile(source);
  if (change(text) === text) throw new Error(`${from} is not as cli/package/contents.ts expects`);
  await Deno.writeTextFile(target, change(text));
}

async function databaseAfter(migrations: string): Promise<Expected> {
  const options = { postgres: { pglite: "memory" }, defaultGrants: "none", migrations } as const;
  const supabase = await startSupabase(options);
  try {
    await supabase.database.query("set search_path = ''");
    return await expectedOf({ query: (text) => supabase.database.query(text) });
  } finally {
    await supabase.stop();
  }
}

/** Every file belongs to a part and every part has a file, so that nothing comes or goes unnoticed. */
async function checkParts(folder: string): Promise<void> {
  const files = (await filesBelow(folder)).filter((file) => file !== "package.json");
  const foreign = files.filter((file) => !PARTS.some((part) => isPart(part, file)));
  const empty = PARTS.filter((part) => !files.some((file) => isPart(part, file)));
  if (foreign.length + empty.length > 0) {
    throw new Error(
      "The package is not as cli/package/contents.ts says: " +
        [
          ...foreign.map((file) => `it holds ${file}`),
          ...empty.map(({ path }) => `it lacks ${path}`),
        ]
          .join(", "),
    );
  }
}

async function declare(source: string, target: string): Promise<void> {
  await run(inPackage("typescript", "bin", "tsc"), [
    source,
    ...["--declaration", "--emitDeclarationOnly", "--ignoreConfig", "--outDir", dirname(target)],
  ]);
  const made = join(dirname(target), basename(source).replace(/\.ts$/, ".d.ts"));
  await Deno.rename(made, target);
}

/** The crate's version is the package's. */
async function version(): Promise<string> {
  const found = /^version = "(.+)"$/m.exec(await Deno.readTextFile(inRepository("Cargo.toml")))
    ?.[1];
  if (found === undefined) throw new Error("Cargo.toml has no version");
  return found;
}

async function copyAll(from: string, to: string, only = /^/): Promise<void> {
  for (const path of await filesBelow(from)) {
    if (!only.test(path)) continue;
    await Deno.mkdir(dirname(join(to, path)), { recursive: true });
    await Deno.copyFile(join(from, path), join(to, path));
  }
}

async function filesBelow(folder: string, below = ""): Promise<string[]> {
  const files: string[] = [];
  for await (const entry of Deno.readDir(join(folder, below))) {
    const path = below === "" ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory) files.push(...await filesBelow(folder, path));
    else files.push(path);
  }
  return files.sort();
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
