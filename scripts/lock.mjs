// What package-lock.json says, compared with what is installed and with this project's rules.

// MPL-2.0 comes with tools (axe-core, lightningcss) used as they are; nothing of them is shipped.
const LICENCES =
  "MIT MIT-0 Apache-2.0 BSD-2-Clause BSD-3-Clause ISC 0BSD Unlicense MPL-2.0 CC0-1.0 BlueOak-1.0.0";
const allowed = new Set(LICENCES.split(" "));

/** Whether npm's record of node_modules has every package that the lock file wants, in its version. */
export function areInstalled(there, wanted) {
  return Object.entries(wanted).every(([path, entry]) =>
    path === "" || there[path]?.version === entry.version || (entry.optional && !there[path])
  );
}

/** The packages of a lock file as pairs of path and entry, without the project itself. */
export function entries({ packages }) {
  return Object.entries(packages).filter(([path]) => path !== "");
}

/** An SPDX expression of alternatives is fine if one of them is. */
export function licences(all) {
  return all
    .filter(([, { license = "" }]) =>
      !license.replace(/[()]/g, "").split(" OR ").some((name) => allowed.has(name))
    )
    .map(([path, { license }]) => `${path}: licence ${license ?? "unknown"} is not on the list`);
}

/** Everything comes from the npm registry, and nothing is installed here without a hash. */
export function sources(all) {
  return all.flatMap(([path, { integrity, resolved, optional, os, cpu, libc }]) => [
    ...(integrity || (optional && elsewhere({ os, cpu, libc }))
      ? []
      : [`${path}: package-lock.json has no integrity hash`]),
    ...(resolved && !resolved.startsWith("https://registry.npmjs.org/")
      ? [`${path}: comes from ${resolved}, not from the npm registry`]
      : []),
  ]);
}

function elsewhere({ os = ["linux"], cpu = ["x64"], libc = ["glibc"] }) {
  return !(os.includes("linux") && cpu.includes("x64") && libc.includes("glibc"));
}

/** npm drops optional packages that its registry does not offer, and then `npm ci` refuses the lock. */
export function completeness(all) {
  const byPath = new Map(all);
  return all.flatMap(([path, { optionalDependencies = {} }]) =>
    Object.entries(optionalDependencies)
      .filter(([name, version]) => !resolves(byPath, path, name, version))
      .map(([name]) => `${path}: package-lock.json lacks its optional package ${name}`)
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

/** Every dependency of a package.json has one exact version. */
export function pins({ dependencies, devDependencies }) {
  return Object.entries({ ...dependencies, ...devDependencies })
    .filter(([, version]) => !/^(npm:[\w@/-]+@)?\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))
    .map(([name, version]) => `package.json: ${name} is "${version}", not one exact version`);
}
