/**
 * Lines 14, 22 and 24: deadlines hold under load, are never early, and leave no timer behind.
 *
 * Mutations tried: see defences.ts, "14: silence", "22: a deadline is never early" and "24: a timer is cleared".
 */
import { deepEqual, equal, ok } from "node:assert/strict";
import { inProcess, printed } from "./handler.ts";
import { answerFetchWith, empty, offline, token } from "./offline.ts";
import { newRandom } from "./random.ts";

const headers = { authorization: `Bearer ${token()}` };

const random = newRandom(22);

/** Timers that are waiting now, of all that this isolate has set since the file began. */
const waiting = new Set<unknown>();
const { setTimeout: set, clearTimeout: clear } = globalThis;
/** When the last of them was set. */
let setAt = 0;
globalThis.setTimeout = ((work: () => void, ms?: number) => {
  setAt = performance.now();
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

Deno.test("line 24: 5,000 requests, ten at a time, have one timer each, and none afterwards", async () => {
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
  ok(most <= 10, `${most} timers were waiting at one time for ten requests`);
  equal(waiting.size, 0);
});

/** A database that never answers, and how many milliseconds each question waited before it was given up. */
function silence(): number[] {
  const waited: number[] = [];
  answerFetchWith((_, init) => {
    // The deadline was set just before. The clock may have moved on since then, where another process had the core.
    const begun = setAt;
    return new Promise((_, reject) => {
      init.signal?.addEventListener("abort", () => {
        waited.push(performance.now() - begun);
        reject(new DOMException("aborted", "AbortError"));
      });
    });
  });
  return waited;
}

function holdUp(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

Deno.test("line 22: silence ends at the deadline for each of 200 at once", async () => {
  const waited = silence();
  const service = inProcess(offline({ CALENDAR_DATABASE_TIMEOUT_MS: "200" }));
  const answers = await Promise.all(
    Array.from({ length: 200 }, () => service.call("/status", { headers })),
  );
  for (const answer of answers) equal((await answer.json()).code, "storage_unavailable");
  equal(waited.length, 200);
  equal(waiting.size, 0);
});

Deno.test("line 22: no deadline is early, whenever it begins and whatever holds the event loop up", async () => {
  const waited = silence();
  const limits = [40, 97, 150, 203];
  const services = limits.map((ms) =>
    inProcess(offline({ CALENDAR_DATABASE_TIMEOUT_MS: String(ms) }))
  );
  const early: number[] = [];
  for (const [at, service] of services.entries()) {
    const calls = [];
    for (let call = 0; call < 40; call++) {
      await new Promise((resolve) => set(resolve, random.below(20)));
      if (random.below(4) === 0) holdUp(random.below(60));
      calls.push(service.call("/status", { headers }));
    }
    await Promise.all(calls);
    early.push(...waited.splice(0).filter((ms) => ms < (limits[at] ?? 0)));
  }
  printed.lines.length = 0;
  deepEqual(early, []);
});

Deno.test("line 22: a deadline is by the clock, also where the event loop was held up", async () => {
  const waited = silence();
  const service = inProcess(offline({ CALENDAR_DATABASE_TIMEOUT_MS: "50" }));
  const call = service.call("/status", { headers });
  await turn();
  equal(waited.length, 0);
  holdUp(100);
  await turn();
  equal(waited.length, 1);
  equal((await call).status, 503);
});

Deno.test("line 22: a body that never ends is given up", async () => {
  const service = inProcess(offline());
  const gone = Promise.withResolvers<void>();
  const body = new ReadableStream({ pull: () => gone.promise, cancel: () => gone.resolve() });
  const posted = service.call("/callback/google", {
    method: "POST",
    headers: { ...headers, "content-type": "application/json" },
    body,
  });
  equal((await posted).status, 400);
  await gone.promise;
  equal(waiting.size, 0);
});
