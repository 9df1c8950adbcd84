// What cargo-deny does not see: the npm packages' licences, sources and pins, and doubles in the Wasm.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import process from "node:process";

// MPL-2.0 comes with tools (axe-core, lightningcss) used as they are; nothing of them is shipped.
const LICENCES =
  "MIT MIT-0 Apache-2.0 BSD-2-Clause BSD-3-Clause ISC 0BSD Unlicense MPL-2.0 CC0-1.0 BlueOak-1.0.0";
const allowed = new Set(LICENCES.split(" "));
const read = (path) => JSON.parse(readFileSync(new URL(`../${path}`, import.meta.url), "utf8"));

const folders = ["", "examples/nextjs/"];
const locks = folders.map((folder) => ({ folder, all: packages(folder) }));

const problems = [
  // The example brings Next.js with all its own; nothing of it is ours to give on.
  ...locks.filter(({ folder }) => folder === "").flatMap(licences),
  ...locks.flatMap((lock) => [...sources(lock), ...completeness(lock)]),
  ...folders.flatMap(pins),
  ...doubles(),
];
problems.forEach((problem) => console.error(problem));
if (problems.length > 0) process.exit(1);
const count = locks.reduce((sum, { all }) => sum + all.length, 0);
console.log(`npm: ${count} packages, licences, sources and pins ok; Wasm: no doubles`);

function packages(folder) {
  return Object.entries(read(`${folder}package-lock.json`).packages).filter(([path]) =>
    path !== ""
  );
}

/** An SPDX expression of alternatives is fine if one of them is. */
function licences({ folder, all }) {
  return all
    .filter(([, { license = "" }]) =>
      !license.replace(/[()]/g, "").split(" OR ").some((name) => allowed.has(name))
    )
    .map(([path, { license }]) =>
      `${folder}${path}: licence ${license ?? "unknown"} is not on the list`
    );
}

/** Everything from the npm registry, and nothing that is installed here without a hash. */
function sources({ folder, all }) {
  return all.flatMap(([path, { integrity, resolved, optional, os, cpu, libc }]) => [
    ...(integrity || (optional && elsewhere({ os, cpu, libc }))
      ? []
      : [`${folder}${path}: package-lock.json has no integrity hash`]),
    ...(resolved && !resolved.startsWith("https://registry.npmjs.org/")
      ? [`${folder}${path}: comes from ${resolved}, not from the npm registry`]
      : []),
  ]);
}

function elsewhere({ os = ["linux"], cpu = ["x64"], libc = ["glibc"] }) {
  return !(os.includes("linux") && cpu.includes("x64") && libc.includes("glibc"));
}

/** npm drops optional packages that its registry does not offer, and then `npm ci` refuses the lock. */
function completeness({ folder, all }) {
  const byPath = new Map(all);
  return all.flatMap(([path, { optionalDependencies = {} }]) =>
    Object.entries(optionalDependencies)
      .filter(([name, version]) => !resolves(byPath, path, name, version))
      .map(([name]) => `${folder}${path}: package-lock.json lacks its optional package ${name}`)
  );
}

/** Node's own rule: the nearest node_modules upwards that has the package. */
function resolves(all, from, name, version) {
  for (
    let folder = from;
    folder !== "";
    folder = folder.replace(/(?:^|\/)node_modules\/(?:@[^/]+\/)?[^/]+$/, "")
  ) {
    const found = all.get(`${folder}/node_modules/${name}`);
    if (found) return matches(found.version, version);
  }
  const found = all.get(`node_modules/${name}`);
  return found !== undefined && matches(found.version, version);
}

function matches(found, wanted) {
  return !/^\d/.test(wanted) || found === wanted;
}

function pins(folder) {
  const { dependencies, devDependencies } = read(`${folder}package.json`);
  return Object.entries({ ...dependencies, ...devDependencies })
    .filter(([, version]) => !/^(npm:[\w@/-]+@)?\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))
    .map(([name, version]) =>
      `${folder}package.json: ${name} is "${version}", not one exact version`
    );
}

/** Two versions of one crate in the Wasm are paid for by every cold start. */
function doubles() {
  const words =
    "tree --locked --offline --target wasm32-unknown-unknown --edges normal --duplicates";
  const tree = execFileSync("cargo", words.split(" "), {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  return tree.trim() === "" ? [] : [`More than one version of a crate in the Wasm:\n${tree}`];
}
