/** A copy of the last commit in which defences are taken out one at a time, built and tested. */
import { join } from "node:path";
import { inRepository } from "../../dev/paths.ts";
import type { Edit, Mutation } from "./defences/mutation.ts";
import { counts } from "./verdict.ts";

/** Always the same folder, because cargo finds earlier builds by path. */
const target = Deno.env.get("SECURITY_TARGET") ?? inRepository(".cache", "mutations");

const tree = join(target, "tree");

/** What was built from the unchanged sources. */
const kept = join(target, "unchanged");

const WASM = "wasm32-unknown-unknown";

/** The folders that a test may need, and the cargo features they are built with. */
const PACKAGES = { "pkg": [], ".cache/pkg-trap": ["trap"] } as const;

type Package = keyof typeof PACKAGES;

const BUILT_FROM = /^(src\/|crates\/|build\.rs$|Cargo\.(toml|lock)$)/;

export async function extractTree(): Promise<void> {
  await must(inRepository(), "rm", ["-rf", tree, kept]);
  await Deno.mkdir(join(tree, ".cache"), { recursive: true });
  // --touch: with the commit's own times cargo would reuse what it built from the previous change.
  const unpack = 'git archive HEAD | tar --extract --touch --directory "$0"';
  await must(inRepository(), "bash", ["-c", unpack, tree]);
  await Deno.symlink(inRepository("node_modules"), join(tree, "node_modules"));
  // Some tests of the repository itself list its files with git.
  await must(tree, "bash", ["-c", "git init --quiet && git add --all"]);
}

/** Builds the packages of the unchanged sources, once. */
export async function buildUnchanged(mutations: readonly Mutation[]): Promise<void> {
  for (const folder of packagesOf(mutations)) {
    await build(folder);
    await must(tree, "mkdir", ["-p", join(kept, folder, "..")]);
    await must(tree, "cp", ["-a", folder, join(kept, folder)]);
  }
}

function packagesOf(mutations: readonly Mutation[]): Package[] {
  return mutations.some(({ trap }) => trap) ? ["pkg", ".cache/pkg-trap"] : ["pkg"];
}

/** Puts the packages of the unchanged sources back. */
export async function restorePackages(mutation: Mutation): Promise<void> {
  for (const folder of packagesOf([mutation])) {
    await must(tree, "rm", ["-rf", folder]);
    await must(tree, "cp", ["-a", join(kept, folder), folder]);
  }
}

/** Applies the edits, builds what depends on them, runs `work`, and puts the files back. */
export async function changed<T>(mutation: Mutation, work: () => Promise<T>): Promise<T> {
  const before = new Map<string, string>();
  try {
    for (const edit of mutation.edits) await change(edit, before);
    if (mutation.edits.some(({ file }) => BUILT_FROM.test(file)) && !isCargo(mutation)) {
      for (const folder of packagesOf([mutation])) await build(folder);
    } else await restorePackages(mutation);
    return await work();
  } finally {
    for (const [path, text] of before) await Deno.writeTextFile(path, text);
  }
}

async function change({ file, find, replace }: Edit, before: Map<string, string>): Promise<void> {
  const path = join(tree, await named(file));
  const text = await Deno.readTextFile(path);
  if (text.split(find).length !== 2) throw new Error(`not once in ${file}: ${find}`);
  if (!before.has(path)) before.set(path, text);
  await Deno.writeTextFile(path, text.replace(find, () => replace));
}

/** A migration may be named without its number. */
async function named(file: string): Promise<string> {
  const folder = "supabase/migrations";
  if (!file.startsWith(`${folder}/`)) return file;
  for await (const { name } of Deno.readDir(join(tree, folder))) {
    if (name.endsWith(file.slice(folder.length + 1))) return `${folder}/${name}`;
  }
  throw new Error(`There is no ${file}.`);
}

async function build(folder: Package): Promise<void> {
  const features = PACKAGES[folder].flatMap((feature) => ["--features", feature]);
  const cargo = ["build", "--lib", "--quiet", "--locked", "--target", WASM, ...features];
  await must(tree, "cargo", cargo, { CARGO_TARGET_DIR: target, RUSTFLAGS: "-Awarnings" });
  const wasm = join(target, WASM, "debug", "calendar_connect.wasm");
  await must(tree, "rm", ["-rf", folder]);
  await must(tree, "wasm-bindgen", ["--target", "bundler", "--out-dir", folder, wasm]);
}

const isCargo = ({ test }: Mutation) => test === "cargo";

/** Runs the test of a mutation in the tree as it is now; throws where none ran. */
export async function passes(mutation: Mutation): Promise<boolean> {
  const { success, output } = await run(tree, ...commandOf(mutation), {
    CARGO_TARGET_DIR: join(target, "native"),
    NO_COLOR: "1",
  });
  const { passed, failed } = counts(output);
  if (passed + failed === 0) {
    throw new Error(`no test of ${mutation.test} ran:\n${output.slice(-3000)}`);
  }
  return success;
}

function commandOf({ test, filter }: Mutation): [string, string[]] {
  if (test === "cargo") return ["cargo", ["test", "--locked", ...(filter ? [filter] : [])]];
  if (test.endsWith(".mjs")) {
    const named = filter ? [`--test-name-pattern=${filter}`] : [];
    return ["node", ["--test", "--test-reporter=spec", ...named, test]];
  }
  const named = filter ? ["--filter", filter] : [];
  return [Deno.execPath(), ["test", "-A", "--no-check", "--fail-fast", ...named, test]];
}

type Result = { success: boolean; output: string };

async function run(
  cwd: string,
  command: string,
  args: string[],
  env: Record<string, string> = {},
): Promise<Result> {
  const { success, stdout, stderr } = await new Deno.Command(command, {
    args,
    cwd,
    env,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).output();
  const text = new TextDecoder();
  return { success, output: text.decode(stdout) + text.decode(stderr) };
}

async function must(...call: Parameters<typeof run>): Promise<void> {
  const { success, output } = await run(...call);
  if (!success) throw new Error(`${call[1]} failed:\n${output.slice(-4000)}`);
}
