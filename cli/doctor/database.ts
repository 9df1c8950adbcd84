/** Whether a database is as the migrations make it: compared with what they made when the package was built. */
import postgres from "postgres";
import { compareClock } from "./addresses.ts";
import { type Finding, open, right, wrong } from "./report.ts";
import { differences, type Expected, type Snapshot, takeSnapshot } from "./snapshot.ts";

const ABOUT = "DATABASE_URL";
const SHAPE = "it must be like postgres://user:password@host:5432/postgres";
const PUSH = "npx supabase db push --remote";

export async function checkDatabase(
  url: string | undefined,
  expected: Expected,
): Promise<Finding[]> {
  if (url === undefined) {
    return [
      open("database", "was not looked at", "add DATABASE_URL=postgres://… for this command"),
    ];
  }
  const target = targetOf(url);
  if (target === undefined) return [wrong(ABOUT, "is no address of a Postgres database", SHAPE)];
  const sql = postgres({
    ...target,
    max: 1,
    onnotice: () => {},
    connect_timeout: 10,
    // Poolers keep neither prepared statements nor settings from one transaction to the next.
    prepare: false,
  });
  try {
    const [clock, found] = await sql.begin("read only", async (session) => {
      await session`set local search_path = ''`;
      const asked = Date.now();
      const [row] = await session<{ now: Date }[]>`select now() as now`;
      return [
        compareClock("the database's clock", row?.now.toISOString() ?? null, asked),
        await takeSnapshot(
          { query: async (text) => [...await session.unsafe(text)] },
          expected,
        ),
      ] as const;
    });
    return [clock, ...judge(expected.snapshot, found)];
  } catch (error) {
    return [wrong(
      ABOUT,
      `the database does not answer (${reason(error)})`,
      "compare it with the Dashboard, Connect, and see that this network may reach it",
    )];
  } finally {
    await sql.end({ timeout: 5 });
  }
}

export interface Target {
  host: string;
  port: number;
  database: string;
  username: string;
  password: string;
  ssl: false | "require" | "verify-full";
}

/** What an address says of where to connect and how; nothing else of it is sent anywhere. */
export function targetOf(text: string): Target | undefined {
  try {
    const url = new URL(text);
    if (!/^postgres(ql)?:$/.test(url.protocol) || url.hostname === "") return undefined;
    return {
      host: url.hostname.replace(/^\[(.*)\]$/, "$1"),
      port: Number(url.port || 5432),
      database: decodeURIComponent(url.pathname.slice(1)) || "postgres",
      username: decodeURIComponent(url.username),
      password: decodeURIComponent(url.password),
      ssl: encryption(url),
    };
  } catch (error) {
    if (error instanceof TypeError || error instanceof URIError) return undefined;
    throw error;
  }
}

/** Nothing goes over a network unencrypted, unless the address itself says `sslmode=disable`. */
function encryption({ hostname, searchParams }: URL): Target["ssl"] {
  const mode = searchParams.get("sslmode");
  const isHere = ["localhost", "127.0.0.1", "[::1]"].includes(hostname);
  if (mode === "disable" || (mode === null && isHere)) return false;
  return mode?.startsWith("verify-") ? "verify-full" : "require";
}

function judge(expected: Snapshot, found: Snapshot): Finding[] {
  if (found.columns?.length === 0) return [wrong("migrations", "none has been applied", PUSH)];
  const remedy = `apply what is missing: ${PUSH}; take back by hand what was changed by hand`;
  return differences(expected, found).map(({ kind, missing, extra }) => {
    const about = `database, ${kind}`;
    if (missing.length + extra.length === 0) return right(about, "as the migrations make them");
    const lines = [
      ...missing.map((line) => `\n         missing  ${line}`),
      ...extra.map((line) => `\n         extra    ${line}`),
    ];
    return wrong(about, lines.join(""), remedy);
  });
}

/** A code only: messages of drivers may hold what was sent. */
function reason(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return /^[A-Z0-9_]+$/.test(code) ? code : "no reason given";
}
