/** The table of who may do what, tried through supabase-js as the owner, a stranger and nobody. */
import { deepEqual, equal, ok } from "node:assert/strict";
import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import { type ActorName, claimsOf } from "../database/actors.ts";
import {
  type Expectation,
  expectations,
  type FunctionExpectation,
  functionExpectations,
  relations,
  samples,
} from "../database/rls_expectations.ts";
import { openWorld } from "../support/world.ts";

const world = await openWorld();
Deno.test.afterAll(() => world.close());

const owner = await world.signUp();
const stranger = await world.signUp();
const nobody = createClient(world.stack.url, world.publishableKey, {
  auth: { persistSession: false, autoRefreshToken: false },
});
const clients: Record<ActorName, SupabaseClient> = {
  owner: owner.client,
  stranger: stranger.client,
  guest: await otherToken("guest"),
  app: await otherToken("app"),
  anon: nobody,
};

const STATE = "s".repeat(43);

for (const relation of Object.keys(relations)) {
  for (const actor of Object.keys(clients) as ActorName[]) {
    Deno.test(`${relation}: ${actor} reaches through supabase-js what it may and no more`, async () => {
      const lines = expectations.filter((line) =>
        line.relation === relation && line.actor === actor
      );
      ok(lines.length > 3);
      const found: string[] = [];
      for (const line of lines) {
        found.push(`${line.verb} ${line.column}: ${await tryColumn(line)}`);
      }
      deepEqual(found, lines.map((line) => `${line.verb} ${line.column}: ${line.outcome}`));
    });
  }
}

for (const line of functionExpectations) {
  const name = line.call.split("(")[0];
  Deno.test(`${name} called by ${line.actor} with the owner's id: ${line.outcome}`, async () => {
    equal(await tryFunction(line), line.outcome);
  });
}

Deno.test("selecting everything of the view works and shows nothing sealed", async () => {
  await setScene();
  const { data, error } = await owner.client.from("calendar_connection_details").select();
  equal(error, null);
  deepEqual(data?.map(({ provider }) => provider), ["google"]);
  ok(!JSON.stringify(data).includes("v1."));
});

Deno.test("selecting everything of the table is denied, because of what is sealed", async () => {
  await setScene();
  const { data, error } = await owner.client.from("calendar_connections").select();
  deepEqual([data, error?.code], [null, "42501"]);
});

Deno.test("an inserted row is the caller's, whatever user it names", async () => {
  await setScene();
  const row = { user_id: owner.id, ...required("calendar_connections") };
  const { error } = await stranger.client.from("calendar_connections").insert(row);
  equal(error?.code, "42501");
  equal((await world.rowsOf(owner)).connections, 1);
});

async function tryColumn(line: Expectation): Promise<string> {
  await setScene();
  // A user has one row of settings: it has to go where an insert is to be tried.
  if (line.verb === "insert") await world.database.query("delete from public.calendar_settings");
  const [mine, theirs] = [await belongings(owner.id), await belongings(stranger.id)];
  const { data, error } = await request(line);
  if (error) return isDenial(error.code) ? "denied" : `${error.code} ${error.message}`;
  if (!data || data.length === 0) return "no row";
  if (line.verb === "select") return "owner's row";
  const caller = line.actor === "owner" ? owner.id : stranger.id;
  const [before, after] = line.actor === "owner"
    ? [mine, await belongings(owner.id)]
    : [theirs, await belongings(caller)];
  if (line.verb === "insert") return before === after ? "no row" : "own row";
  return await belongings(owner.id) === mine ? "no row" : "owner's row";
}

/** Without the right to it, or a column whose value the database makes. */
function isDenial(code: string): boolean {
  return code === "42501" || code === "428C9";
}

/** Speaks with the owner's id in a token of another kind, signed by the project. */
async function otherToken(actor: "guest" | "app"): Promise<SupabaseClient> {
  const claims = claimsOf(actor, { owner: owner.id, stranger: stranger.id });
  const token = await world.stack.supabase.signJwt({
    ...claims,
    exp: Date.now() / 1000 + 3600 | 0,
  });
  return createClient(world.stack.url, world.publishableKey, {
    accessToken: () => Promise.resolve(token),
  });
}

