/** What a read leaves in the database, and what a user may ask to be read now. */
import { asUser } from "./actors.ts";
import { expect, expectMembers, test } from "./worker_scene.ts";

test("what is read replaces what was known, and what fails stays and is unknown", async (scene) => {
  const connection = await scene.connection();
  const calendars = async () =>
    (await scene.sql.unsafe(
      `select jsonb_agg(jsonb_build_array(calendar_id, selected, busy, busy_days, covers, reason)
         order by calendar_id) as list from public.calendar_calendars`,
    ))[0]!.list;
  const claimed = async () => {
    await scene.due();
    return await scene.next();
  };
  const from = Date.parse("2026-03-29T00:00:00Z") / 60_000;
  const until = Date.parse("2026-05-14T00:00:00Z") / 60_000;
  expect(
    await scene.read(connection, (await claimed()).fence, {
      account: "account",
      label: "ann@example.com",
      listed: [
        { id: "own", name: "Own", time_zone: "Europe/Berlin", primary: true },
        { id: "team", name: "Team", time_zone: "Nowhere/None", primary: false },
        { id: "team", name: "Twice", time_zone: null, primary: false },
      ],
      calendars: [{
        id: "own",
        busy: `{[${from + 60},${from + 90})}`,
        days: [["2026-04-01", "2026-04-03"]],
        until: null,
      }],
    }),
    "ok",
    "read",
  );
  expect(await calendars(), [
    [
      "own",
      true,
      `{[${from + 60},${from + 90})}`,
      "{[2026-04-01,2026-04-03)}",
      `[${from},${until})`,
      null,
    ],
    ["team", false, "{}", "{}", null, null],
  ], "calendars");
  const next = await claimed();
  expect(next.calendars, ["own"], "selected");
  expect(next.list_due, false, "listed");
  await scene.read(connection, next.fence, {
    calendars: [{ id: "own", fault: "unknown" }, {
      id: "foreign",
      busy: "{}",
      days: [],
      until: null,
    }],
  });
  expect(await calendars(), [
    [
      "own",
      true,
      `{[${from + 60},${from + 90})}`,
      "{[2026-04-01,2026-04-03)}",
      `[${from},${until})`,
      "unknown",
    ],
    ["team", false, "{}", "{}", null, null],
  ], "after a fault");
  await scene.read(connection, (await claimed()).fence, {
    calendars: [{ id: "own", busy: "{}", days: [], until: from + 600 }],
  });
  expect(
    (await calendars())[0],
    ["own", true, "{}", "{}", `[${from},${from + 600})`, null],
    "cut short",
  );
  await scene.read(connection, (await claimed()).fence, {
    listed: [{ id: "new", name: "New", time_zone: null, primary: true }],
    calendars: [],
  });
  expect(await calendars(), [["new", true, "{}", "{}", null, null]], "another list");
  const [row] = await scene.sql.unsafe("select account_label from public.calendar_connections");
  expect(row!.account_label, "ann@example.com", "label");
  expectMembers(
    await scene.state(connection),
    { verified_account: "" },
    "account of the last read",
  );
});

test("one bad item spoils no other", async (scene) => {
  const [one, two] = [await scene.connection(), await scene.connection()];
  const { items } = await scene.claim();
  const fence = items[0]!.fence;
  const read = { kind: "read", fence, account: null, label: null, listed: null, refreshed: false };
  const { answers } = await scene.call("settle", {
    items: [
      {
        ...read,
        connection: one,
        calendars: [{ id: "primary", busy: "junk", days: [], until: null }],
      },
      { ...read, connection: two, calendars: [] },
      { kind: "nonsense", connection: two, fence },
      { ...read, connection: "no uuid", calendars: [] },
    ],
  });
  expect(answers, ["error", "ok", "error", "error"], "answers");
  expectMembers(await scene.state(one), { unsettled: 1, last_ok_at: null }, "still leased");
});

test("a user's own call marks their rows once a minute, and never before a pause has passed", async (scene) => {
  const user = await scene.user();
  const other = await scene.connection();
  const [fresh, failing] = [
    await scene.connection("google", Promise.resolve(user)),
    await scene.connection("outlook", Promise.resolve(user)),
  ];
  await scene.sql.unsafe(
    `update public.calendar_sync_states set due_at = now() + interval '1 hour', failures = 1, reason = 'throttled'
     where connection_id = '${failing}';
     update public.calendar_sync_states set due_at = now() + interval '1 day' where connection_id = '${fresh}'`,
  );
  const ask = async (as = user) => {
    const results = await scene.sql.unsafe(
      asUser(as, `select public.calendar_refresh_mine('${user}')::text as answer`),
    ) as unknown as { answer?: string }[][];
    return JSON.parse(results.flat().find((row) => row?.answer)!.answer!);
  };
  const first = await ask();
  expect(first.marked, 1, "marked");
  expectMembers(
    first.waiting[0],
    { connection: failing, reason: "throttled", retry_after: 3600 },
    "waiting",
  );
  const again = await ask();
  expect(again.marked, 0, "marked again at once");
  const { items } = await scene.claim({ user, provider: null });
  expect(items.map((item) => item.connection), [fresh], "claimed for the user");
  expect((await scene.claim({ user, provider: null })).items, [], "marked once, claimed once");
  let refused = false;
  const [{ user_id: stranger }] = await scene.sql.unsafe(
    `select user_id from public.calendar_connections where id = '${other}'`,
  ) as unknown as [{ user_id: string }];
  try {
    await ask(stranger);
  } catch {
    refused = true;
    await scene.sql.unsafe("rollback");
  }
  expect(refused, true, "in another's name");
});

test("reconnecting does not reset the minute between a user's reads", async (scene) => {
  const user = await scene.user();
  const save = (n: number) =>
    asUser(
      user,
      `select public.calendar_save_connection('${user}', 'google', null, 'acc', null, null, '{s}', 'v1.00000000.A${n}', 'v1.00000000.B${n}', 3600, null, 10)::text`,
    );
  const ask = async () => {
    const results = await scene.sql.unsafe(
      asUser(user, `select public.calendar_refresh_mine('${user}')::text as answer`),
    ) as unknown as { answer?: string }[][];
    return JSON.parse(results.flat().find((row) => row?.answer)!.answer!).marked;
  };
  const marked = [];
  for (let n = 0; n < 5; n++) {
    await scene.sql.unsafe(save(n));
    marked.push(await ask());
    await scene.sql.unsafe(asUser(user, `select public.calendar_disconnect('${user}')`));
  }
  expect(marked, [1, 0, 0, 0, 0], "marked");
});
