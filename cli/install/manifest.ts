/**
 * `supabase/calendar-connect.json`: which files were installed with which content, and under which names
 * the migrations were added. It comes with the repository, so it is checked like any other input: an
 * entry that names something the installer would never write is refused.
 */
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import type { SupabaseFolder } from "./folder.ts";
import { Refusal } from "../errors.ts";
import { isVersion } from "./versions.ts";

export const MANIFEST = "calendar-connect.json";

export interface Manifest {
  version: string;
  /** The fingerprint of each file of the functions, by its path below `supabase/`. */
  files: Record<string, string>;
  /** The file of each migration, by its name without the time. */
  migrations: Record<string, string>;
}

/** A file of one of our functions, in characters that mean the same on every system. */
const FILE = /^functions\/calendar(-[a-z]+)*(\/[\w-][\w.-]*)+$/;
const FINGERPRINT = /^[0-9a-f]{64}$/;
const MIGRATION = /^\d{14}_(\w+)\.sql$/;

/** Null where nothing has been installed. */
export function readManifest(folder: SupabaseFolder): Manifest | null {
  const content = folder.read(MANIFEST);
  if (content === null) return null;
  try {
    return parse(JSON.parse(new TextDecoder().decode(content)));
  } catch (error) {
    const why = error instanceof SyntaxError ? "it is not JSON" : String(error);
    throw new Refusal(
      `supabase/${MANIFEST} is not as the installer wrote it (${why}), and nothing has been ` +
        "changed. Restore it from version control.",
    );
  }
}

function parse(json: unknown): Manifest {
  const { version, files, migrations } = entries(json);
  if (!isVersion(version)) throw new Error("it has no version");
  const read = { version, files: entries(files), migrations: entries(migrations) };
  for (const [path, fingerprint] of Object.entries(read.files)) {
    if (!FILE.test(path)) throw new Error(`it lists ${JSON.stringify(path)}`);
    if (!isText(fingerprint, FINGERPRINT)) throw new Error(`it has no fingerprint of ${path}`);
  }
  for (const [name, file] of Object.entries(read.migrations)) {
    if (!isText(file, MIGRATION) || MIGRATION.exec(file)?.[1] !== name) {
      throw new Error(`it has no file of the migration ${JSON.stringify(name)}`);
    }
  }
  return read as Manifest;
}

function entries(json: unknown): Record<string, unknown> {
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    throw new Error("a part is missing");
  }
  return { ...json };
}

function isText(value: unknown, shape: RegExp): value is string {
  return typeof value === "string" && shape.test(value);
}

export function writeManifest(folder: SupabaseFolder, manifest: Manifest): void {
  folder.write(MANIFEST, JSON.stringify(manifest, null, 2) + "\n");
}

/** The same for CRLF and LF, because git may check a file out with either. */
export function fingerprint(content: Uint8Array): string {
  const bytes = Buffer.from(content);
  const isText = !bytes.includes(0);
  const text = isText ? bytes.toString("latin1").replaceAll("\r\n", "\n") : undefined;
  return createHash("sha256").update(text === undefined ? bytes : Buffer.from(text, "latin1"))
    .digest("hex");
}
