/**
 * Lines 14, 15, 19 and 22 together: connections made and removed while provider and database fail at
 * every step, in seeded random combination. What each answer claims is compared with the rows, and
 * everything that was answered, printed or stored is searched for secrets.
 */
import { deepEqual, equal, ok } from "node:assert/strict";
import type { Call, Fault } from "../../dev/mod.ts";
import { startHostileProvider } from "../providers/hostile.ts";
import { STATUS_OF } from "../support/answers.ts";
import { arrival, bearer } from "../support/flow.ts";
import { open, stateHash } from "../support/envelope.ts";
import type { User, World } from "../support/world.ts";
import {
  type DatabaseFault,
  databaseFaults,
  GOOD,
  type ProviderFault,
  providerFaults,
  type Tokens,
} from "./faults.ts";
import { type Handler, inProcess, printed, shipped } from "./handler.ts";
import { claimsOf, identityFaults, idToken } from "./identity.ts";
import { invariants } from "./invariants.ts";
import { type ProviderName, PROVIDERS } from "./names.ts";
import type { Random } from "./random.ts";
import { Secrets } from "./secrets.ts";
import { describe, WAYS } from "./stage.ts";

/** Each takes a state up to twice, and twenty times a minute are allowed. */
const FLOWS_OF_A_USER = 10;

type Step = "open" | "take" | "save" | "disconnect";

/** What is to go wrong in one flow. */
export interface Plan {
  provider: ProviderName;
  from: ProviderFault;
  database: Partial<Record<Step, DatabaseFault>>;
}

export interface Report {
  flows: number;
  connected: number;
  codes: Map<string, number>;
  faults: Map<string, number>;
  /** Flows that failed without a planned fault, because this machine was too slow. */
  overloaded: number;
}

interface Lane {
  handle: Handler;
  hostile: ReturnType<typeof startHostileProvider>;
  user: User;
  flowsLeft: number;
  random: Random;
}

export interface Chaos {
  run(flows: number): Promise<void>;
  report: Report;
  stop(): Promise<void>;
}

export interface ChaosOptions {
  /** Flows at a time, each of a user of its own. */
  lanes: number;
  /** What the function waits for the database, and for the provider. */
  deadlineMs: number;
}

export async function startChaos(
  world: World,
  random: Random,
  { lanes, deadlineMs }: ChaosOptions,
): Promise<Chaos> {
  const secrets = new Secrets();
  const elsewhere = startHostileProvider();
  const bad = [
    ...providerFaults(secrets.words, elsewhere.tokenEndpoint),
    ...identityFaults(),
  ];
  const broken = databaseFaults(secrets.words, deadlineMs);
  const plans = new Map<string, Plan["database"]>();
  const report: Report = {
    flows: 0,
    connected: 0,
    codes: new Map(),
    faults: new Map(),
    overloaded: 0,
  };
  const answers: string[] = [];
  const all = await Promise.all(
    Array.from({ length: lanes }, () => startLane(world, secrets, random, deadlineMs)),
  );

  const flow = async (lane: Lane) => {
    if (lane.flowsLeft-- === 0) {
      lane.user = await world.newUser();
      lane.flowsLeft = FLOWS_OF_A_USER;
    }
    const { user } = lane;
    secrets.raw.add(user.token.split(".")[2] ?? "");
    const plan = newPlan(lane.random, bad, broken);
    count(report, plan);
    plans.set(user.token, { ...plan.database });
    await play(world, lane, plan, secrets, report, answers);
    plans.delete(user.token);
    report.flows++;
  };

  return {
    report,
    run: (flows) =>
      world.breaking((call) => faultFor(plans, call), async () => {
        let left = flows;
        // What another lane began is finished before the failure is told.
        const abandon = (error: unknown) => {
          left = 0;
          throw error;
        };
        const ended = await Promise.allSettled(all.map(async (lane) => {
          while (left-- > 0) await flow(lane).catch((error) => abandon(error));
        }));
        for (const end of ended) if (end.status === "rejected") throw end.reason;
        deepEqual(elsewhere.received, [], "a redirect of the token endpoint was followed");
        secrets.expectNoneIn("answers", answers.splice(0));
        secrets.expectNoneIn("log lines", printed.lines.splice(0));
        secrets.expectNoneIn("the database's rows", await invariants(world.database));
        secrets.raw.clear();
      }),
    async stop() {
      for (const lane of all) await lane.hostile.stop();
      await elsewhere.stop();
    },
  };
}

