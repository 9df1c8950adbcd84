/**
 * Takes each defence out of the migrations once and expects the test that proves it to fail. That test
 * runs on the unchanged migrations first, and has to pass there.
 *
 *   deno run -A tests/database/mutations.ts [part of a name]
 */
import { judge, summary, unchangedRuns, type Verdict } from "../security/verdict.ts";
import { type Defence, defences } from "./defences.ts";
import { startPostgres } from "../../dev/postgres.ts";
import { findPgtap, runPgtap } from "./pgtap.ts";
import { announce, makeTemplates, type Server } from "./servers.ts";
import { mutate } from "./worlds.ts";

const folder = new URL(".", import.meta.url).pathname;

const version = 18;

/** Runs a test once over migrations of which a part may be taken out; `true` where it passed. */
async function passes(test: string, server: Server, without?: Defence): Promise<boolean> {
  const environment = mutate(without ?? null);
  await makeTemplates(server);
  if (test === "pgTAP") return await runPgtap(pgtap, [server], () => {}, "quiet");
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["test", "--allow-all", "--no-check", "--quiet", "--fail-fast"],
      ...["--filter", `/^Postgres ${version}/`, folder + test],
    ],
    env: { ...announce([server]), ...environment },
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).output();
  return success;
}

/** The results of each test over the unchanged migrations. */
const unchanged = new Map<string, boolean[]>();

async function verdictOn(defence: Defence, server: Server): Promise<Verdict> {
  const { test } = defence;
  if (!unchanged.has(test)) unchanged.set(test, await unchangedRuns(() => passes(test, server)));
  return await judge(unchanged.get(test) ?? [], () => passes(test, server, defence));
}

const pgtap = await findPgtap();
const chosen = defences.filter(({ name }) => name.includes(Deno.args[0] ?? ""));
if (chosen.length === 0) throw new Error(`No defence is named like ${Deno.args[0]}.`);
const postgres = await startPostgres({ version });
const server = { version, url: postgres.url };
const verdicts: Verdict[] = [];
try {
  for (const defence of chosen) {
    // Migrations that no longer apply, for one: that proves nothing about the test.
    const verdict = await verdictOn(defence, server).catch((error): Verdict => {
      console.error(error);
      return "NOT SEEN";
    });
    verdicts.push(verdict);
    console.log(`${verdict}  ${defence.name}  (${defence.test})`);
  }
} finally {
  await postgres.stop();
}
console.log(summary(verdicts));
Deno.exit(verdicts.every((verdict) => verdict === "seen") ? 0 : 1);
