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

async function survives(defence: Defence, pgtap: Pgtap): Promise<boolean> {
  const version = 18;
  const postgres = await startPostgres({ version });
  const server = { version, url: postgres.url };
  mutate(defence);
  try {
    await makeTemplates(server);
    if (defence.test === "pgTAP") return await runPgtap(pgtap, [server], () => {}, "quiet");
    const { success } = await new Deno.Command(Deno.execPath(), {
      args: [
        ...["test", "--allow-all", "--no-check", "--quiet", "--filter", `/^Postgres ${version}/`],
        folder + defence.test,
      ],
      env: { ...announce([server]), ...mutate(defence) },
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
let survivors = 0;
for (const defence of chosen) {
  const survived = await survives(defence, pgtap);
  if (survived) survivors++;
  console.log(`${survived ? "NOT SEEN" : "seen"}  ${defence.name}  (${defence.test})`);
}
console.log(`${chosen.length - survivors} passed, ${survivors} failed`);
Deno.exit(survivors === 0 ? 0 : 1);
