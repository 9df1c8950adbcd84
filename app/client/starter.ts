import type { Authorization, Provider } from "./contract.ts";

const KEY = "calendar-connect.starter";

/** Who started in this tab. No secret: an id, so that the page can tell a change of user. */
interface Starter {
  user: string;
  provider: Provider;
  expires_at: string;
}

export function rememberStarter(user: string, { provider, expires_at }: Authorization): void {
  const starter: Starter = { user, provider, expires_at };
  withStorage((storage) => storage.setItem(KEY, JSON.stringify(starter)));
}

/** The user who started with this provider in this tab and may still come back; it is forgotten now. */
export function takeStarter(provider: Provider | null, now = Date.now()): string | null {
  const text = withStorage((storage) => storage.getItem(KEY)) ?? null;
  if (text === null) return null;
  withStorage((storage) => storage.removeItem(KEY));
  const starter = parse(text);
  const relevant = starter && (provider === null || starter.provider === provider) &&
    Date.parse(starter.expires_at) > now;
  return relevant ? starter.user : null;
}

function parse(text: string): Starter | null {
  try {
    const value = JSON.parse(text) as Partial<Starter> | null;
    return typeof value?.user === "string" && typeof value.expires_at === "string"
      ? value as Starter
      : null;
  } catch {
    return null;
  }
}

/** Storage can be forbidden by the browser; knowing the starter is a kindness, not a defence. */
function withStorage<T>(use: (storage: Storage) => T): T | undefined {
  try {
    return use(sessionStorage);
  } catch {
    return undefined;
  }
}
