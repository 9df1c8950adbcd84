/** The steps of a connection as an app takes them, over plain HTTP. */
import { equal } from "node:assert/strict";
import { authorize, type Person } from "../providers/person.ts";
import type { ProviderName } from "../providers/strict.ts";
import { expectJson, expectRedirect } from "./answers.ts";
import type { Connect, Status } from "./payloads.ts";
import type { Service, User } from "./world.ts";

/** What a relay hands to the app, which posts it on. */
export interface Finish {
  code?: string;
  state?: string;
  iss?: string;
  error?: string;
}

export function bearer(user: { token: string }): Record<string, string> {
  return { authorization: `Bearer ${user.token}` };
}

export async function connect(
  service: Service,
  user: User,
  provider: ProviderName,
): Promise<Connect> {
  return await expectJson<Connect>(
    await service.call(`/connect/${provider}`, { method: "POST", headers: bearer(user) }),
  );
}

/** Connects up to the moment when the provider sends the browser back, which is not followed. */
export async function authorizeAs(
  service: Service,
  user: User,
  provider: ProviderName,
  person?: Person,
): Promise<URL> {
  return await authorize((await connect(service, user, provider)).authorization_url, person);
}

/** The callback URL's path and query, as the service's `call` wants them. */
export function callbackPath(callback: URL): string {
  return `/callback/${callback.pathname.split("/").at(-1)}${callback.search}`;
}

/** The fields that the relay puts into the fragment, by the names that the app posts them under. */
export async function relay(service: Service, callback: URL): Promise<Finish> {
  const target = await expectRedirect(await service.call(callbackPath(callback)));
  const fragment = new URLSearchParams(target.hash.slice(1));
  const finish: Finish = {};
  for (const name of ["code", "state", "iss", "error"] as const) {
    const value = fragment.get(`calendar_${name}`);
    if (value !== null) finish[name] = value;
  }
  equal(fragment.get("calendar_provider"), callback.pathname.split("/").at(-1));
  return finish;
}

export function finishOf(callback: URL): Finish {
  return Object.fromEntries(callback.searchParams) as Finish;
}

export async function post(
  service: Service,
  user: User,
  provider: string,
  body: unknown,
): Promise<Response> {
  return await service.call(`/callback/${provider}`, {
    method: "POST",
    headers: { ...bearer(user), "content-type": "application/json" },
    body: JSON.stringify(body),
  });
}

/** The whole of it: connect, consent, finish. */
export async function connected(
  service: Service,
  user: User,
  provider: ProviderName,
): Promise<Status> {
  const callback = await authorizeAs(service, user, provider);
  return await expectJson<Status>(await post(service, user, provider, finishOf(callback)));
}

export async function status(service: Service, user: User): Promise<Status> {
  return await expectJson<Status>(await service.call("/status", { headers: bearer(user) }));
}

/** The headers of a browser's own navigation to a page of the app's origin, with its cookies. */
export function navigation(user: { cookie: string }): Record<string, string> {
  return {
    cookie: user.cookie,
    accept: "text/html,application/xhtml+xml",
    "sec-fetch-mode": "navigate",
    "sec-fetch-dest": "document",
    "sec-fetch-site": "same-origin",
  };
}

/** The same when another site, the provider, sends the browser. */
export function arrival(user: { cookie: string }): Record<string, string> {
  return { ...navigation(user), "sec-fetch-site": "cross-site" };
}
