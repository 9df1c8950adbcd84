/**
 * Takes each defence out once, in a copy of the last commit, and expects the test that proves it to
 * fail. That test runs on the unchanged copy first, and has to pass there.
 *
 *   deno run -A tests/security/mutations.ts [parts of names]
 *
 * The defences of the database are in tests/database/defences.ts, with a runner of their own.
 * Needs wasm-bindgen on PATH. `SECURITY_TARGET` is cargo's target folder (default .cache/mutations).
 */
import { defences, edges, type Mutation } from "./defences.ts";
import { buildUnchanged, changed, extractTree, passes, restorePackages } from "./tree.ts";
import { judge, summary, unchangedRuns, type Verdict } from "./verdict.ts";

const wanted = Deno.args.length === 0 ? [""] : Deno.args;
const chosen = [...defences, ...edges]
  .filter(({ name }) => wanted.some((part) => name.includes(part)));
if (chosen.length === 0) throw new Error(`No defence is named like ${wanted.join(" or ")}.`);

/** The results of each test on the unchanged sources; several defences share a test. */
const unchanged = new Map<string, boolean[]>();

async function verdictOn(mutation: Mutation): Promise<Verdict> {
  const key = `${mutation.test} ${mutation.filter ?? ""}`;
  if (!unchanged.has(key)) {
    await restorePackages(mutation);
    unchanged.set(key, await unchangedRuns(() => passes(mutation)));
  }
  const results = unchanged.get(key) ?? [];
  if (!results.every(Boolean)) return judge(results, () => passes(mutation));
  return await changed(mutation, () => judge(results, () => passes(mutation)));
}

await extractTree();
await buildUnchanged(chosen);
const verdicts: Verdict[] = [];
for (const mutation of chosen) {
  const verdict = await verdictOn(mutation).catch((error): Verdict => {
    console.error(error);
    return "NOT SEEN";
  });
  verdicts.push(verdict);
  console.log(`${verdict}  ${mutation.name}  (${mutation.test})`);
}
console.log(summary(verdicts));
Deno.exit(verdicts.every((verdict) => verdict === "seen") ? 0 : 1);