/** Names the owner's row, except where a row is made. */
async function request(line: Expectation) {
  const { relation, verb, column } = line;
  const key = relation === "users" ? "id" : "user_id";
  const table = clients[line.actor].from(relation);
  const value = { [column]: samples[relation]?.[column]?.value ?? "" };
  // Without generated types supabase-js cannot know the columns of a table that is a variable.
  const row = { ...required(relation), ...value } as never;
  switch (verb) {
    case "select":
      return await table.select(column).eq(key, owner.id);
    case "insert":
      return await table.insert(row).select(key);
    case "update":
      return await table.update(value).eq(key, owner.id).select(key);
    case "delete":
      return await table.delete().eq(key, owner.id).select(key);
  }
}

function required(relation: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(samples[relation] ?? {}).filter(([, { required }]) => required)
      .map(([name, { value }]) => [name, value]),
  );
}

async function tryFunction(line: FunctionExpectation): Promise<string> {
  await setScene();
  const before = await belongings(owner.id);
  const [name = "", list = ""] = line.call.replace(/\)$/, "").split(/\((.*)/s);
  const { data, error } = await clients[line.actor].rpc(name, await named(name, list));
  if (error) return isDenial(error.code) ? "denied" : `${error.code} ${error.message}`;
  const told = /google|secret-account|v1\.1/.test(JSON.stringify(data));
  return told || await belongings(owner.id) !== before ? "done" : "nothing";
}

/** The SQL call's arguments by their names, as an rpc takes them. */
async function named(name: string, list: string): Promise<Record<string, unknown>> {
  const [row] = await world.database.query<{ names: string[] }>(
    "select proargnames as names from pg_proc where proname = $1",
    [name],
  );
  const values = [...list.matchAll(/'([^']*)'|null/g)].map(([, text]) => {
    const value = text?.replace("$owner", owner.id).replace("$state", STATE) ?? null;
    return value?.startsWith("{") ? value.slice(1, -1).split(",") : value;
  });
  return Object.fromEntries(values.map((value, at) => [row?.names[at] ?? "", value]));
}

/** The owner has one row of everything, the stranger is only a user. */
async function setScene(): Promise<void> {
  for (const table of ["connections", "oauth_states", "settings", "sync_logs"]) {
    await world.database.query(`delete from public.calendar_${table}`);
  }
  await world.database.query(
    `insert into public.calendar_connections (user_id, provider, calendar_id, account_id, scopes,
       sealed_access_token, sealed_refresh_token)
     values ($1, 'google', 'primary', 'secret-account', '{seen}',
       'v1.11111111.aaaa', 'v1.11111111.bbbb')`,
    [owner.id],
  );
  await world.database.query(
    `insert into public.calendar_oauth_states (user_id, state_hash, provider, sealed_verifier)
     values ($1, $2, 'google', 'v1.11111111.cccc')`,
    [owner.id, STATE],
  );
  await world.database.query(
    `insert into public.calendar_calendars (connection_id, calendar_id, user_id, selected, busy)
     select id, 'seen', user_id, true, '{[1,2)}' from public.calendar_connections`,
  );
  await world.database.query("insert into public.calendar_settings (user_id) values ($1)", [
    owner.id,
  ]);
}

/** Everything that belongs to a user, as one text. */
async function belongings(userId: string): Promise<string> {
  const [row] = await world.database.query<{ everything: string }>(
    `select jsonb_build_array(
       (select jsonb_agg(t order by provider) from public.calendar_connections t where user_id = $1),
       (select jsonb_agg(t order by state_hash) from public.calendar_oauth_states t where user_id = $1),
       (select jsonb_agg(t) from public.calendar_sync_states t where user_id = $1),
       (select jsonb_agg(t) from public.calendar_calendars t where user_id = $1),
       (select jsonb_agg(t order by id) from public.calendar_sync_logs t where user_id = $1),
       (select jsonb_agg(t) from public.calendar_settings t where user_id = $1),
       (select jsonb_agg(t) from public.users t where id = $1)
     )::text as everything`,
    [userId],
  );
  return row?.everything ?? "";
}
