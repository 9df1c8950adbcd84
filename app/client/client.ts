import { capture, pageSlot } from "./capture.ts";
import {
  type Authorization,
  type CalendarStatus,
  type Connection,
  type Disconnected,
  isProvider,
  type Provider,
  type ProviderName,
} from "./contract.ts";
import { CalendarError, errorOfResponse, unreachable } from "./error.ts";
import type { Landing } from "./landing.ts";
import { authorizationOf, disconnectedOf, statusOf } from "./payload.ts";
import { rememberStarter, takeStarter } from "./starter.ts";
import type { InvokeOptions, SessionLike, SupabaseLike } from "./supabase.ts";

export interface CalendarClientOptions {
  /** Where the app serves the function under its own domain, as `/api/calendar`. Default: `functions.invoke`. */
  url?: string;
  /** A call that has no complete answer after this long fails as `unreachable`. Default: 20,000. */
  timeoutMs?: number;
}

export interface ConnectOptions {
  /** The `id` of the connection to renew. Without it the account becomes one more connection. */
  connection?: string;
  /** Opens the provider's page. Default: this tab goes there. */
  navigate?: (url: string) => void;
}

/** How a return from the provider ended. */
export type Finished =
  | { outcome: "none" }
  | { outcome: "connected"; provider: Provider; connection: string | null; status: CalendarStatus }
  | {
    outcome: "refused";
    provider: Provider | null;
    /** The connection that was to be renewed. */
    connection: string | null;
    error: CalendarError;
  };

type Call = Pick<InvokeOptions, "method" | "body">;

/** Connects the signed-in user's calendars. Every method rejects with `CalendarError` only. */
export class CalendarClient {
  readonly #supabase: SupabaseLike;
  readonly #url: string | undefined;
  readonly #timeoutMs: number;

  constructor(supabase: SupabaseLike, options: CalendarClientOptions = {}) {
    this.#supabase = supabase;
    this.#url = options.url?.replace(/\/+$/, "");
    this.#timeoutMs = options.timeoutMs ?? 20_000;
  }

