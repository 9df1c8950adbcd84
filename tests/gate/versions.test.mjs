// What is said in two places must be said the same way.
import assert from "node:assert/strict";
import { test } from "node:test";
import { suites } from "../../scripts/suites.mjs";
import { committed, read } from "./files.mjs";

const pins = Object.fromEntries(
  [...read("scripts/pins.mk").matchAll(/^([A-Z_]+) := (\S+)$/gm)].map((
    [, name, pin],
  ) => [name, pin]),
);
const manifest = read("Cargo.toml");

test("the wasm-bindgen of the crate is exactly the wasm-bindgen tool", () => {
  assert.equal(/^wasm-bindgen = "=(.+)"$/m.exec(manifest)?.[1], pins.WASM_BINDGEN);
  assert.equal(locked("wasm-bindgen"), pins.WASM_BINDGEN);
});

test("the changelog's newest version is the crate's", () => {
  const version = /^version = "(.+)"$/m.exec(manifest)?.[1];
  const newest = /^## \[(\d[^\]]*)\]/m.exec(read("CHANGELOG.md"))?.[1];
  assert.equal(newest, version);
});

test("the toolchain is not older than what the crate says it needs", () => {
  const channel = /^channel = "(.+)"$/m.exec(read("rust-toolchain.toml"))?.[1] ?? "";
  const needed = /^rust-version = "(.+)"$/m.exec(manifest)?.[1] ?? "";
  assert.ok(channel.localeCompare(needed, "en", { numeric: true }) >= 0, `${channel} < ${needed}`);
});

test("the Deno that stands for Supabase's edge runtime is 2.1.4", () => {
  const { devDependencies } = JSON.parse(read("package.json"));
  assert.equal(devDependencies["deno-edge"], "npm:deno@2.1.4");
});

test("CI runs `make test` and nothing else", () => {
  const commands = read(".ci/run").split("\n").filter((line) =>
    line !== "" && !line.startsWith("#")
  );
  assert.deepEqual(commands, [
    "set -euo pipefail",
    'cd "$(dirname "${BASH_SOURCE[0]}")/.."',
    "make test",
  ]);
});

test("the workflow runs the same, with everything of the system that a suite needs", () => {
  const workflow = read(".github/workflows/test.yml");
  const commands = [...workflow.matchAll(/^ +- run: (.+)$/gm)].map(([, command]) => command);
  const [, needs] = /^for need in (.+); do sudo scripts\/system\.sh "\$need"; done$/
    .exec(commands[0]) ?? [];
  const known = new Set(
    read("scripts/debian-packages.txt").split("\n").filter((line) => /^\w/.test(line))
      .map((line) => line.split("|")[0].trim()),
  );
  assert.deepEqual(needs?.split(" ").sort(), [...known].sort());
  assert.deepEqual(commands.slice(1), [".ci/run"]);
});

test("the workflow names every action by its commit, with the version beside it", () => {
  const uses = [...read(".github/workflows/test.yml").matchAll(/uses: (.+)$/gm)];
  assert.equal(uses.length, 4);
  for (const [, action] of uses) {
    assert.match(action, /^actions\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  }
});

test("a suite covers folders that are there, and its command runs what it covers", () => {
  for (const { name, covers = [], command } of suites) {
    for (const path of covers) {
      assert.ok(committed().some((file) => file.startsWith(path)), `${name} covers ${path}`);
    }
    const named = command.split(/\s+/).filter((word) =>
      /^(?:tests|app|bench|scripts)(?:\/|$)/.test(word)
    );
    for (const path of named.filter((word) => !word.includes("*"))) {
      const there = committed().some((file) => file === path || file.startsWith(`${path}/`));
      assert.ok(there, `${name} runs ${path}`);
    }
    if (command.startsWith("deno test")) {
      assert.equal(covers[0], `${command.split(" ").at(-1)}/`, name);
    }
  }
});

test("every `make` command in a document is a target of the Makefile", () => {
  const targets = new Set([...read("Makefile").matchAll(/^([a-z-]+):/gm)].map(([, name]) => name));
  const named = committed().filter((path) => path.endsWith(".md")).flatMap((path) =>
    [...read(path).matchAll(/(?:^|`|\$ )make ([a-z-]+)/gm)].map(([, name]) => `${path}: ${name}`)
  );
  assert.deepEqual(named.filter((entry) => !targets.has(entry.split(": ")[1])), []);
});

test("every test file belongs to a suite of `make test`", () => {
  const covered = suites.flatMap(({ covers = [] }) => covers);
  const tests = /(?:[._]test\.m?[jt]sx?|^tests\/[^/]+\.rs|^supabase\/tests\/.+\.sql)$/;
  const forgotten = committed()
    .filter((path) => tests.test(path))
    .filter((path) => !covered.some((prefix) => path.startsWith(prefix)));
  assert.deepEqual(forgotten, []);
});

function locked(name) {
  return new RegExp(`^name = "${name}"\nversion = "(.+)"$`, "m").exec(read("Cargo.lock"))?.[1];
}
