/** One flow under one fault of the token endpoint, and what a function did wrong in it. */
import { authorize } from "../providers/person.ts";
import type { HostileProvider } from "../providers/hostile.ts";
import { bearer } from "../support/flow.ts";
import type { World } from "../support/world.ts";
import { newCanary } from "./canaries.ts";
import type { ProviderFault, Words } from "./faults.ts";
import { bring, type Target } from "./stage.ts";

export type Flaw =
  | "stored it"
  | "followed it elsewhere"
  | "no answer within 12 seconds"
  | "showed the provider's words"
  | "said neither what happened nor what to do";

const LONGEST_ANSWER_MS = 12_000;

export function newWords(): Words {
  return { provider: newCanary("provider"), database: newCanary("database") };
}

/** A browser comes back from the provider, and the function exchanges its code at the hostile endpoint. */
export async function tryFault(
  world: World,
  target: Target,
  fault: ProviderFault,
  hostile: HostileProvider,
  elsewhere: HostileProvider,
  words: Words,
): Promise<Flaw[]> {
  const user = await world.newUser();
  const started = await target.service.call("/connect/google", {
    method: "POST",
    headers: bearer(user),
  });
  const callback = await authorize((await started.json()).authorization_url);
  const followed = elsewhere.received.length;
  hostile.always(fault.answer("google", { access_token: "fake-access", refresh_token: "fake" }));
  const answer = await inTime(
    bring(target, user, callback, { session: "cookie", method: "GET" }).then(read),
  );
  const flaws: Flaw[] = [];
  const stored = await target.connections(user) > 0;
  if (stored) flaws.push("stored it");
  if (elsewhere.received.length > followed) flaws.push("followed it elsewhere");
  if (answer === undefined) flaws.push("no answer within 12 seconds");
  else if (answer.includes(words.provider)) flaws.push("showed the provider's words");
  else if (!stored && !saysWhatHappened(answer)) {
    flaws.push("said neither what happened nor what to do");
  }
  return flaws;
}

async function read(response: Response): Promise<string> {
  return `${response.status} ${response.headers.get("location")} ${await response.text()}`;
}

async function inTime<T>(work: Promise<T>): Promise<T | undefined> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), LONGEST_ANSWER_MS);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** A browser must end at a page of the app, with a reason that the app can explain. */
function saysWhatHappened(answer: string): boolean {
  return /^303 \S+[?&]reason=\w+/.test(answer);
}
