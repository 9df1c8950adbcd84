/**
 * A call in another user's name is refused before it takes a lock: nobody can shut somebody else out.
 *
 * Seen to fail when the defence is out: see `defences.ts`, entries named "locks:".
 */
import { beginAs, owner } from "./actors.ts";
import { calls } from "./rls_expectations.ts";
import { connect, servers, withDatabase } from "./servers.ts";
import { describe, type World } from "./worlds.ts";

type Sql = ReturnType<typeof connect>;

const world: World = { users: "made", grants: "all" };
const state = "s".repeat(43);

for (const server of servers()) {
  for (const call of calls) {
    const name = call.split("(")[0];
    Deno.test(`Postgres ${server.version}, ${describe(world)}: ${name} in another's name waits for no lock and holds none`, () =>
      withDatabase(server, world, (url) => callInAnothersName(url, call)));
  }
}

/** The owner holds every lock that calls in the owner's name take, while the others call. */
async function callInAnothersName(url: string, call: string): Promise<void> {
  const [holder, other, observer] = [connect(url), connect(url), connect(url)];
  const statement = `select * from public.${call}`
    .replace("$owner", owner).replace("$state", state);
  try {
    await observer.unsafe(`
      insert into auth.users (id) values ('${owner}');
      insert into public.calendar_oauth_states (user_id, state_hash, provider, sealed_verifier)
      values ('${owner}', '${state}', 'google', 'v1.00000000.AAAA')`);
    await holder.unsafe(
      `${beginAs("owner")}; ${
        calls.map((each) =>
          `select * from public.${each}`.replace("$owner", owner).replace("$state", state)
        ).join("; ")
      }`,
    );
    for (const actor of ["stranger", "guest", "app"] as const) {
      await other.unsafe(beginAs(actor));
      const [backend] = await other.unsafe("select pg_backend_pid() as pid");
      let ended = false;
      const calling = other.unsafe(`do $$ begin perform 1 from (${statement}) as called; end $$`)
        .then(() => "done", (error) => String(error.code)).finally(() => ended = true);
      while (!ended) await assertNoLock(observer, backend?.pid, actor);
      const code = await calling;
      if (code !== "42501") throw new Error(`${actor}: ${code}, not 42501`);
      await other.unsafe("rollback");
    }
  } finally {
    await holder.unsafe("rollback");
    await Promise.all([holder.end(), other.end(), observer.end()]);
  }
}

async function assertNoLock(observer: Sql, pid: number, actor: string): Promise<void> {
  const locks = await observer.unsafe(`
    select locktype, mode, granted from pg_locks
    where pid = ${pid} and (locktype = 'advisory' or not granted)`);
  if (locks.length > 0) {
    await observer.unsafe(`select pg_cancel_backend(${pid})`);
    throw new Error(`${actor} waits for or holds ${JSON.stringify(locks)}`);
  }
}