async function startLane(
  world: World,
  secrets: Secrets,
  random: Random,
  deadlineMs: number,
): Promise<Lane> {
  const hostile = startHostileProvider();
  const handle = shipped({
    ...world.stack.env,
    CALENDAR_ENCRYPTION_KEY: btoa(secrets.encryptionKey),
    CALENDAR_DATABASE_TIMEOUT_MS: String(deadlineMs),
    CALENDAR_EXCHANGE_TIMEOUT_MS: String(deadlineMs),
    GOOGLE_CLIENT_SECRET: secrets.clientSecret,
    OUTLOOK_CLIENT_SECRET: secrets.clientSecret,
    GOOGLE_TOKEN_ENDPOINT: hostile.tokenEndpoint,
    OUTLOOK_TOKEN_ENDPOINT: hostile.tokenEndpoint,
  });
  return { handle, hostile, user: await world.newUser(), flowsLeft: FLOWS_OF_A_USER, random };
}

function newPlan(random: Random, bad: ProviderFault[], broken: DatabaseFault[]): Plan {
  const database: Plan["database"] = {};
  for (
    const [step, times] of [["open", 10], ["take", 8], ["save", 3], ["disconnect", 3]] as const
  ) {
    if (random.once(times)) database[step] = random.pick(broken);
  }
  const from = random.once(2) ? random.pick(GOOD) : random.pick(bad);
  return { provider: random.pick(PROVIDERS), from, database };
}

function count(report: Report, plan: Plan): void {
  const add = (name: string) => report.faults.set(name, (report.faults.get(name) ?? 0) + 1);
  if (!plan.from.good) add(`provider: ${plan.from.what}`);
  for (const [step, fault] of Object.entries(plan.database)) add(`${step}: ${fault.what}`);
}

const STEPS: [step: Step, path: RegExp][] = [
  ["open", /calendar_open_state$/],
  ["take", /calendar_take_state$/],
  ["save", /calendar_save_connection$/],
  ["disconnect", /calendar_disconnect$/],
];

function faultFor(plans: Map<string, Plan["database"]>, call: Call): Fault | undefined {
  const plan = plans.get(call.headers.get("authorization")?.slice("Bearer ".length) ?? "");
  const step = STEPS.find(([, path]) => path.test(call.path))?.[0];
  const fault = step && plan?.[step];
  if (!plan || !step || !fault) return undefined;
  if (fault.times === 1) delete plan[step];
  return fault.fault;
}

interface Row {
  account_id: string | null;
  sealed_access_token: string;
  sealed_refresh_token: string;
}

async function rowOf(world: World, user: User, provider: ProviderName): Promise<Row | undefined> {
  const rows = await world.database.query<Row & Record<string, unknown>>(
    `select account_id, sealed_access_token, sealed_refresh_token from public.calendar_connections
      where user_id = $1 and provider = $2`,
    [user.id, provider],
  );
  return rows[0];
}

async function play(
  world: World,
  lane: Lane,
  plan: Plan,
  secrets: Secrets,
  report: Report,
  answers: string[],
): Promise<void> {
  const { user, handle, hostile, random } = lane;
  const { provider } = plan;
  const service = inProcess(handle);
  const what = JSON.stringify({ user: user.id, provider, from: plan.from.what, db: plan.database });
  const ask = async (path: string, init: RequestInit) =>
    await readAnswer(await service.call(path, init), answers, report, what);

  const opened = await ask(`/connect/${provider}`, { method: "POST", headers: bearer(user) });
  if (!opened.ok) return expectAFault(opened.code, plan.database.open, report, what);
  const state = new URL(opened.body.authorization_url as string).searchParams.get("state") ?? "";
  const mark = crypto.randomUUID().replaceAll("-", "");
  const claims = claimsOf({
    issuer: world[provider].issuer,
    clientId: world.clients[provider].clientId,
    account: user.id,
  });
  const given = {
    claims,
    id_token: idToken(claims),
    access_token: `at-${secrets.token}-${mark}`,
    refresh_token: `rt-${secrets.token}-${mark}`,
  };
  const before = await rowOf(world, user, provider);
  hostile.received.length = 0;
  hostile.always(plan.from.answer(provider, given));
  const finished = await finish(ask, user, provider, `${secrets.code}-${mark}`, state, random);
  const after = await rowOf(world, user, provider);
  const asked = hostile.received.length;
  for (const { form } of hostile.received) {
    if (form.code_verifier) secrets.raw.add(form.code_verifier);
  }

  ok(asked <= 1, `the code was exchanged ${asked} times: ${what}`);
  if (asked === 1) equal(await stateRow(world, user, state), 0, `the state is left: ${what}`);
  if (finished.ok) {
    report.connected++;
    ok(plan.from.good, `connected in spite of it: ${what}`);
    ok(after && await holds(after, given, user, provider, secrets), `not what was given: ${what}`);
  } else if (!same(before, after)) {
    // Only a save that was carried out and never answered for may have left something, and then all.
    ok(plan.from.good && finished.code === "storage_unavailable", `a row changed: ${what}`);
    ok(after && await holds(after, given, user, provider, secrets), `half a connection: ${what}`);
  }
  if (!finished.ok && plan.from.good) {
    expectAFault(finished.code, plan.database.take ?? plan.database.save, report, what);
  }
  await again(ask, user, provider, state, asked, hostile, what);
  if (random.once(4)) await disconnect(world, lane, plan, ask, report, what);
}

