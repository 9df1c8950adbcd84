/**
 * What the worker asks of the database: claims, settlements, and when something is due again. The clock
 * and the dice are given, so that every time below can be computed by hand.
 */
import {
  days,
  expect,
  expectMembers,
  hours,
  type Json,
  minutes,
  start,
  test,
} from "./worker_scene.ts";

test("a claim leases what is due for 90 seconds, the longest due first", async (scene) => {
  const first = await scene.connection();
  scene.seconds = 1;
  const second = await scene.connection();
  scene.seconds = 100;
  await scene.connection("outlook");
  const { run, items } = await scene.claim();
  expect(items.map((item) => item.connection), [first, second], "claimed");
  expectMembers(await scene.state(first), { due_at: 190, fence: 1, unsettled: 1 }, "leased");
  expectMembers(items[0]!, {
    fence: 1,
    token_version: 1,
    access_expires_in: 3500,
    list_due: true,
    tentative_counts: true,
    window: { from: "2026-03-29T00:00:00Z", until: "2026-05-14T00:00:00Z" },
    calendars: [],
  }, "item");
  expect((await scene.claim({ run })).items, [], "nothing twice");
  scene.seconds = 190;
  const again = await scene.claim();
  expect(
    again.items.map((item) => item.fence),
    [2, 2],
    "a dead worker's rows come back by themselves",
  );
});

test("nothing due is no run, four runs are alive at most, and a run claims for a minute", async (scene) => {
  expect(await scene.claim(), { run: null, items: [] }, "nothing due");
  const [{ count }] = await scene.sql.unsafe(
    "select count(*)::int from calendar_private.sync_runs",
  ) as unknown as [{ count: number }];
  expect(count, 0, "runs written for nothing");
  for (let n = 0; n < 6; n++) await scene.connection();
  const runs = [];
  for (let n = 0; n < 5; n++) runs.push((await scene.claim({ limit: 1 })).run);
  expect(runs.map((run) => run !== null), [true, true, true, true, false], "a fifth run");
  scene.seconds = 59;
  expect((await scene.claim({ run: runs[0], limit: 1 })).items.length, 1, "in its first minute");
  scene.seconds = 60;
  expect((await scene.claim({ run: runs[0], limit: 1 })).run, null, "after its first minute");
  expect((await scene.claim({ limit: 1 })).run !== null, true, "runs without a heartbeat are dead");
});

test("a settlement counts only under the newest lease, and tokens only over their own version", async (scene) => {
  const connection = await scene.connection();
  await scene.claim();
  scene.seconds = 95;
  await scene.claim();
  const tokens = {
    kind: "tokens",
    connection,
    token_version: 1,
    sealed_access_token: "v1.00000000.CCCC",
    sealed_refresh_token: null,
    expires_in: 3600,
    grant_expires_in: null,
  };
  expect(await scene.read(connection, 1), "fenced", "a read of the first lease");
  expect(
    await scene.fail(connection, 1, { class: "user", reason: "grant_ended" }),
    "fenced",
    "its failure",
  );
  expect(await scene.settle({ kind: "release", connection, fence: 1 }), "fenced", "its release");
  expectMembers(await scene.state(connection), { fence: 2, strikes: 0, due_at: 185 }, "untouched");
  expect(await scene.settle(tokens), "ok", "tokens by a slow worker");
  expect(await scene.settle(tokens), "stale", "the same once more");
  expect(await scene.settle({ ...tokens, token_version: 2 }), "ok", "over the new version");
  const [row] = await scene.sql.unsafe(
    `select sealed_refresh_token, token_version, extract(epoch from access_token_expires_at)::int as ends
     from public.calendar_connections`,
  );
  expect(row, {
    sealed_refresh_token: "v1.00000000.BBBB",
    token_version: 3,
    ends: start / 1000 + 3695,
  }, "row");
  await scene.sql.unsafe("delete from public.calendar_connections");
  expect(await scene.read(connection, 2), "gone", "after the disconnect");
  expect(await scene.settle(tokens), "gone", "tokens after the disconnect");
});

test("how often a calendar is read follows when its user last looked", async (scene) => {
  for (
    const [ago, pause] of [[0, 4 * hours], [24 * hours, 4 * hours], [25 * hours, days], [
      14 * days,
      days,
    ], [15 * days, 7 * days]]
  ) {
    const connection = await scene.connection();
    await scene.sql.unsafe(
      `update public.calendar_sync_states set last_seen_at = '${scene.now}'::timestamptz - interval '${ago} seconds'
       where connection_id = '${connection}'`,
    );
    expect(await scene.read(connection, (await scene.next()).fence), "ok", "read");
    expect((await scene.state(connection)).due_at, pause, `seen ${ago} s ago`);
    for (const [random, factor] of [[0, 0.8], [0.999999, 1.2]] as const) {
      await scene.due();
      await scene.read(connection, (await scene.next()).fence, {}, random);
      const due = (await scene.state(connection)).due_at as number;
      if (Math.abs(due / pause! - factor) > 0.001) {
        throw new Error(`jitter ${random}: ${due} of ${pause}`);
      }
    }
    await scene.sql.unsafe("delete from public.calendar_connections");
  }
});

