/** The database's checks know the same words and limits as the crate, which says them in contract.json. */
import { deepEqual, equal, ok } from "node:assert/strict";
import { contract } from "../support/contract.ts";
import { connect, databaseUrl, servers, template, withDatabase } from "./servers.ts";

/** The check constraints of our tables, by name. */
const checks = new Map<string, string>();
/** The query of the view that a user's connections are read from. */
let connectionDetails = "";

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
    const [view] = await sql.unsafe(
      "select pg_get_viewdef('public.calendar_connection_details'::regclass) as definition",
    );
    connectionDetails = view?.definition ?? "";
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

Deno.test("the classes of accounts are the crate's", () => {
  const classes = contract.providers.flatMap(({ account_classes }) => account_classes);
  deepEqual(words("_account_class_known"), names(classes));
});

Deno.test("the reasons are the crate's, and so is which of them ask for a reconnect", () => {
  deepEqual(words("_reason_known"), names(contract.reasons));
  const [, list = ""] = /reason = ANY \(ARRAY\[([^\]]+)\]\)/.exec(connectionDetails) ?? [];
  const reconnect = [...list.matchAll(/'([a-z_]+)'/g)].map(([, word]) => word).sort();
  deepEqual(reconnect, names(contract.reasons.filter(({ needs_reconnect }) => needs_reconnect)));
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

Deno.test("the reasons why a connection is not read are the crate's", () => {
  deepEqual(words("_reason_known"), names(contract.reasons));
});

Deno.test("the limits of an account's id and label are the crate's", () => {
  const limit = (name: string) => contract.limits.find((each) => each.name === name)?.value;
  const id = checks.get("calendar_connections_account_id_shape") ?? "";
  ok(id.includes(`{1,${limit("account_id")}}`), id);
  const label = checks.get("calendar_connections_account_label_shape") ?? "";
  ok(label.includes(`char_length(account_label) <= ${limit("account_label")}`), label);
});

Deno.test("the view says of the crate's reasons which ask for a reconnect", async () => {
  const [server] = servers();
  ok(server);
  await withDatabase(server, { users: "made", grants: "none" }, async (url) => {
    const sql = connect(url);
    try {
      await sql.unsafe(`insert into auth.users (email) values ('a@example.com');
        insert into public.calendar_connections (
          user_id, provider, calendar_id, scopes, sealed_access_token, sealed_refresh_token
        ) select id, 'google', 'primary', '{}', 'v1.00000000.AAAA', 'v1.00000000.BBBB'
          from auth.users`);
      for (const { name, needs_reconnect } of contract.reasons) {
        await sql.unsafe(`update public.calendar_sync_states set reason = '${name}'`);
        const [row] = await sql.unsafe(
          "select reason, needs_reconnect from public.calendar_connection_details",
        );
        deepEqual({ ...row }, { reason: name, needs_reconnect });
      }
    } finally {
      await sql.end();
    }
  });
});
