import { LitElement, type PropertyValues, type TemplateResult } from "lit";
import { capture, pageSlot } from "../client/capture.ts";
import { CalendarClient, type Finished } from "../client/client.ts";
import type { CalendarStatus, Provider } from "../client/contract.ts";
import { CalendarError } from "../client/error.ts";
import type { SupabaseLike } from "../client/supabase.ts";
import type { Knowledge, Model, Notice, Work } from "./model.ts";
import { styles } from "./styles.ts";
import { sayIn, type Texts } from "./texts.ts";
import { type Handlers, view } from "./view.ts";

export interface CalendarSettingsEvents {
  /** Every status that was read, the first one included. */
  "calendar-status": CustomEvent<{ status: CalendarStatus }>;
  /** Before the browser leaves. Cancel it to keep it here. */
  "calendar-connecting": CustomEvent<{ provider: Provider }>;
  "calendar-connected": CustomEvent<{ provider: Provider; status: CalendarStatus }>;
  "calendar-disconnected": CustomEvent<{ provider: Provider; status: CalendarStatus }>;
  "calendar-error": CustomEvent<{ error: CalendarError; provider: Provider | null }>;
}

/** A stopped navigation leaves no event: after this long the page is taken to have stayed. */
const LEAVING_MS = 10_000;
/** A return that was used before and a connection this young belong together. */
const JUST_NOW_MS = 15 * 60_000;
const MINUTE_MS = 60_000;

/**
 * The settings panel of a signed-in user's calendars. Give it a supabase-js client:
 *
 * ```js
 * document.querySelector("calendar-settings").supabase = supabase;
 * ```
 */
export class CalendarSettings extends LitElement {
  static override styles = styles;
  static override properties = {
    supabase: { attribute: false },
    texts: { attribute: false },
    url: {},
    functionName: { attribute: "function-name" },
  };

  declare supabase: SupabaseLike | null;
  /** Words that replace the English ones. */
  declare texts: Texts;
  /** Where the app serves the function under its own domain. */
  declare url: string | undefined;
  declare functionName: string | undefined;

  #model: Model = { knowledge: { kind: "loading" }, work: null, notice: null, confirming: null };
  #client: CalendarClient | null = null;
  /** `undefined`: supabase-js has not said yet whether anybody is signed in. */
  #user: string | null | undefined;
  #release: AbortController | null = null;
  /** Counts the loads, so that a late answer to an older one is dropped. */
  #load = 0;

  constructor() {
    super();
    this.supabase = null;
    this.texts = {};
  }

  override connectedCallback(): void {
    super.connectedCallback();
    if (this.hasUpdated) this.#listen();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#release?.abort();
    this.#release = null;
  }

  protected override willUpdate(changed: PropertyValues<CalendarSettings>): void {
    const given = ["supabase", "url", "functionName"] as const;
    if (given.some((name) => changed.has(name))) this.#listen();
  }