/** A flow without a planned fault may fail only because the machine is slow. */
function expectAFault(
  code: string,
  fault: DatabaseFault | undefined,
  report: Report,
  what: string,
): void {
  if (fault !== undefined) return;
  ok(["storage_unavailable", "provider_unavailable"].includes(code), `${code}: ${what}`);
  report.overloaded++;
}

interface Answer {
  ok: boolean;
  code: string;
  body: Record<string, unknown>;
}

type Ask = (path: string, init: RequestInit) => Promise<Answer>;

async function readAnswer(
  response: Response,
  answers: string[],
  report: Report,
  what: string,
): Promise<Answer> {
  const text = await response.text();
  answers.push(`${response.status} ${JSON.stringify([...response.headers])} ${text}`);
  const location = response.headers.get("location");
  const body = text === "" ? {} : JSON.parse(text);
  const reason = location && new URL(location).searchParams.get("reason");
  const code: string = reason ?? body.code ?? "ok";
  report.codes.set(code, (report.codes.get(code) ?? 0) + 1);
  if (code !== "ok") ok(code in STATUS_OF && code !== "internal", `${code}: ${what}`);
  return { ok: code === "ok", code, body };
}

async function finish(
  ask: Ask,
  user: User,
  provider: ProviderName,
  code: string,
  state: string,
  random: Random,
): Promise<Answer> {
  const way = random.pick(WAYS);
  if (way.method === "POST") {
    return await ask(`/callback/${provider}`, {
      method: "POST",
      headers: { ...bearer(user), "content-type": "application/json" },
      body: JSON.stringify({ code, state }),
    });
  }
  const headers = describe(way).includes("header") ? bearer(user) : arrival(user);
  return await ask(`/callback/${provider}?${new URLSearchParams({ code, state })}`, { headers });
}

/** The same answer once more: a state that got as far as the provider is spent. */
async function again(
  ask: Ask,
  user: User,
  provider: ProviderName,
  state: string,
  asked: number,
  hostile: Lane["hostile"],
  what: string,
): Promise<void> {
  if (asked === 0) return;
  const replay = await ask(`/callback/${provider}`, {
    method: "POST",
    headers: { ...bearer(user), "content-type": "application/json" },
    body: JSON.stringify({ code: "replayed", state }),
  });
  equal(replay.ok, false, `a replay connected: ${what}`);
  equal(hostile.received.length, asked, `a replay was exchanged: ${what}`);
}

async function disconnect(
  world: World,
  { user }: Lane,
  plan: Plan,
  ask: Ask,
  report: Report,
  what: string,
): Promise<void> {
  const { provider } = plan;
  const before = await rowOf(world, user, provider);
  const gone = await ask(`/disconnect?provider=${provider}`, {
    method: "DELETE",
    headers: bearer(user),
  });
  const after = await rowOf(world, user, provider);
  if (gone.ok) return equal(after, undefined, `disconnected, and still there: ${what}`);
  ok(after === undefined || same(before, after), `a disconnect changed a row: ${what}`);
  expectAFault(gone.code, plan.database.disconnect, report, what);
}

function same(before: Row | undefined, after: Row | undefined): boolean {
  return JSON.stringify(before) === JSON.stringify(after);
}

/** Whether a row holds this flow's two tokens, and not one of them beside another flow's. */
async function holds(
  row: Row,
  given: Tokens,
  user: User,
  provider: ProviderName,
  secrets: Secrets,
): Promise<boolean> {
  const key = btoa(secrets.encryptionKey);
  const place = { userId: user.id, provider, accountId: row.account_id };
  const access = await open(row.sealed_access_token, key, { ...place, purpose: "access_token" });
  const refresh = await open(row.sealed_refresh_token, key, { ...place, purpose: "refresh_token" });
  return access.startsWith(given.access_token) && refresh === given.refresh_token;
}

async function stateRow(world: World, user: User, state: string): Promise<number> {
  const rows = await world.database.query(
    "select 1 from public.calendar_oauth_states where user_id = $1 and state_hash = $2",
    [user.id, await stateHash(state)],
  );
  return rows.length;
}
