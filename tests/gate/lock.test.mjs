// The rules for npm packages, tried with lock files that break one each.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  areInstalled,
  completeness,
  entries,
  licences,
  pins,
  sources,
} from "../../scripts/lock.mjs";

const good = {
  version: "1.0.0",
  license: "MIT",
  integrity: "sha512-fake",
  resolved: "https://registry.npmjs.org/a/-/a-1.0.0.tgz",
};

const all = (packages) => entries({ packages: { "": { name: "project" }, ...packages } });

/** What each rule finds in a lock file with one package that differs from a good one. */
const found = (rule, different) =>
  rule(all({ "node_modules/a": { ...good, ...different } })).length;

test("a good package breaks no rule", () => {
  for (const rule of [licences, sources, completeness]) assert.equal(found(rule, {}), 0);
});

test("a licence has to be on the list; of alternatives one is enough", () => {
  assert.equal(found(licences, { license: "GPL-3.0-only" }), 1);
  assert.equal(found(licences, { license: undefined }), 1);
  assert.equal(found(licences, { license: "(GPL-3.0-only OR Apache-2.0)" }), 0);
  assert.equal(found(licences, { license: "MIT AND GPL-3.0-only" }), 1);
});

test("a package comes from the npm registry and has a hash", () => {
  assert.equal(found(sources, { resolved: "https://registry.npmjs.org.example/a.tgz" }), 1);
  assert.equal(found(sources, { resolved: "git+ssh://git@example.com/a.git" }), 1);
  assert.equal(found(sources, { integrity: undefined }), 1);
});

test("only an optional package of another system may lack its hash", () => {
  const without = { integrity: undefined, optional: true };
  assert.equal(found(sources, { ...without, os: ["darwin"] }), 0);
  assert.equal(found(sources, { ...without, cpu: ["arm64"] }), 0);
  assert.equal(found(sources, { ...without, os: ["linux"], cpu: ["x64"] }), 1);
  assert.equal(found(sources, { integrity: undefined, os: ["darwin"] }), 1);
});

test("every optional package of a package is in the lock file, in its version", () => {
  const owner = { ...good, optionalDependencies: { b: "2.0.0" } };
  const problems = (more) => completeness(all({ "node_modules/a": owner, ...more })).length;
  assert.equal(problems({}), 1);
  assert.equal(problems({ "node_modules/b": { ...good, version: "2.0.0" } }), 0);
  assert.equal(problems({ "node_modules/b": { ...good, version: "1.0.0" } }), 1);
  const near = { "node_modules/a/node_modules/b": { ...good, version: "2.0.0" } };
  assert.equal(problems({ "node_modules/b": { ...good, version: "1.0.0" }, ...near }), 0);
});

test("every dependency has one exact version", () => {
  const versions = { a: "1.0.0", b: "npm:c@1.0.0", d: "1.0.0-beta.1" };
  assert.deepEqual(pins({ dependencies: versions }), []);
  for (const range of ["^1.0.0", "~1.0.0", "latest", "1.0", "*", ">=1.0.0", "github:a/b"]) {
    assert.equal(pins({ devDependencies: { a: range } }).length, 1, range);
  }
});

test("packages are installed when each wanted one is there in its version", () => {
  const wanted = { "": {}, "node_modules/a": good, "node_modules/b": { ...good, optional: true } };
  assert.equal(areInstalled({ "node_modules/a": good }, wanted), true);
  assert.equal(areInstalled({}, wanted), false);
  assert.equal(areInstalled({ "node_modules/a": { ...good, version: "1.0.1" } }, wanted), false);
  const older = { ...good, version: "0.9.0" };
  assert.equal(areInstalled({ "node_modules/a": good, "node_modules/b": older }, wanted), false);
});
