/**
 * Whether a database is as the migrations make it. There is no list of what should be there: the
 * migrations are applied to an empty PGlite, and the two are compared.
 */
import postgres from "postgres";
import { startSupabase } from "../../dev/supabase.ts";
import { compareClock } from "./addresses.ts";
import { type Finding, open, right, wrong } from "./report.ts";
import { differences, type Snapshot, takeSnapshot } from "./snapshot.ts";

const PUSH = "npx supabase db push --remote";

export async function checkDatabase(url: string | undefined): Promise<Finding[]> {
  if (!url) {
    return [
      open("database", "was not looked at", "add DATABASE_URL=postgres://… for this command"),
    ];
  }
  if (!URL.canParse(url)) {
    return [wrong("DATABASE_URL", "is no URL", "postgres://user:password@host:5432/postgres")];
  }
  const sql = postgres(url, {
    max: 1,
    onnotice: () => {},
    connect_timeout: 10,
    // Poolers keep neither prepared statements nor settings from one transaction to the next.
    prepare: false,
    ...encryption(url),
  });
  let clock: Finding;
  let found: Snapshot;
  try {
    [clock, found] = await sql.begin("read only", async (session) => {
      await session`set local search_path = ''`;
      const asked = Date.now();
      const [row] = await session<{ now: Date }[]>`select now() as now`;
      return [
        compareClock("the database's clock", row?.now.toISOString() ?? null, asked),
        await takeSnapshot({ query: async (text) => [...await session.unsafe(text)] }),
      ];
    });
  } catch (error) {
    return [wrong("DATABASE_URL", `the database does not answer (${reason(error)})`, "mend it")];
  } finally {
    await sql.end({ timeout: 5 });
  }
  return [clock, ...judge(await wantedSnapshot(), found)];
}

/** Nothing goes unencrypted over a network, unless the URL itself says so. */
function encryption(url: string): { ssl?: "require" } {
  const { hostname, searchParams } = new URL(url);
  const isHere = ["localhost", "127.0.0.1", "[::1]"].includes(hostname);
  return isHere || searchParams.has("sslmode") ? {} : { ssl: "require" };
}

async function wantedSnapshot(): Promise<Snapshot> {
  const supabase = await startSupabase({ postgres: { pglite: "memory" }, defaultGrants: "none" });
  try {
    await supabase.database.query("set search_path = ''");
    return await takeSnapshot({ query: (text) => supabase.database.query(text) });
  } finally {
    await supabase.stop();
  }
}

function judge(wanted: Snapshot, found: Snapshot): Finding[] {
  if (found.get("columns")?.size === 0) {
    return [wrong("migrations", "none has been applied", PUSH)];
  }
  const differing = differences(wanted, found);
  const known = new Set(differing.map(({ kind }) => kind));
  const remedy = `apply what is missing: ${PUSH}; take back by hand what was changed by hand`;
  return [
    ...[...wanted.keys()].filter((kind) => !known.has(kind))
      .map((kind) => right(`database, ${kind}`, "as the migrations make them")),
    ...differing.map(({ kind, missing, extra }) =>
      wrong(
        `database, ${kind}`,
        [
          ...missing.map((line) => `\n         missing  ${line}`),
          ...extra.map((line) => `\n         extra    ${line}`),
        ].join(""),
        remedy,
      )
    ),
  ];
}

/** A code only: messages of drivers may hold what was sent. */
function reason(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return /^[A-Z0-9_]+$/.test(code) ? code : "no reason given";
}
