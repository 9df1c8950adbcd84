/**
 * Every table, verb, column and actor, on Postgres 15 and 18 and on PGlite, in every world.
 *
 * Seen to fail when the defence is out: see `defences.ts`, entries named "rls:".
 */
import { PGlite } from "@electric-sql/pglite";
import { checkExpectations, type Session } from "./rls_check.ts";
import { connect, servers, withDatabase } from "./servers.ts";
import { describe, migrate, prepare, worlds } from "./worlds.ts";

for (const world of worlds) {
  for (const server of servers()) {
    Deno.test(`Postgres ${server.version}, ${describe(world)}: everybody reaches what they may and no more`, () =>
      withDatabase(server, world, async (url) => {
        const sql = connect(url);
        try {
          assertHolds(
            await checkExpectations(
              { rows: async (text) => [...await sql.unsafe(text)] },
              world,
            ),
          );
        } finally {
          await sql.end();
        }
      }));
  }

  // PGlite is slow to start; the older grants on it are migrated by `app_users.test.ts`.
  if (world.grants === "all") continue;
  Deno.test(`PGlite, ${describe(world)}: everybody reaches what they may and no more`, async () => {
    const pglite = await PGlite.create();
    try {
      const runner = { script: async (text: string) => void await pglite.exec(text) };
      await prepare(runner, world);
      await migrate(runner);
      const session: Session = {
        rows: async (text) => (await pglite.exec(text)).at(-1)?.rows ?? [],
      };
      assertHolds(await checkExpectations(session, world));
    } finally {
      await pglite.close();
    }
  });
}

function assertHolds({ tried, broken }: { tried: number; broken: string[] }): void {
  if (tried < 100) throw new Error(`Only ${tried} expectations were tried.`);
  if (broken.length > 0) throw new Error(`${broken.length} of ${tried}:\n${broken.join("\n")}`);
}
