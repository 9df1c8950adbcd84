/** The queries of docs/observability.md, asked of real log lines, answer the questions above them. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { type Stack, startStack } from "../../dev/mod.ts";
import { startService } from "../support/service.ts";
import { authorizeAs, callbackPath, connect, connected, finishOf, post } from "../support/flow.ts";
import { LogLines } from "../support/log.ts";
import "../support/quiet.ts";
import { type Service, serviceAt } from "../support/service.ts";
import { insertUser, type User } from "../support/users.ts";
import { blocks, read } from "../support/markdown.ts";
import { askLogs, type LogRow } from "./logs.ts";
import { type Providers, startProviders } from "./shipped.ts";

const NAMES = ["ann", "bob", "cid", "dan"] as const;
const people = new Map<(typeof NAMES)[number], User>();
const document = read("docs/observability.md");
const queries = blocks(document).filter(({ language }) => language === "sql")
  .map(({ code }) => code.trim());
const ofLogs = queries.filter((query) => /^from logs$/m.test(query));

let providers: Providers;
let stack: Stack;
let lines: string[];
let answers: Map<string, Record<string, unknown>[]>;

Deno.test.beforeAll(async () => {
  // Google's, as for an app that is in testing: the function warns of such a grant.
  providers = await startProviders({ refreshTokenLifetime: 604_799 });
  const log = new LogLines();
  stack = await startStack({
    postgres: 18,
    env: providers.secrets,
    onLine: (_, line) => log.add(line),
  });
  const direct = await stack.functions.origin("calendar");
  const service = serviceAt(stack.functionUrl, direct, log, () => Promise.resolve());
  for (const name of NAMES) people.set(name, await insertUser(stack));
  await live(service);
  lines = [...log.lines, await misconfigured()];
  const asked = ofLogs.map((query) => query.replace("0123456789abcdef0123456789abcdef", anId()));
  const told = await askLogs(lines.map(row), asked);
  answers = new Map(questions().map((question, index) => [question, told[index] ?? []]));
});

Deno.test.afterAll(async () => {
  await stack?.stop();
  await providers?.stop();
});

/** Ann connects, Bob comes with a state that is none, Cid refuses, Dan never comes back. */
async function live(service: Service): Promise<void> {
  await connected(service, person("ann"), "google");
  await connect(service, person("bob"), "google");
  const response = await post(service, person("bob"), "google", {
    code: "a-code",
    state: "A".repeat(43),
  });
  equal(response.status, 400);
  await response.body?.cancel();
  const refusal = await authorizeAs(service, person("cid"), "outlook", { decision: "deny" });
  await (await service.call(callbackPath(refusal))).body?.cancel();
  await (await post(service, person("cid"), "outlook", finishOf(refusal))).body?.cancel();
  await connect(service, person("dan"), "outlook");
  await (await service.call("/status")).body?.cancel();
}

async function misconfigured(): Promise<string> {
  const { CALENDAR_SETTINGS_URL: _, ...env } = stack.env;
  const service = await startService({ deno: "current", env, runtimeEnv: {}, allowNet: [] });
  try {
    await (await service.call("/health")).body?.cancel();
    return await service.logLine("misconfigured");
  } finally {
    await service.stop();
  }
}

function person(name: (typeof NAMES)[number]): User {
  const user = people.get(name);
  if (user === undefined) throw new Error(`${name} has not been made yet`);
  return user;
}

function anId(): string {
  return JSON.parse(lines.find((line) => line.includes("invalid_state")) ?? "{}").request_id;
}

/** As the platform stores what a function prints, among what others print. */
function row(line: string, index: number): LogRow {
  return {
    id: String(index),
    timestamp: `2026-01-26 15:04:${String(index % 60).padStart(2, "0")}.000000`,
    event_message: `${line}\n`,
    severity_text: "INFO",
    source: "function_logs",
    log_attributes: { event_type: "Log", level: "log" },
  };
}

