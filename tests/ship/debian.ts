/** The distribution's own Postgres: the one to which its package of plpgsql_check belongs. */
import { join } from "node:path";
import { exists } from "../../dev/paths.ts";
import { choosePort } from "../../dev/ports.ts";
import { type Identity, run, startChild } from "../../dev/process.ts";

export interface Server {
  /** URL of the database `postgres` as its superuser. */
  url: string;
  version: number;
  stop(): Promise<void>;
}

const installations = "/usr/lib/postgresql";

/** The newest installed Postgres that has plpgsql_check. */
function installation(): { version: number; bin: string } {
  const versions = exists(installations)
    ? [...Deno.readDirSync(installations)].map(({ name }) => Number.parseInt(name))
    : [];
  const version = versions.sort((a, b) => b - a).find((each) =>
    exists(`${installations}/${each}/lib/plpgsql_check.so`) &&
    exists(`${installations}/${each}/bin/initdb`)
  );
  if (version === undefined) {
    throw new Error(
      "plpgsql_check is not installed, without which `supabase db lint` cannot run. Install the " +
        "Debian package postgresql-15-plpgsql-check (Ubuntu 24.04: postgresql-16-plpgsql-check).",
    );
  }
  return { version, bin: join(installations, String(version), "bin") };
}

export async function startDebianPostgres(): Promise<Server> {
  const { version, bin } = installation();
  const identity = unprivileged();
  const as = identity === undefined ? {} : { identity };
  const dataDir = await Deno.makeTempDir({ prefix: "calendar-debian-postgres-" });
  try {
    if (identity) await Deno.chown(dataDir, identity.uid, identity.gid);
    await run({
      command: join(bin, "initdb"),
      args: [`--pgdata=${dataDir}`, "--username=postgres", "--auth=trust", "--no-sync"],
      cwd: "/",
      ...as,
    });
    const { port } = choosePort();
    const ready = Promise.withResolvers<"ready">();
    const child = startChild({
      command: join(bin, "postgres"),
      args: ["-D", dataDir, "-h", "127.0.0.1", "-p", String(port), "-k", "", "-c", "fsync=off"],
      cwd: "/",
      onLine: (line) => line.includes("ready to accept") && ready.resolve("ready"),
      ...as,
    });
    const first = await Promise.race([ready.promise, child.ended]);
    if (first !== "ready") throw new Error(`Postgres ended:\n${child.lines.join("\n")}`);
    const stop = async () => {
      await child.stop("SIGINT");
      await Deno.remove(dataDir, { recursive: true });
    };
    return { url: `postgres://postgres@127.0.0.1:${port}/postgres`, version, stop };
  } catch (error) {
    await Deno.remove(dataDir, { recursive: true });
    throw error;
  }
}

/** Postgres refuses to run as root, which lends it the account `nobody`. */
function unprivileged(): Identity | undefined {
  if (Deno.uid() !== 0) return undefined;
  const entry = Deno.readTextFileSync("/etc/passwd").split("\n").map((line) => line.split(":"))
    .find(([name]) => name === "nobody");
  if (!entry) throw new Error("Postgres refuses to run as root, and there is no account `nobody`.");
  return { uid: Number(entry[2]), gid: Number(entry[3]) };
}
