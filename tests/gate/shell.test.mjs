// The shell scripts behind the Makefile.
import assert from "node:assert/strict";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { existsSync, inFolder, join, ordinary, run } from "./shell.mjs";

const command = (body) => `#!/bin/bash\n${body}\n`;

// --- system.sh

const needs = (rows) => ({ "scripts/debian-packages.txt": `# about\n${rows}\n` });

test("system.sh: what is there needs nothing", () => {
  const rows = "shipping | bash | bash | bash\nother | no-such-command | a | b";
  inFolder(needs(rows), (folder) => {
    assert.equal(run(folder, "system.sh", ["shipping"], ordinary).status, 0);
  });
});

test("system.sh: an ordinary account is told what to type, and nothing else happens", () => {
  const rows = "shipping | no-such-command | a-package | a-package\n" +
    "shipping | /no/such/*/file | another | another\nother | no-such-either | third | third";
  const apt = command(`touch "$HOME/apt-was-called"`);
  const files = { ...needs(rows), "bin/apt-get": apt, "bin/apt-cache": command("true") };
  inFolder(files, (folder) => {
    const { status, stderr } = run(folder, "system.sh", ["shipping"], ordinary);
    assert.equal(status, 1);
    assert.match(stderr, /^Missing for the tests \(shipping\): a-package another\. Install with: /);
    assert.match(stderr, /sudo apt-get install -y a-package another\n$/);
    assert.equal(existsSync(join(folder, "apt-was-called")), false);
  });
});

// --- toolchain.sh

const rustup = command(`case "$1" in
  toolchain) [[ $2 == list ]] && printf 'stable-x86_64 (default)\\nnightly-x86_64\\n' ;;
  run) [[ $2 == stable* ]] && echo "rustc $STABLE (fake)" || exit 1 ;;
esac`);

const pinned = { "rust-toolchain.toml": '[toolchain]\nchannel = "1.90.0"\n', "bin/rustup": rustup };

test("toolchain.sh: a toolchain of the pinned version is used under its own name", () => {
  inFolder(pinned, (folder) => {
    const name = (STABLE) =>
      run(folder, "toolchain.sh", ["name"], { env: { STABLE } }).stdout.trim();
    assert.equal(name("1.90.0"), "stable-x86_64");
    assert.equal(name("1.90.1"), "1.90.0");
  });
});

test("toolchain.sh: without rustup it says where to get it", () => {
  const files = {
    "rust-toolchain.toml": pinned["rust-toolchain.toml"],
    ...Object.fromEntries(
      ["sed", "dirname"].map((name) => [`bin/${name}`, command(`exec /usr/bin/${name} "$@"`)]),
    ),
  };
  inFolder(files, (folder) => {
    const env = { PATH: join(folder, "bin") };
    const { status, stderr } = run(folder, "toolchain.sh", ["install"], { env });
    assert.deepEqual([status, stderr.includes("https://rustup.rs")], [1, true], stderr);
  });
});

// --- tool.sh

const cargo = command(`echo "$*" >> "$HOME/cargo-calls"
[[ "$*" == *--locked* && -n "\${LOCK_FAILS:-}" ]] && exit 1
exit 0`);

const tool = (version) => ({
  "bin/cargo": cargo,
  "bin/a-tool": command(`echo "a-tool ${version}"`),
});

test("tool.sh: exactly the pinned version is taken from PATH", () => {
  inFolder(tool("1.2.3"), (folder) => {
    assert.equal(run(folder, "tool.sh", ["a-crate", "1.2.3", "a-tool"]).status, 0);
    assert.ok(existsSync(join(folder, ".cache/tools/bin/a-tool")));
    assert.ok(existsSync(join(folder, ".cache/tools/a-crate-1.2.3")));
    assert.equal(existsSync(join(folder, "cargo-calls")), false);
  });
});

test("tool.sh: another version is built from crates.io, with its lock file if that can be met", () => {
  const built = /^install a-crate --version 1\.2\.3 --root \S+ --force --quiet/;
  for (const [version, env, calls] of [["1.2.30", {}, 1], ["1.2.4", { LOCK_FAILS: "yes" }, 2]]) {
    inFolder(tool(version), (folder) => {
      assert.equal(run(folder, "tool.sh", ["a-crate", "1.2.3", "a-tool"], { env }).status, 0);
      const lines = readFileSync(join(folder, "cargo-calls"), "utf8").trim().split("\n");
      lines.forEach((line) => assert.match(line, built));
      assert.deepEqual(
        lines.map((line) => line.endsWith("--locked")),
        [true, false].slice(0, calls),
      );
      assert.equal(existsSync(join(folder, ".cache/tools/bin/a-tool")), false);
    });
  }
});

// --- audit.sh

test("audit.sh: it passes only if both sources were asked and found nothing", () => {
  const tried = (cargo, npm) =>
    inFolder(
      { "bin/cargo": command(cargo), "bin/npm": command(npm) },
      (folder) => run(folder, "audit.sh"),
    );
  const good = tried("echo ok", "echo ok");
  assert.deepEqual([good.status, good.stdout.includes("2 passed, 0 failed")], [0, true]);
  const found = tried("echo 'error: RUSTSEC-2026-0001'; exit 1", "echo ok");
  assert.deepEqual([found.status, found.stdout.includes("something was found")], [1, true]);
  const away = tried("echo 'failed to fetch advisory database'; exit 1", "echo ok");
  assert.deepEqual([away.status, away.stdout.includes("Nothing is known")], [1, true]);
});

// --- build.sh

const crate = {
  "src/lib.rs": "// one\n",
  "Cargo.toml": "",
  "bin/rustc": command("echo /sysroot"),
  "bin/wasm-pack": command(`echo built >> "$HOME/builds"
out=$(sed -E 's/.*--out-dir ([^ ]+).*/\\1/' <<<"$*"); mkdir -p $out/snippets/x/src/wasm
echo wasm > $out/calendar_connect_bg.wasm
printf '// a comment\\nexport const a = 1;\\n' > $out/calendar_connect_bg.js
cp $out/calendar_connect_bg.js $out/calendar_connect.js
cp $out/calendar_connect_bg.js $out/snippets/x/src/wasm/runtime.js`),
};

test("build.sh: it builds when a source or the result has changed, and only then", () => {
  inFolder(crate, (folder) => {
    const builds = () => {
      const { status, stderr } = run(folder, "build.sh");
      assert.equal(status, 0, stderr);
      return readFileSync(join(folder, "builds"), "utf8").trim().split("\n").length;
    };
    // Each time one package for each function.
    assert.deepEqual([builds(), builds()], [2, 2]);
    writeFileSync(join(folder, "src/lib.rs"), "// two\n");
    assert.deepEqual([builds(), builds()], [4, 4]);
    writeFileSync(join(folder, "pkg/calendar_connect_bg.wasm"), "another\n");
    assert.deepEqual([builds(), builds()], [6, 6]);
    rmSync(join(folder, "pkg"), { recursive: true });
    rmSync(join(folder, ".cache/pkg.stamp"));
    assert.equal(builds(), 8);
    const glue = readFileSync(join(folder, "pkg/calendar_connect_bg.js"), "utf8");
    assert.equal(glue, "export const a = 1;\n");
  });
});
