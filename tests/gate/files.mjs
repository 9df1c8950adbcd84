// The files of the repository as git has them, and reading them.
import { execFileSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { dirname, extname, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");

const IMAGES = new Set([".png", ".ico", ".woff2"]);

/** Every committed path that is still there. */
export function committed() {
  return execFileSync("git", ["ls-files", "-z"], { cwd: root, encoding: "utf8" })
    .split("\0")
    .filter((path) => path !== "" && statSync(resolve(root, path), { throwIfNoEntry: false }));
}

export function texts() {
  return committed()
    .filter((path) => !IMAGES.has(extname(path)))
    .map((path) => ({ path, text: read(path) }));
}

export function read(path) {
  return readFileSync(resolve(root, path), "utf8");
}

/** `path:line: content` of every line that a pattern finds. */
export function lines(pattern, { except = () => false, among = texts() } = {}) {
  return among.flatMap(({ path, text }) =>
    text.split("\n").flatMap((line, index) =>
      pattern.test(line) && !except({ path, line })
        ? [`${path}:${index + 1}: ${line.trim().slice(0, 120)}`]
        : []
    )
  );
}
