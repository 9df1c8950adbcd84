import type { Provider } from "./contract.ts";

const KEY = "calendar-connect.starter";

/** Who started what in this tab. No secret: ids, so that the page can tell a change of user. */
export interface Starter {
  user: string;
  provider: Provider;
  /** The connection that is to be renewed. */
  connection: string | null;
  expires_at: string;
}

export function rememberStarter(starter: Starter): void {
  withStorage((storage) => storage.setItem(KEY, JSON.stringify(starter)));
}

/** What was started with this provider in this tab and may still come back; it is forgotten now. */
export function takeStarter(provider: Provider | null, now = Date.now()): Starter | null {
  const text = withStorage((storage) => storage.getItem(KEY)) ?? null;
  if (text === null) return null;
  withStorage((storage) => storage.removeItem(KEY));
  const starter = parse(text);
  const relevant = starter && (provider === null || starter.provider === provider) &&
    Date.parse(starter.expires_at) > now;
  return relevant ? starter : null;
}

function parse(text: string): Starter | null {
  try {
    const value = JSON.parse(text) as Partial<Starter> | null;
    return typeof value?.user === "string" && typeof value.expires_at === "string"
      ? { ...value as Starter, connection: value.connection ?? null }
      : null;
  } catch {
    return null;
  }
}

/** The browser can forbid storage. Nothing depends on it: the function judges who may finish. */
function withStorage<T>(use: (storage: Storage) => T): T | undefined {
  try {
    return use(sessionStorage);
  } catch {
    return undefined;
  }
}
