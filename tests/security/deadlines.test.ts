/**
 * Lines 14, 22 and 24: deadlines hold under load, and cost no more timers than there are requests.
 *
 * Mutations tried: see defences.ts, "14: silence".
 */
import { equal, ok } from "node:assert/strict";
import { inProcess, printed } from "./handler.ts";
import { answerFetchWith, empty, offline, token } from "./offline.ts";

const headers = { authorization: `Bearer ${token()}` };

/** Timers that are waiting now, of all that this isolate has set since the file began. */
const waiting = new Set<unknown>();
const { setTimeout: set, clearTimeout: clear } = globalThis;
globalThis.setTimeout = ((work: () => void, ms?: number) => {
  const timer = set(() => {
    waiting.delete(timer);
    work();
  }, ms);
  waiting.add(timer);
  return timer;
}) as typeof setTimeout;
globalThis.clearTimeout = (timer) => {
  waiting.delete(timer);
  clear(timer);
};

/** One turn of the event loop, in which whatever is due happens. */
function turn(): Promise<void> {
  return new Promise((resolve) => set(resolve, 1));
}

Deno.test("line 24: 5,000 requests, ten at a time, wait with no more than one timer each", async () => {
  answerFetchWith(async (url, init) => {
    await turn();
    return empty(url, init);
  });
  const service = inProcess(offline());
  let most = 0;
  // Somebody is always in flight, as on a busy day.
  for (let round = 0; round < 500; round++) {
    await Promise.all(Array.from({ length: 10 }, async () => {
      await (await service.call("/status", { headers })).body?.cancel();
      most = Math.max(most, waiting.size);
    }));
  }
  printed.lines.length = 0;
  ok(most <= 12, `${most} timers were waiting at one time for ten requests`);
});

for (
  const [variable, path] of [
    ["CALENDAR_DATABASE_TIMEOUT_MS", "/status"],
  ] as const
) {
  Deno.test(`line 22: silence ends at the deadline of ${variable} for each of 200 at once`, async () => {
    let asked = 0;
    let given = 0;
    answerFetchWith((_, init) => {
      asked++;
      return new Promise((_, reject) => {
        init.signal?.addEventListener("abort", () => {
          given++;
          reject(new DOMException("aborted", "AbortError"));
        });
      });
    });
    const service = inProcess(offline({ [variable]: "200" }));
    const answers = await Promise.all(
      Array.from({ length: 200 }, () => service.call(path, { headers })),
    );
    for (const answer of answers) equal((await answer.json()).code, "storage_unavailable");
    equal(asked, 200);
    equal(given, 200);
  });
}

Deno.test("line 22: an isolate that was held up takes nobody's time", async () => {
  const given: number[] = [];
  answerFetchWith((_, init) => {
    const asked = performance.now();
    return new Promise((_, reject) => {
      init.signal?.addEventListener("abort", () => {
        given.push(performance.now() - asked);
        reject(new DOMException("aborted", "AbortError"));
      });
    });
  });
  const service = inProcess(offline({ CALENDAR_DATABASE_TIMEOUT_MS: "300" }));
  const first = service.call("/status", { headers });
  await turn();
  const held = performance.now() + 500;
  while (performance.now() < held);
  await Promise.all([first, service.call("/status", { headers })]);
  equal(given.length, 2);
  for (const ms of given) ok(ms >= 299, `given up after ${ms} of 300 ms`);
});

Deno.test("line 24: what was read is let go, also while another body of the same deadline is awaited", async () => {
  answerFetchWith(empty);
  const { addEventListener: add, removeEventListener: remove } = AbortSignal.prototype;
  let listening = 0;
  AbortSignal.prototype.addEventListener = function (...args: Parameters<typeof add>) {
    listening++;
    return add.apply(this, args);
  };
  AbortSignal.prototype.removeEventListener = function (...args: Parameters<typeof remove>) {
    listening--;
    return remove.apply(this, args);
  };
  try {
    const service = inProcess(offline());
    const post = (body: BodyInit) =>
      service.call("/callback/google", {
        method: "POST",
        headers: { ...headers, "content-type": "application/json" },
        body,
      });
    const never = Promise.withResolvers<void>();
    const slow = post(new ReadableStream({ pull: () => never.promise }));
    await turn();
    for (let at = 0; at < 50; at++) await (await post("{}")).body?.cancel();
    equal(listening, 1, "only who still sends is listened for");
    equal((await slow).status, 400);
    never.resolve();
  } finally {
    AbortSignal.prototype.addEventListener = add;
    AbortSignal.prototype.removeEventListener = remove;
  }
});
