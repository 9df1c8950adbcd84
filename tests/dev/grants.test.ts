/**
 * The migrations' privileges are the ones in force, in both regimes of Supabase's defaults, and
 * Supabase Lite's own grants do not undo them.
 */
import { deepEqual, equal } from "node:assert/strict";
import type { Stack, User } from "../../dev/mod.ts";
import { password, withStack } from "./support.ts";

const tables = [
  "calendar_connections",
  "calendar_oauth_states",
  "calendar_sync_states",
  "calendar_calendars",
  "calendar_sync_logs",
  "calendar_settings",
];

/** Columns that a role may select, as the catalogue of the running database says. */
async function selectable(stack: Stack, role: string, table: string): Promise<string[]> {
  const rows = await stack.database.query<{ name: string }>(
    `select attname as name from pg_attribute
      where attrelid = ('public.' || $2)::regclass and attnum > 0 and not attisdropped
        and has_column_privilege($1, attrelid, attnum, 'select') order by attname`,
    [role, table],
  );
  return rows.map(({ name }) => name);
}

async function select(stack: Stack, user: User, query: string): Promise<[number, string]> {
  const response = await fetch(`${stack.url}/rest/v1/${query}`, {
    headers: { apikey: stack.publishableKey, authorization: `Bearer ${user.accessToken}` },
  });
  const body = await response.json();
  return [response.status, response.ok ? "" : body.code];
}

for (const defaultGrants of ["all", "none"] as const) {
  for (const postgres of ["pglite", 18] as const) {
    const project = `a project on ${postgres} that grants ${defaultGrants} by default`;

    Deno.test(`${project}: sealed columns cannot be selected through the API`, () =>
      withStack({ postgres, defaultGrants }, async (stack) => {
        const user = await stack.createUser("a@example.test", password);
        deepEqual(await select(stack, user, "calendar_connections?select=provider,status"), [
          200,
          "",
        ]);
        for (const column of ["sealed_access_token", "sealed_refresh_token", "*"]) {
          const refused = await select(stack, user, `calendar_connections?select=${column}`);
          deepEqual(refused, [403, "42501"], column);
        }
        const signedOut = { ...user, accessToken: stack.publishableKey };
        for (const table of tables) {
          const [status, code] = await select(stack, signedOut, `${table}?select=user_id`);
          deepEqual([status, code], [401, "42501"], table);
        }
      }));
  }
}

Deno.test("the privileges after Lite's first requests are those after the migrations", () =>
  withStack({}, async (stack) => {
    const snapshot = () =>
      Promise.all(
        ["anon", "authenticated"].flatMap((role) =>
          tables.map((table) => selectable(stack, role, table))
        ),
      );
    const before = await snapshot();
    const user = await stack.createUser("a@example.test", password);
    await select(stack, user, "calendar_connections?select=provider");
    await select(stack, user, "users?select=id");
    deepEqual(await snapshot(), before);
    deepEqual(before.slice(0, tables.length).flat(), [], "anon");
    const ofAuthenticated = before[tables.length + tables.indexOf("calendar_connections")];
    equal(ofAuthenticated?.includes("provider"), true);
    equal(ofAuthenticated?.some((name) => name.startsWith("sealed_")), false);
  }));

Deno.test("a table without grants of its own shows which regime the project has", async (t) => {
  const before = "create table public.plain (id int);";
  for (const [defaultGrants, columns] of [["all", ["id"]], ["none", []]] as const) {
    await t.step(defaultGrants, () =>
      withStack({ before, defaultGrants }, async (stack) => {
        deepEqual(await selectable(stack, "anon", "plain"), columns);
      }));
  }
});