test("each class of failure waits as long as it should, and only a user's or an administrator's ends anything", async (scene) => {
  const failed = async (more: Json, random: number, times: number) => {
    const connection = await scene.connection();
    let state: Json = {};
    for (let n = 0; n < times; n++) {
      await scene.due();
      expect(
        await scene.fail(connection, (await scene.next()).fence, more, random),
        "ok",
        "failed",
      );
      state = await scene.state(connection);
    }
    await scene.sql.unsafe("delete from public.calendar_connections");
    return {
      due: state.due_at,
      status: state.status,
      reason: state.reason,
      failures: state.failures,
    };
  };
  const nearly = 0.9999999999;
  const round = ({ due, ...rest }: Json) => ({ due: Math.round(due as number), ...rest });
  const transient = { class: "transient", reason: "provider_unavailable" };
  expect(round(await failed(transient, 0, 1)), {
    due: 15,
    status: "active",
    reason: null,
    failures: 1,
  }, "at least 15 s");
  expect(round(await failed(transient, nearly, 1)).due, 60, "first");
  expect(round(await failed(transient, nearly, 4)).due, 480, "fourth");
  expect(round(await failed(transient, nearly, 40)).due, 6 * hours, "at most six hours");
  expect(
    round(await failed({ ...transient, retry_after: 900 }, 0, 1)).due,
    900,
    "as the provider asked",
  );
  const throttled = { class: "throttled", reason: "throttled" };
  expect(round(await failed({ ...throttled, retry_after: 77 }, 0.5, 3)), {
    due: 77,
    status: "active",
    reason: "throttled",
    failures: 0,
  }, "throttled");
  expect(round(await failed(throttled, 0.5, 1)).due, 60, "throttled without a time");
  const operator = { class: "operator", reason: "operator" };
  expect(round(await failed(operator, nearly, 1)), {
    due: 900,
    status: "active",
    reason: "operator",
    failures: 1,
  }, "operator");
  expect(round(await failed(operator, nearly, 30)), {
    due: 6 * hours,
    status: "active",
    reason: "operator",
    failures: 30,
  }, "operator, long");
  const admin = { class: "admin", reason: "admin_blocked" };
  expect(round(await failed(admin, 0.5, 7)), {
    due: days,
    status: "error",
    reason: "admin_blocked",
    failures: 7,
  }, "admin");
  expect(round(await failed(admin, 0.5, 8)).due, 7 * days, "admin, after a week");
  expect(round(await failed({ class: "sealed", reason: "sealed_unreadable" }, 0.5, 1)), {
    due: days,
    status: "error",
    reason: "sealed_unreadable",
    failures: 1,
  }, "damaged");
  expect(round(await failed({ class: "sealed", reason: "key_missing" }, 0.5, 1)), {
    due: days,
    status: "active",
    reason: "key_missing",
    failures: 1,
  }, "key missing");
});

test("two strikes at least ten minutes apart end a connection, and one success heals it for a week", async (scene) => {
  const connection = await scene.connection();
  const ended = { class: "user", reason: "grant_ended" };
  const strike = async () => {
    await scene.due();
    expect(await scene.fail(connection, (await scene.next()).fence, ended), "ok", "strike");
    return await scene.state(connection);
  };
  expectMembers(
    await strike(),
    { status: "active", reason: null, strikes: 1, due_at: 750 },
    "first",
  );
  scene.seconds = 9 * minutes;
  expectMembers(
    await strike(),
    { status: "active", reason: null, strikes: 1, due_at: 750 },
    "too soon",
  );
  scene.seconds = 10 * minutes;
  expectMembers(await strike(), {
    status: "expired",
    reason: "grant_ended",
    strikes: 2,
    due_at: 600 + days,
  }, "second");
  expect(await scene.events(connection), ["connected", "reconnect_needed"], "told once");
  scene.seconds = 6 * days;
  expectMembers(await strike(), { status: "expired", due_at: 7 * days }, "still tried daily");
  await scene.due();
  expect(await scene.read(connection, (await scene.next()).fence), "ok", "read");
  expectMembers(await scene.state(connection), {
    status: "active",
    reason: null,
    strikes: 0,
    failing_since: null,
    flipped_at: null,
  }, "healed");
  expect(await scene.events(connection), ["connected", "reconnect_needed", "recovered"], "told");
  await strike();
  scene.seconds += 11 * minutes;
  await strike();
  scene.seconds += 7 * days;
  expectMembers(
    await strike(),
    { status: "expired", due_at: null },
    "after a week nobody asks any more",
  );
});

test("a connection that ends its workers is read alone and rarely", async (scene) => {
  const killer = await scene.connection();
  for (let n = 0; n < 3; n++) {
    await scene.claim();
    scene.seconds += 90;
  }
  const others = [await scene.connection(), await scene.connection()];
  const { items } = await scene.claim();
  expect(
    items.map((item) => item.connection).sort(),
    others.sort(),
    "the others first, without it",
  );
  const alone = await scene.claim();
  expect(alone.items.map((item) => item.connection), [killer], "alone");
  expectMembers(
    await scene.state(killer),
    { due_at: 270 + hours, reason: "quarantined" },
    "an hour later",
  );
  expect(await scene.read(killer, alone.items[0]!.fence), "ok", "read");
  expectMembers(await scene.state(killer), { unsettled: 0, reason: null }, "healed");
});

test("a lease that is given back counts as no claim", async (scene) => {
  const connection = await scene.connection();
  for (let n = 0; n < 5; n++) {
    const { fence } = await scene.next();
    expect(await scene.settle({ kind: "release", connection, fence }), "ok", "released");
  }
  expectMembers(await scene.state(connection), { unsettled: 0, due_at: 0, fence: 5 }, "state");
});