  /** Sends the browser to the provider's consent page. */
  async connect(provider: Provider, options: ConnectOptions = {}): Promise<Authorization> {
    const session = await this.#session();
    const { connection } = options;
    const path = connection === undefined || isProvider(connection)
      ? `connect/${provider}`
      : `connect/${provider}?connection=${encodeURIComponent(connection)}`;
    const authorization = authorizationOf(await this.#call(session, path, { method: "POST" }));
    rememberStarter({
      user: session.user.id,
      provider: authorization.provider,
      connection: connection ?? null,
      expires_at: authorization.expires_at,
    });
    const navigate = options.navigate ?? ((url) => location.assign(url));
    navigate(authorization.authorization_url);
    return authorization;
  }

  /**
   * Completes a return from the provider, if this page load is one. Call it on every load: the
   * return is taken out of the URL and used once, whoever asks first; callers meanwhile share the
   * result. Never rejects.
   */
  finish(): Promise<Finished> {
    capture();
    const slot = pageSlot();
    const landing = slot.landing;
    slot.landing = null;
    if (!landing) return (slot.work as Promise<Finished> | null) ?? nothing();
    const work = this.#complete(landing).finally(() => {
      if (slot.work === work) slot.work = null;
    });
    slot.work = work;
    return work;
  }

  async status(): Promise<CalendarStatus> {
    return statusOf(await this.#call(await this.#session(), "status", { method: "GET" }));
  }

  /** Destroys the stored access of one connection, of one provider, or all. Repeating it is harmless. */
  async disconnect(which?: ProviderName | { connection: string }): Promise<Disconnected> {
    const path = which === undefined ? "disconnect" : `disconnect?${selector(which)}`;
    return disconnectedOf(await this.#call(await this.#session(), path, { method: "DELETE" }));
  }

  async #complete(landing: Landing): Promise<Finished> {
    const provider = landing.kind === "malformed" ? null : landing.provider;
    const starter = takeStarter(provider);
    const named = landing.kind === "done" ? landing.connection : null;
    const connection = named ?? starter?.connection ?? null;
    try {
      const session = await this.#session();
      if (starter !== null && starter.user !== session.user.id) throw wrongUser();
      if (landing.kind === "relay") return await this.#redeem(session, landing, connection);
      if (landing.kind === "done") return await this.#confirm(session, landing, connection);
      throw new CalendarError("invalid_request", "the return from the provider is incomplete");
    } catch (error) {
      return { outcome: "refused", provider, connection, error: asCalendarError(error) };
    }
  }

  async #redeem(
    session: SessionLike,
    { provider, body }: Landing & { kind: "relay" },
    renewed: string | null,
  ): Promise<Finished> {
    const answer = await this.#call(session, `callback/${provider}`, { method: "POST", body });
    const status = statusOf(answer);
    const connection = completed(status, provider, renewed)?.id ?? null;
    return { outcome: "connected", provider, connection, status };
  }

  /** The query says how it ended, but anybody can write a link: the status decides. */
  async #confirm(
    session: SessionLike,
    { provider, reason }: Landing & { kind: "done" },
    renewed: string | null,
  ): Promise<Finished> {
    if (reason !== null) {
      throw new CalendarError(reason, `the connection was not completed: ${reason}`);
    }
    const status = statusOf(await this.#call(session, "status", { method: "GET" }));
    const connection = provider && completed(status, provider, renewed);
    return connection
      ? { outcome: "connected", provider, connection: connection.id, status }
      : { outcome: "none" };
  }

  async #session(): Promise<SessionLike> {
    const { data, error } = await this.#inTime(() => this.#supabase.auth.getSession());
    if (data.session) return data.session;
    // A session that could not be refreshed for want of a network is not a sign-out.
    if (error?.name === "AuthRetryableFetchError") throw unreachable(error);
    throw new CalendarError("unauthorized", "nobody is signed in");
  }

  async #call(session: SessionLike, path: string, call: Call): Promise<unknown> {
    return await this.#inTime(async (signal) => {
      const options = { ...call, signal };
      if (this.#url !== undefined) return await fetchJson(`${this.#url}/${path}`, session, options);
      const { data, error } = await this.#supabase.functions.invoke(`calendar/${path}`, options);
      if (error) throw await errorOfInvoke(error);
      return data;
    });
  }

  /** Does not rely on `work` to obey the signal: older versions of supabase-js ignore it. */
  async #inTime<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), this.#timeoutMs);
    const tooLate = new Promise<never>((_, reject) => {
      late.signal.addEventListener("abort", () => reject(unreachable(late.signal.reason)));
    });
    try {
      return await Promise.race([work(late.signal), tooLate]);
    } catch (error) {
      throw asCalendarError(error);
    } finally {
      clearTimeout(timer);
    }
  }
}

/** The active connection that a return has made or renewed: the newest, unless it is named. */
function completed(
  { connections }: CalendarStatus,
  provider: Provider,
  renewed: string | null,
): Connection | undefined {
  const candidates = connections.filter((each) => each.provider === provider);
  const named = candidates.find(({ id }) => id === renewed);
  return (named ? [named] : candidates).find(({ status }) => status === "active");
}

/** A connection that goes by its provider's name has no id: see payload.ts. */
function selector(which: ProviderName | { connection: string }): string {
  if (typeof which !== "object" || which === null) return `provider=${encodeURIComponent(which)}`;
  const { connection } = which;
  return `${isProvider(connection) ? "provider" : "connection"}=${encodeURIComponent(connection)}`;
}

async function fetchJson(
  url: string,
  session: SessionLike,
  { method, body, signal }: InvokeOptions,
): Promise<unknown> {
  const headers = {
    authorization: `Bearer ${session.access_token}`,
    ...(body ? { "content-type": "application/json" } : {}),
  };
  const init = { method, headers, signal, ...(body ? { body: JSON.stringify(body) } : {}) };
  const response = await fetch(url, init);
  if (!response.ok) throw await errorOfResponse(response);
  return await response.json().catch((cause: unknown) => {
    throw unreachable(cause, response.status);
  });
}

/** supabase-js hands over the refusing answer as the error's `context`. */
async function errorOfInvoke(error: unknown): Promise<CalendarError> {
  const context = (error as { context?: unknown } | null)?.context;
  return context instanceof Response ? await errorOfResponse(context) : unreachable(error);
}

function asCalendarError(error: unknown): CalendarError {
  return error instanceof CalendarError ? error : unreachable(error);
}

function wrongUser(): CalendarError {
  return new CalendarError("wrong_user", "another user started this connection");
}

function nothing(): Promise<Finished> {
  return Promise.resolve({ outcome: "none" });
}
