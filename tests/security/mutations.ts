/**
 * Takes each defence out once, in a copy of the last commit, and sees the test that proves it fail.
 *
 *   deno run -A tests/security/mutations.ts [parts of names]
 *
 * What the database defends is in tests/database/defences.ts, with a runner of its own.
 * Needs wasm-bindgen on PATH. `SECURITY_TARGET` is where cargo builds (.cache/mutations unless told).
 */
import { join } from "node:path";
import { inRepository } from "../../dev/paths.ts";
import { defences, type Edit, type Mutation } from "./defences.ts";

/** Always in one place, since cargo keeps what it built by the path. */
const target = Deno.env.get("SECURITY_TARGET") ?? inRepository(".cache", "mutations");

const WASM = "wasm32-unknown-unknown";

async function run(cwd: string, command: string, args: string[], env: Record<string, string> = {}) {
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

async function copyOfTheTree(): Promise<string> {
  const tree = join(target, "tree");
  await must(inRepository(), "rm", ["-rf", tree]);
  await Deno.mkdir(tree, { recursive: true });
  // Touched: by the commit's own times cargo would take the former mutation's build for this one's.
  const unpack = 'git archive HEAD | tar --extract --touch --directory "$0"';
  await must(inRepository(), "bash", ["-c", unpack, tree]);
  await Deno.symlink(inRepository("node_modules"), join(tree, "node_modules"));
  return tree;
}

async function change(tree: string, { file, find, replace }: Edit): Promise<void> {
  const path = join(tree, await named(tree, file));
  const text = await Deno.readTextFile(path);
  if (text.split(find).length !== 2) throw new Error(`not once in ${file}: ${find}`);
  await Deno.writeTextFile(path, text.replace(find, () => replace));
}

/** A migration may be named without its number. */
async function named(tree: string, file: string): Promise<string> {
  const folder = "supabase/migrations";
  if (!file.startsWith(`${folder}/`)) return file;
  for await (const { name } of Deno.readDir(join(tree, folder))) {
    if (name.endsWith(file.slice(folder.length + 1))) return `${folder}/${name}`;
  }
  throw new Error(`There is no ${file}.`);
}

async function build(tree: string, features: string[], folder: string): Promise<void> {
  const flags = features.flatMap((feature) => ["--features", feature]);
  const cargo = ["build", "--lib", "--quiet", "--locked", "--target", WASM, ...flags];
  await must(tree, "cargo", cargo, { CARGO_TARGET_DIR: target, RUSTFLAGS: "-Awarnings" });
  const wasm = join(target, WASM, "debug", "calendar_connect.wasm");
  await must(tree, "wasm-bindgen", ["--target", "bundler", "--out-dir", join(tree, folder), wasm]);
}

/** Whether the test passes although the defence is gone; `undefined` changes nothing. */
async function survives(mutation: Mutation, edits: readonly Edit[]): Promise<boolean> {
  const tree = await copyOfTheTree();
  try {
    for (const edit of edits) await change(tree, edit);
    await build(tree, [], "pkg");
    if (mutation.trap) await build(tree, ["trap"], ".cache/pkg-trap");
    const filter = mutation.filter === undefined ? [] : ["--filter", mutation.filter];
    const { success, output } = await run(tree, Deno.execPath(), [
      ...["test", "-A", "--no-check", "--quiet", "--fail-fast", ...filter],
      mutation.test,
    ]);
    const ran = /(\d+) passed.*?(\d+) failed/.exec(output);
    if (!ran || ran[1] === "0" && ran[2] === "0") {
      throw new Error(`no test of ${mutation.test} ran:\n${output.slice(-3000)}`);
    }
    return success;
  } finally {
    await Deno.remove(tree, { recursive: true });
  }
}

const wanted = Deno.args.length === 0 ? [""] : Deno.args;
const chosen = defences.filter(({ name }) => wanted.some((part) => name.includes(part)));
if (chosen.length === 0) throw new Error(`No defence is named like ${wanted.join(" or ")}.`);
let unseen = 0;
for (const mutation of chosen) {
  const survived = await survives(mutation, mutation.edits).catch((error) => {
    console.error(error);
    return true;
  });
  if (survived) unseen++;
  console.log(`${survived ? "NOT SEEN" : "seen"}  ${mutation.name}  (${mutation.test})`);
}
console.log(`${chosen.length - unseen} passed, ${unseen} failed`);
Deno.exit(unseen === 0 ? 0 : 1);