  protected override render(): TemplateResult {
    const locale = this.#locale();
    return view(this.#model, {
      say: sayIn(this.texts),
      locale,
      now: Date.now(),
      on: this.#handlers,
    });
  }

  /** Reads the status again. */
  async refresh(): Promise<void> {
    if (!this.#client) return;
    const load = ++this.#load;
    const knowledge = await this.#read(this.#client);
    if (load === this.#load) this.#set({ knowledge });
  }

  /** Follows who is signed in, returns that open in this tab, and the network. */
  #listen(): void {
    this.#release?.abort();
    this.#release = null;
    if (!this.supabase || !this.isConnected) return;
    const { url, functionName } = this;
    this.#client = new CalendarClient(this.supabase, {
      ...(url === undefined ? {} : { url }),
      ...(functionName === undefined ? {} : { functionName }),
    });
    this.#user = undefined;
    const release = this.#release = new AbortController();
    const { signal } = release;
    const { subscription } = this.supabase.auth
      .onAuthStateChange((_event, session) => this.#follow(session?.user.id ?? null)).data;
    signal.addEventListener("abort", () => subscription.unsubscribe());
    addEventListener("hashchange", () => returningWork() && void this.#begin(), { signal });
    addEventListener("online", () => this.#handlers.retry(), { signal });
    addEventListener("pageshow", (event) => event.persisted && this.#cameBack(), { signal });
    this.addEventListener("keydown", (event) => event.key === "Escape" && this.#handlers.keep(), {
      signal,
    });
    const clock = setInterval(() => this.requestUpdate(), MINUTE_MS);
    signal.addEventListener("abort", () => clearInterval(clock));
  }

  #follow(user: string | null): void {
    if (user === this.#user) return;
    // A notice told to one user is nothing to the next; one told to nobody yet is for who comes.
    const notice = this.#user ? null : this.#model.notice;
    this.#user = user;
    this.#set({ knowledge: { kind: "loading" }, work: null, confirming: null, notice });
    void this.#begin();
  }

  /** The page is shown again by the Back button, as it was left: the provider was not reached. */
  #cameBack(): void {
    this.#set({ work: null });
    void this.refresh();
  }

  /** A page load, a sign-in, or a return in an open tab: complete the return, then show what is. */
  async #begin(): Promise<void> {
    const client = this.#client;
    if (!client) return;
    const load = ++this.#load;
    const returning = returningWork();
    if (returning && this.#user !== null) this.#set({ work: returning, notice: null });
    const finished = await client.finish();
    if (load !== this.#load) return;
    await this.#settle(client, finished, load);
  }

  async #settle(client: CalendarClient, finished: Finished, load: number): Promise<void> {
    if (finished.outcome === "connected") {
      const { provider, status } = finished;
      this.#set({ work: null, knowledge: known(status), notice: { kind: "connected", provider } });
      this.#tell("calendar-connected", { provider, status });
      this.#tell("calendar-status", { status });
      return;
    }
    const knowledge = await this.#read(client);
    if (load !== this.#load) return;
    this.#set({ work: null, knowledge });
    if (finished.outcome === "refused") this.#refused(finished, knowledge);
  }

  #refused(
    { error, provider }: Finished & { outcome: "refused" },
    knowledge: Knowledge,
  ): void {
    if (provider && error.code === "invalid_state" && justConnected(provider, knowledge)) {
      this.#set({ notice: { kind: "already", provider } });
    } else this.#fail(error, provider);
  }

  async #read(client: CalendarClient): Promise<Knowledge> {
    if (this.#user === null) return { kind: "signed_out" };
    try {
      const status = await client.status();
      this.#tell("calendar-status", { status });
      return known(status);
    } catch (error) {
      const { code, requestId } = asCalendarError(error);
      this.#tell("calendar-error", { error: asCalendarError(error), provider: null });
      if (code === "unauthorized") return { kind: "signed_out" };
      return { kind: "failed", code, requestId, offline: isOffline(code) };
    }
  }

  async #connect(provider: Provider): Promise<void> {
    if (!this.#client || this.#model.work) return;
    if (!this.#tell("calendar-connecting", { provider })) return;
    this.#set({ work: { kind: "connecting", provider }, notice: null, confirming: null });
    try {
      await this.#client.connect(provider);
      setTimeout(() => {
        if (this.#model.work?.kind === "connecting") this.#set({ work: null });
      }, LEAVING_MS);
    } catch (error) {
      this.#set({ work: null });
      this.#fail(asCalendarError(error), provider);
    }
  }

  async #disconnect(provider: Provider): Promise<void> {
    if (!this.#client || this.#model.work) return;
    this.#set({ work: { kind: "disconnecting", provider }, notice: null });
    try {
      const status = await this.#client.disconnect(provider);
      this.#load++;
      this.#set({
        work: null,
        confirming: null,
        knowledge: known(status),
        notice: { kind: "disconnected", provider },
      });
      this.#tell("calendar-disconnected", { provider, status });
      this.#tell("calendar-status", { status });
    } catch (error) {
      this.#set({ work: null, confirming: null });
      this.#fail(asCalendarError(error), provider);
    }
    await this.#focus(provider, "connect", "ask");
  }

  readonly #handlers: Handlers = {
    connect: (provider) => void this.#connect(provider),
    disconnect: (provider) => void this.#disconnect(provider),
    askToDisconnect: (provider) => {
      if (this.#model.work) return;
      this.#set({ confirming: provider });
      void this.#focus(provider, "keep");
    },
    keep: () => {
      const { confirming, work } = this.#model;
      if (!confirming || work) return;
      this.#set({ confirming: null });
      void this.#focus(confirming, "ask");
    },
    retry: () => {
      if (this.#model.knowledge.kind !== "failed") return;
      this.#set({ knowledge: { kind: "loading" } });
      void this.refresh();
    },
    dismiss: () => this.#set({ notice: null }),
  };

  #fail(error: CalendarError, provider: Provider | null): void {
    const { code, requestId } = error;
    const notice: Notice = { kind: "error", code, provider, requestId, offline: isOffline(code) };
    this.#set({ notice });
    this.#tell("calendar-error", { error, provider });
  }

  #set(change: Partial<Model>): void {
    this.#model = { ...this.#model, ...change };
    this.requestUpdate();
  }

  /** Puts the focus on the first of these buttons that is there, so that it never falls to the page. */
  async #focus(provider: Provider, ...actions: string[]): Promise<void> {
    await this.updateComplete;
    const row = this.renderRoot.querySelector(`[data-provider="${provider}"]`);
    const buttons = actions.map((name) =>
      row?.querySelector<HTMLElement>(`[data-action="${name}"]`)
    );
    buttons.find((button) => button)?.focus();
  }

  #tell<Name extends keyof CalendarSettingsEvents>(
    name: Name,
    detail: CalendarSettingsEvents[Name]["detail"],
  ): boolean {
    const cancelable = name === "calendar-connecting";
    return this.dispatchEvent(
      new CustomEvent(name, { detail, bubbles: true, composed: true, cancelable }),
    );
  }

  #locale(): string {
    const lang = this.closest("[lang]")?.getAttribute("lang") || navigator.language;
    return Intl.DateTimeFormat.supportedLocalesOf(lang)[0] ?? "en";
  }
}

function returningWork(): Work | null {
  capture();
  const { landing, work } = pageSlot();
  if (!landing) return work ? { kind: "returning", provider: null } : null;
  return { kind: "returning", provider: "provider" in landing ? landing.provider : null };
}

function known(status: CalendarStatus): Knowledge {
  return { kind: "known", status };
}

function justConnected(provider: Provider, knowledge: Knowledge): boolean {
  if (knowledge.kind !== "known") return false;
  const found = knowledge.status.connections.find((each) => each.provider === provider);
  return found?.status === "active" && Date.now() - Date.parse(found.connected_at) < JUST_NOW_MS;
}

function isOffline(code: string): boolean {
  return code === "unreachable" && !navigator.onLine;
}

function asCalendarError(error: unknown): CalendarError {
  return error instanceof CalendarError
    ? error
    : new CalendarError("internal", "the settings panel failed", { cause: error });
}
