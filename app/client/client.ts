import { capture, pageSlot } from "./capture.ts";
import type {
  Authorization,
  CalendarStatus,
  Disconnected,
  Provider,
  ProviderName,
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
  /** Opens the provider's page. Default: this tab goes there. */
  navigate?: (url: string) => void;
}

/** How a return from the provider ended. */
export type Finished =
  | { outcome: "none" }
  | { outcome: "connected"; provider: Provider; status: CalendarStatus }
  | { outcome: "refused"; provider: Provider | null; error: CalendarError };

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
    const authorization = authorizationOf(
      await this.#call(session, `connect/${provider}`, { method: "POST" }),
    );
    rememberStarter(session.user.id, authorization);
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

  /** Destroys the stored access to one provider, or to all. Repeating it is harmless. */
  async disconnect(provider?: ProviderName): Promise<Disconnected> {
    const path = provider === undefined
      ? "disconnect"
      : `disconnect?provider=${encodeURIComponent(provider)}`;
    return disconnectedOf(await this.#call(await this.#session(), path, { method: "DELETE" }));
  }

  async #complete(landing: Landing): Promise<Finished> {
    const provider = landing.kind === "malformed" ? null : landing.provider;
    const starter = takeStarter(provider);
    try {
      const session = await this.#session();
      if (starter !== null && starter !== session.user.id) throw wrongUser();
      if (landing.kind === "relay") return await this.#redeem(session, landing);
      if (landing.kind === "done") return await this.#confirm(session, landing);
      throw new CalendarError("invalid_request", "the return from the provider is incomplete");
    } catch (error) {
      return { outcome: "refused", provider, error: asCalendarError(error) };
    }
  }

  async #redeem(
    session: SessionLike,
    { provider, body }: Landing & { kind: "relay" },
  ): Promise<Finished> {
    const answer = await this.#call(session, `callback/${provider}`, { method: "POST", body });
    return { outcome: "connected", provider, status: statusOf(answer) };
  }

  /** The query says how it ended, but anybody can write a link: the status decides. */
  async #confirm(
    session: SessionLike,
    { provider, reason }: Landing & { kind: "done" },
  ): Promise<Finished> {
    if (reason !== null) {
      throw new CalendarError(reason, `the connection was not completed: ${reason}`);
    }
    const status = statusOf(await this.#call(session, "status", { method: "GET" }));
    const connection = status.connections.find((each) => each.provider === provider);
    return provider !== null && connection?.status === "active"
      ? { outcome: "connected", provider, status }
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
