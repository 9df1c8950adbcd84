// A script of scripts/ in a folder of its own, with commands on PATH that stand in for the real ones.
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { root } from "./files.mjs";

/** Makes a folder with scripts/ and these files, gives it to the work, and removes it. */
export function inFolder(files, work) {
  const folder = mkdtempSync(join(tmpdir(), "calendar-scripts-"));
  chmodSync(folder, 0o755);
  try {
    cpSync(join(root, "scripts"), join(folder, "scripts"), { recursive: true });
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(join(folder, dirname(path)), { recursive: true });
      writeFileSync(join(folder, path), text, { mode: path.startsWith("bin/") ? 0o755 : 0o644 });
    }
    return work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The commands of `bin/` come before those of the system. */
export function run(folder, script, words = [], { env = {}, ...more } = {}) {
  const { status, stdout, stderr } = spawnSync(
    "/bin/bash",
    [join(folder, "scripts", script), ...words],
    {
      cwd: folder,
      encoding: "utf8",
      env: { HOME: folder, PATH: `${join(folder, "bin")}:/usr/local/bin:/usr/bin:/bin`, ...env },
      ...more,
    },
  );
  return { status, stdout, stderr };
}

/** As an ordinary account also where this runs as root. */
export const ordinary = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};

export { existsSync, join };
