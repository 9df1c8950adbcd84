/** The database's checks know the same words and limits as the crate, which says them in contract.json. */
import { deepEqual, equal, ok } from "node:assert/strict";
import { contract } from "../support/contract.ts";
import { connect, databaseUrl, servers, template } from "./servers.ts";

/** The check constraints of our tables, by name. */
const checks = new Map<string, string>();

Deno.test.beforeAll(async () => {
  const [server] = servers();
  ok(server);
  const sql = connect(databaseUrl(server, template({ users: "made", grants: "none" })));
  try {
    const rows = await sql.unsafe(
      `select conname, pg_get_constraintdef(oid) as definition from pg_constraint
       where contype = 'c' and conname like 'calendar\\_%'`,
    );
    for (const { conname, definition } of rows) checks.set(conname, definition);
  } finally {
    await sql.end();
  }
});

/** The words that a constraint of this ending lists; every such constraint must list the same. */
function words(ending: string): string[] {
  const lists = [...checks].filter(([name]) => name.endsWith(ending))
    .map(([, definition]) => [...definition.matchAll(/'([a-z_]+)'::text/g)].map(([, word]) => word))
    .map((list) => list.toSorted().join(" "));
  equal(new Set(lists).size, 1, `${ending}: ${lists.join("; ")}`);
  return lists[0]?.split(" ") ?? [];
}

const names = (list: { name: string }[]) => list.map(({ name }) => name).sort();

Deno.test("every table knows the crate's providers", () => {
  deepEqual(words("_provider_known"), names(contract.providers));
});

Deno.test("a connection's statuses are the crate's", () => {
  deepEqual(words("_status_known"), names(contract.statuses));
});

Deno.test("the limits of the scopes are the crate's", () => {
  const check = checks.get("calendar_connections_scopes_length") ?? "";
  const limits = new Map(contract.limits.map(({ name, value }) => [name, value]));
  const [, count, bytes] = /cardinality\(scopes\) <= (\d+).*octet_length.* <= (\d+)/.exec(check) ??
    [];
  deepEqual([Number(count), Number(bytes)], [limits.get("scopes"), limits.get("scopes_size")]);
});

Deno.test("the limit of a sealed token is the crate's", () => {
  const limit = contract.limits.find(({ name }) => name === "sealed")?.value;
  const sealed = [...checks].filter(([name]) => /_sealed_(access|refresh)_token/.test(name));
  equal(sealed.length, 2);
  for (const [name, definition] of sealed) {
    ok(definition.includes(`<= ${limit}`), `${name}: ${definition}`);
  }
});
