import { startPostgres } from "/work/main/stack/postgres.ts";
import { announce, makeTemplates } from "/work/main/tests/database/servers.ts";
const running = await Promise.all(([18, 15] as const).map((version) => startPostgres({ version })));
try {
  const servers = running.map(({ version, url }) => ({ version: Number.parseInt(version), url }));
  for (const s of servers) await makeTemplates(s);
  const child = new Deno.Command(Deno.execPath(), {
    args: ["test", "-A", "--no-check", ...Deno.args],
    env: announce(servers),
  }).spawn();
  await child.status;
} finally {
  await Promise.all(running.map((s) => s.stop()));
}
