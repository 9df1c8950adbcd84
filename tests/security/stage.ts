/** Where attacks are played: who is attacked, in which way, and what is seen from outside. */
import { deepEqual, equal } from "node:assert/strict";
import { arrival, bearer, callbackPath, finishOf } from "../support/flow.ts";
import type { Service, User, World } from "../support/world.ts";
import { type ProviderName, PROVIDERS } from "./names.ts";

/** A function under attack, ours or the comparison, and where its rows are. */
export interface Target {
  name: string;
  service: Service;
  connections(user: User): Promise<number>;
  /** Rows of started connections that nobody has taken. */
  underWay(user: User): Promise<number>;
  /** Makes the connections of a user that are under way too old. */
  expire(user: User): Promise<void>;
}

/** How a browser or an app brings the provider's answer to the function. */
export interface Way {
  session: "header" | "cookie" | "none";
  method: "GET" | "POST";
}

export interface Stage {
  world: World;
  target: Target;
  provider: ProviderName;
  way: Way;
}

/** The three ways that carry a session; a cookie authorises no POST. */
export const WAYS: readonly Way[] = [
  { session: "header", method: "POST" },
  { session: "header", method: "GET" },
  { session: "cookie", method: "GET" },
];

export function describe({ session, method }: Way): string {
  return `${method} with ${session === "none" ? "no session" : `the ${session}'s session`}`;
}

export function ours(world: World): Target {
  const count = async (table: string, user: User) => {
    const [row] = await world.database.query<{ count: number }>(
      `select count(*)::int as count from public.${table} where user_id = $1`,
      [user.id],
    );
    return row?.count ?? -1;
  };
  return {
    name: "calendar-connect",
    service: world.service,
    connections: (user) => count("calendar_connections", user),
    underWay: (user) => count("calendar_oauth_states", user),
    expire: async (user) => {
      await world.database.query(
        "update public.calendar_oauth_states set expires_at = now() where user_id = $1",
        [user.id],
      );
    },
  };
}

/** Brings the provider's answer to the function as this user, in this way. */
export function bring(
  target: Target,
  user: User | undefined,
  callback: URL,
  way: Way,
): Promise<Response> {
  const headers: Record<string, string> = way.session === "header" && user
    ? bearer(user)
    : way.session === "cookie" && user
    ? arrival(user)
    : { accept: "text/html", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };
  const path = callbackPath(callback);
  if (way.method === "GET") return target.service.call(path, { headers });
  return target.service.call(path.split("?")[0] ?? path, {
    method: "POST",
    headers: { ...headers, "content-type": "application/json" },
    body: JSON.stringify(finishOf(callback)),
  });
}

/** Whether an answer says that a connection was made. */
export async function succeeded(response: Response): Promise<boolean> {
  const text = await response.text();
  if (response.status === 200) return JSON.parse(text).connected === true;
  const location = response.headers.get("location");
  return location !== null && new URL(location).searchParams.get("connected") === "success";
}

/** Calls of either provider's token endpoint while the work was done: the provider's own count. */
export async function tokenRequests(
  { world }: Pick<Stage, "world">,
  work: () => Promise<unknown>,
): Promise<number> {
  const count = () => PROVIDERS.reduce((sum, name) => sum + world[name].tokenRequests.length, 0);
  const before = count();
  await work();
  return count() - before;
}

/** The attack's end: nobody of these has anything, and the provider was never asked for a token. */
export async function nothingCameOfIt(
  stage: Stage,
  users: User[],
  work: () => Promise<Response>,
): Promise<void> {
  let success = false;
  let location = "";
  const asked = await tokenRequests(stage, async () => {
    const response = await work();
    location = response.headers.get("location") ?? "";
    success = await succeeded(response);
  });
  equal(success, false, "the answer says that it worked");
  equal(asked, 0, "the provider was asked for tokens");
  if (stage.way.session !== "none") equal(codeIn(location), null, "a code is handed on");
  deepEqual(
    await Promise.all(users.map((user) => stage.target.connections(user))),
    users.map(() => 0),
    "somebody got a connection",
  );
}

function codeIn(location: string): string | null {
  if (location === "") return null;
  const url = new URL(location);
  return url.searchParams.get("code") ?? url.searchParams.get("calendar_code") ??
    new URLSearchParams(url.hash.slice(1)).get("calendar_code");
}
