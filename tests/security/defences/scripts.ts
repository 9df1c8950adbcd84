/** Conditions of scripts/, which the tests of the repository itself, tests/gate/, must see. */
import type { Mutation } from "./mutation.ts";

type Fault = [name: string, file: string, find: string, replace: string];

const byTest: Record<string, Fault[]> = {
  "runner.test.mjs": [
    [
      "a suite that exits with an error has failed",
      "runner.mjs",
      "if (code !== 0) return",
      "if (code === null) return",
    ],
    [
      "a command that fails in a pipe fails the suite",
      "runner.mjs",
      '"-euo", "pipefail", "-c"',
      '"-eu", "-c"',
    ],
    ["a suite over its time has failed", "runner.mjs", "if (late) return", "if (false) return"],
    [
      "a suite that leaves a process has failed",
      "runner.mjs",
      "if (left.length > 0) return",
      "if (false) return",
    ],
    [
      "a suite that ran no test has failed",
      "runner.mjs",
      "if (suite.tests && seen.passed() === 0) return",
      "if (false) return",
    ],
    [
      "a suite that skipped a test has failed",
      "runner.mjs",
      "if (suite.tests && seen.skipped() > 0) return",
      "if (false) return",
    ],
    [
      "a suite has no standard input",
      "runner.mjs",
      'stdio: ["ignore", "pipe", "pipe"]',
      'stdio: ["inherit", "pipe", "pipe"]',
    ],
    [
      "a log holds one run only",
      "runner.mjs",
      "  rmSync(log, { force: true });\n",
      "",
    ],
    [
      "a process that left the group of its suite is found",
      "processes.mjs",
      "const ours = Number(owner) === group || read(`/proc/${pid}/environ`).includes(text);",
      "const ours = Number(owner) === group;",
    ],
    [
      "Deno's skipped tests are counted",
      "evidence.mjs",
      "(?: \\| (?<skipped>\\d+) ignored)?/, // deno",
      "/, // deno",
    ],
    [
      "a closing line that comes in two pieces is read",
      "evidence.mjs",
      "(rest + stripVTControlCharacters(bytes.toString()))",
      "stripVTControlCharacters(bytes.toString())",
    ],
    [
      "an unknown suite is refused",
      "test.mjs",
      "process.exit(2);",
      "process.exit(0);",
    ],
  ],
  "summary.test.mjs": [
    [
      "a failed suite fails the run",
      "summary.mjs",
      "outcomes.length > 0 && failed.length === 0 ? 0 : 1",
      "outcomes.length > 0 ? 0 : 1",
    ],
    [
      "a run of no suite has not passed",
      "summary.mjs",
      "outcomes.length > 0 && failed.length",
      "failed.length",
    ],
  ],
  "lock.test.mjs": [
    [
      "a licence of several parts needs each of them",
      "lock.mjs",
      'split(" OR ").some(',
      "split(/ OR | AND /).some(",
    ],
    [
      "an address that only begins like the registry's is refused",
      "lock.mjs",
      'startsWith("https://registry.npmjs.org/")',
      'startsWith("https://registry.npmjs.org")',
    ],
    [
      "a package for this machine has a hash",
      "lock.mjs",
      "(optional && elsewhere({ os, cpu, libc }))",
      "optional",
    ],
    [
      "an optional package has the version that its owner asks for",
      "lock.mjs",
      "return !/^\\d/.test(wanted) || found === wanted;",
      "return true;",
    ],
    ["a version is exact", "lock.mjs", "/^(npm:[\\w@/-]+@)?\\d+", "/^(npm:[\\w@/-]+@)?[~^]?\\d+"],
    [
      "an installed package has the wanted version",
      "lock.mjs",
      "there[path]?.version === entry.version",
      "there[path]",
    ],
  ],
  "shell.test.mjs": [
    [
      "an ordinary account installs nothing",
      "system.sh",
      "if [[ $EUID -eq 0 && $(distribution) =~ debian|ubuntu ]]; then",
      "if true; then",
    ],
    [
      "what is missing is an error",
      "system.sh",
      "  return 1\n}\n\nmissing",
      "  return 0\n}\n\nmissing",
    ],
    [
      "only the packages behind the need are asked for",
      "system.sh",
      '    [[ ${about// /} == "$need" ]] || continue\n',
      "",
    ],
    [
      "a toolchain of another version is not used",
      "toolchain.sh",
      'if [[ "$(installed "$toolchain")" == "$wanted" ]]; then',
      'if [[ -n "$(installed "$toolchain")" ]]; then',
    ],
    [
      "a tool whose version only begins like the pinned one is not used",
      "tool.sh",
      '" $(reported "$found") " == *" $version "*',
      '" $(reported "$found") " == *" $version"*',
    ],
    ["a tool is built with its own lock file", "tool.sh", "build --locked || {", "build || {"],
    [
      "an advisory fails the audit",
      "audit.sh",
      "failures=$((failures + 1))",
      "failures=$failures",
    ],
    [
      "a source that cannot be asked is said to be so",
      "audit.sh",
      'if grep -qE "$sign" "$log"; then',
      "if false; then",
    ],
    [
      "a changed source is built",
      "build.sh",
      "find src -type f -print0",
      "find src -type d -empty -print0",
    ],
    [
      "a pkg/ that was built otherwise is built anew",
      "build.sh",
      "{ inputs && sha256sum pkg/*.js pkg/*.wasm pkg/sync/*.js pkg/sync/*.wasm; }",
      "{ inputs; }",
    ],
  ],
  "versions.test.mjs": [
    [
      "a suite runs the folder that it covers",
      "suites.mjs",
      "--parallel tests/providers",
      "--parallel tests/dev",
    ],
  ],
};

export const ofScripts: readonly Mutation[] = Object.entries(byTest).flatMap(([test, faults]) =>
  faults.map(([name, file, find, replace]) => ({
    name: `scripts: ${name}`,
    edits: [{ file: `scripts/${file}`, find, replace }],
    test: `tests/gate/${test}`,
  }))
);
