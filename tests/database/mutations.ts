/**
 * Takes each defence out of the migrations once and sees the test that proves it fail.
 *
 *   deno run -A tests/database/mutations.ts [part of a name]
 */
import { type Defence, defences } from "./defences.ts";
import { startPostgres } from "../../dev/postgres.ts";
import { findPgtap, type Pgtap, runPgtap } from "./pgtap.ts";
import { announce, makeTemplates } from "./servers.ts";
import { mutate } from "./worlds.ts";

const folder = new URL(".", import.meta.url).pathname;

/** Whether the test passes, with the defence taken out or, where none is named, as the migrations are. */
async function passes(test: string, pgtap: Pgtap, defence?: Defence): Promise<boolean> {
  const version = 18;
  const postgres = await startPostgres({ version });
  const server = { version, url: postgres.url };
  const environment = mutate(defence ?? null);
  try {
    await makeTemplates(server);
    if (test === "pgTAP") return await runPgtap(pgtap, [server], () => {}, "quiet");
    const { success } = await new Deno.Command(Deno.execPath(), {
      args: [
        ...["test", "--allow-all", "--no-check", "--quiet", "--filter", `/^Postgres ${version}/`],
        folder + test,
      ],
      env: { ...announce([server]), ...environment },
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).output();
    return success;
  } finally {
    await postgres.stop();
  }
}

const pgtap = await findPgtap();
const chosen = defences.filter(({ name }) => name.includes(Deno.args[0] ?? ""));
if (chosen.length === 0) throw new Error(`No defence is named like ${Deno.args[0]}.`);
// A test that fails by itself would seem to see every defence go.
for (const test of new Set(chosen.map(({ test }) => test))) {
  if (!await passes(test, pgtap)) throw new Error(`${test} fails with every defence in place.`);
}
let survivors = 0;
for (const defence of chosen) {
  const survived = await passes(defence.test, pgtap, defence);
  if (survived) survivors++;
  console.log(`${survived ? "NOT SEEN" : "seen"}  ${defence.name}  (${defence.test})`);
}
console.log(`${chosen.length - survivors} passed, ${survivors} failed`);
Deno.exit(survivors === 0 ? 0 : 1);
