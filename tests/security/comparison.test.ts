/**
 * The same attacks and the same hostile provider against a function as one writes it by hand with
 * supabase-js and openid-client (plain/), and against ours. What falls is listed here as data: the
 * table in SECURITY.md says the same.
 */
import { deepEqual, equal } from "node:assert/strict";
import { openWorld } from "../support/world.ts";
import { attacks } from "./attacks.ts";
import { type Flaw, newWords, tryFault } from "./endure.ts";
import { providerFaults } from "./faults.ts";
import { PROVIDERS } from "./names.ts";
import { plain } from "./plain/target.ts";
import { inProcess, printed, shipped } from "./handler.ts";
import { startHostileProvider } from "../providers/hostile.ts";
import { ours, type Target } from "./stage.ts";

const world = await openWorld();
const hostile = startHostileProvider();
const elsewhere = startHostileProvider();
const words = newWords();
const complaints: string[] = [];
// The handwritten function logs what it catches, as one does.
console.error = (...values: unknown[]) => void complaints.push(Deno.inspect(values, { depth: 9 }));
Deno.test.afterAll(async () => {
  await hostile.stop();
  await elsewhere.stop();
  await world.close();
});

/** How browsers come back from the provider; the handwritten function knows no other way. */
const way = { session: "cookie", method: "GET" } as const;

/** The attacks that work on the handwritten function. */
const FALLS = [
  "A's own answer, opened in V's signed-in browser, connects nobody",
  "A's authorization URL, consented to by V, gives A nothing of V's",
  "A's authorization URL, consented to by V in a browser without a session, gives A nothing of V's",
  "of 50 callbacks with one state at once, one is exchanged and one succeeds",
  "a state whose exchange failed is refused afterwards, with a good code too",
  "an expired state is consumed by the statement that finds it expired",
  "one provider's state at the other's callback is refused",
  "an answer with an empty issuer is refused",
  "the provider's words reach no header and no body, and unknown parameters change nothing",
];

async function falls(target: Target, play: (typeof attacks)[number]["play"]): Promise<boolean> {
  for (const provider of PROVIDERS) {
    try {
      await play({ world, target, provider, way });
    } catch {
      return true;
    }
  }
  return false;
}

const handwritten = await plain(world);

for (const { line, what, play } of attacks) {
  Deno.test(`line ${line}, ${what}: ${FALLS.includes(what) ? "not" : "also"} by hand`, async () => {
    equal(await falls(ours(world), play), false);
    equal(await falls(handwritten, play), FALLS.includes(what));
  });
}

/** What goes wrong by hand under a hostile provider, by the fault. */
const FLAWS: Record<Flaw, string[]> = {
  "stored it": [
    "a lifetime of 0",
    "a lifetime of 1.5",
    "a lifetime of 3600",
    "a newline in the token",
    "a token over 16 KiB",
    "an answer over 64 KiB",
    "an empty scope",
    "no calendar in the scope",
    "no lifetime",
    "no refresh token",
  ],
  "followed it elsewhere": [],
  "no answer within 12 seconds": ["drip", "silence", "stall"],
  "showed the provider's words": [],
  "said neither what happened nor what to do": [],
};

/** A function whose token endpoint is this one. */
async function exchangingAt(who: "ours" | "by hand", tokenEndpoint: string): Promise<Target> {
  if (who === "by hand") return await plain(world, { tokenEndpoint });
  const env = {
    ...world.stack.env,
    GOOGLE_TOKEN_ENDPOINT: tokenEndpoint,
    // The database is well here, and only slow where the machine is.
    CALENDAR_DATABASE_TIMEOUT_MS: "20000",
  };
  return { ...ours(world), service: inProcess(shipped(env)) };
}

for (const who of ["ours", "by hand"] as const) {
  Deno.test({
    name: `line 14, ${who}: every fault of the token endpoint`,
    // What a handwritten function leaves waiting ends with the provider.
    sanitizeOps: false,
    sanitizeResources: false,
    async fn() {
      const faults = providerFaults(words, elsewhere.tokenEndpoint);
      const found = Object.fromEntries(
        Object.keys(FLAWS).map((flaw) => [flaw, [] as string[]]),
      ) as Record<Flaw, string[]>;
      const lane = async () => {
        for (let fault = faults.pop(); fault !== undefined; fault = faults.pop()) {
          const own = startHostileProvider();
          const target = await exchangingAt(who, own.tokenEndpoint);
          for (const flaw of await tryFault(world, target, fault, own, elsewhere, words)) {
            found[flaw].push(fault.what);
          }
          await own.stop();
        }
      };
      await Promise.all(Array.from({ length: 8 }, lane));
      for (const list of Object.values(found)) list.sort();
      if (who === "ours") {
        deepEqual(Object.values(found).flat(), []);
      } else {
        deepEqual(found, FLAWS);
      }
    },
  });
}

Deno.test("line 19, by hand: the log holds what the provider said", () => {
  equal(complaints.some((line) => line.includes(words.provider)), true);
});

Deno.test("line 19, ours: the log does not", () => {
  deepEqual(printed.lines.filter((line) => line.includes(words.provider)), []);
});