/** The bold sentence before each block. */
function questions(): string[] {
  return [...document.text.matchAll(/^\*\*(.+\?)\*\*.*\n\n```sql\n[^`]*?^from logs$/gm)]
    .map(([, question = ""]) => question);
}

function ask(question: string): Record<string, unknown>[] {
  const answer = answers.get(question);
  ok(answer, `the document has no question "${question}"`);
  return answer;
}

const without = (row: Record<string, unknown>, ...names: string[]) =>
  Object.fromEntries(Object.entries(row).filter(([name]) => !names.includes(name)));

Deno.test("every query has its question, and a test below", () => {
  equal(questions().length, ofLogs.length);
  equal(ofLogs.length, 8);
});

Deno.test("which users fail, why, and since when", () => {
  const rows = ask("Which users fail, why, and since when?");
  deepEqual(
    rows.map(({ user_id, code, cause }) => `${nameOf(user_id)} ${code} ${cause}`).sort(),
    [
      " misconfigured environment",
      " unauthorized ",
      "bob invalid_state state_unknown",
      "cid access_denied authorization_access_denied",
    ],
  );
  rows.forEach(({ since }) => match(String(since), /^2026-01-26 15:04/));
});

Deno.test("how many connections succeed, and how many fail", () => {
  const rows = ask("How many connections succeed, and how many fail, by hour and provider?");
  deepEqual(rows.map((row) => without(row, "hour")), [
    { provider: "google", succeeded: 1, failed: 1 },
    { provider: "outlook", succeeded: 0, failed: 1 },
  ]);
});

Deno.test("whose fault it is", () => {
  const rows = ask("Is it us, the provider, or the database?");
  deepEqual(rows.map(({ whose, code }) => `${whose}: ${code}`).sort(), [
    "the user: access_denied",
    "the user: invalid_state",
    "the user: unauthorized",
    "us: misconfigured",
  ]);
});

Deno.test("what the configuration lacks", () => {
  const [row] = ask("What does the configuration lack?");
  match(String(row?.detail), /^CALENDAR_SETTINGS_URL must be /);
});

Deno.test("who started and did not finish", () => {
  const rows = ask("Who started a connection and did not finish it?");
  deepEqual(rows.map(({ user_id }) => nameOf(user_id)).sort(), ["bob", "cid", "dan"]);
});

Deno.test("how slow it is", () => {
  const rows = ask("How slow is it?");
  const routes = rows.map(({ route }) => String(route)).sort();
  deepEqual(routes, ["callback", "connect", "health", "status"]);
});

Deno.test("what will not work for long", () => {
  const rows = ask("Does something work that will not for long?");
  deepEqual(rows.map((row) => without(row, "latest")), [
    { warning: "grant_ends_within_days", times: 1 },
  ]);
});

Deno.test("what happened to one request", () => {
  const rows = ask("What happened to this request?");
  equal(rows.length, 1);
  match(String(rows[0]?.event_message), /"code":"invalid_state"/);
});

Deno.test("the questions to the database are answered by it", async () => {
  const ofDatabase = queries.filter((query) => !ofLogs.includes(query));
  equal(ofDatabase.length, 3);
  const [all, happened, flag] = ofDatabase as [string, string, string];
  const [connections, untrue] = await Promise.all(
    [all, flag].map((query) => stack.database.query(query)),
  );
  const nobody = "00000000-0000-0000-0000-000000000000";
  const histories = await Promise.all(
    NAMES.map((name) => stack.database.query(happened.replace(nobody, person(name).id))),
  );
  match(JSON.stringify(histories.flat()), /"event":"connected"/);
  deepEqual(connections?.map(({ provider, status }) => ({ provider, status })), [
    { provider: "google", status: "active" },
  ]);
  deepEqual(untrue, []);
});

function nameOf(userId: unknown): string {
  return NAMES.find((name) => person(name).id === userId) ?? "";
}
