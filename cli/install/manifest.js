// What has been installed: which files, with which content, and under which names the migrations went in.
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Refusal } from "./refusal.js";

const NAME = "calendar-connect.json";

export function manifestPath(folder) {
  return join(folder, NAME);
}

export function readManifest(folder) {
  const path = manifestPath(folder);
  if (!existsSync(path)) return { version: null, files: {}, migrations: {} };
  try {
    const { version, files, migrations } = JSON.parse(readFileSync(path, "utf8"));
    return { version, files: { ...files }, migrations: { ...migrations } };
  } catch {
    throw new Refusal(`${path} is not readable as JSON. Bring it back from version control.`);
  }
}

export function writeManifest(folder, manifest) {
  writeFileSync(manifestPath(folder), JSON.stringify(manifest, null, 2) + "\n");
}

/** By content, so that it does not matter how a checkout writes the ends of lines. */
export function fingerprint(bytes) {
  const text = bytes.includes(0) ? bytes : bytes.toString("latin1").replaceAll("\r\n", "\n");
  return createHash("sha256").update(text, "latin1").digest("hex");
}

/** Every file below a folder, by its path relative to it, with slashes on every system. */
export function filesBelow(folder, below = "") {
  return readdirSync(join(folder, below), { withFileTypes: true }).flatMap((entry) => {
    const path = below === "" ? entry.name : `${below}/${entry.name}`;
    return entry.isDirectory() ? filesBelow(folder, path) : [path];
  }).sort();
}
