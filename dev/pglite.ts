/**
 * PGlite in memory, quickly: making a cluster takes it seconds of computing, loading a made one a
 * tenth of that. So an empty cluster is kept under .cache/, one for each version of PGlite.
 */
import { join } from "node:path";
import { createPgliteConnection, type PgliteConnection } from "@supabase/lite/pglite";
import { exists, inPackage, inRepository } from "./paths.ts";

type Options = NonNullable<Parameters<typeof createPgliteConnection>[0]>["pgliteOptions"];

export async function openInMemory(pgliteOptions: Options): Promise<PgliteConnection> {
  const loadDataDir = await emptyCluster();
  return createPgliteConnection({
    url: "memory://",
    pgliteOptions: { ...pgliteOptions, loadDataDir },
  });
}

async function emptyCluster(): Promise<Blob> {
  const folder = inRepository(".cache", "pglite");
  const file = join(folder, `${pgliteVersion()}.tar`);
  if (!exists(file)) {
    await Deno.mkdir(folder, { recursive: true });
    // Whoever finishes last replaces a whole file by the same; nobody reads half a one.
    const unfinished = await Deno.makeTempFile({ dir: folder });
    await Deno.writeFile(unfinished, await newCluster());
    await Deno.rename(unfinished, file);
  }
  return new Blob([await Deno.readFile(file)]);
}

async function newCluster(): Promise<Uint8Array> {
  const connection = await createPgliteConnection({ url: "memory://" });
  try {
    const dump = await connection.driver.dumpDataDir("none");
    return new Uint8Array(await dump.arrayBuffer());
  } finally {
    await connection.close();
  }
}

/** Of the copy that Supabase Lite uses, which can be one of its own. */
function pgliteVersion(): string {
  const name = join("@electric-sql", "pglite");
  const own = join(inPackage("@supabase/lite"), "node_modules", name);
  const manifest = join(exists(own) ? own : inPackage(name), "package.json");
  return JSON.parse(Deno.readTextFileSync(manifest)).version;
}
