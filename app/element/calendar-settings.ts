import { LitElement, type PropertyValues, type TemplateResult } from "lit";
import { CalendarClient, type Finished } from "../client/client.ts";
import type { Provider, ProviderName } from "../client/contract.ts";
import type { CalendarError } from "../client/error.ts";
import type { SessionLike, SupabaseLike } from "../client/supabase.ts";
import type { CalendarSettingsEvents } from "./events.ts";
import { localeOf } from "./format.ts";
import {
  asCalendarError,
  type Found,
  isOffline,
  justConnected,
  known,
  readStatus,
  returningWork,
} from "./knowledge.ts";
import {
  connectionIn,
  type Knowledge,
  labelsOf,
  type Model,
  noticeOnceOnline,
  noticeOnceSignedIn,
  subjectOf,
  type Work,
} from "./model.ts";
import { styles } from "./styles.ts";
import { type Activity, sayIn, type Texts } from "./texts.ts";
import { type Handlers, view } from "./view.ts";

/** A page that stays gets no event: after this long the navigation is taken to have failed. */
const LEAVING_MS = 10_000;
const MINUTE_MS = 60_000;
/** A page that has not given the element its `supabase` after this long has probably forgotten it. */
const FORGOTTEN_MS = 3_000;

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
  };

  declare supabase: SupabaseLike | null;
  /** Words that replace the English ones. */
  declare texts: Texts;
  /** Where the app serves the function under its own domain. */
  declare url: string | undefined;

  #model: Model = { knowledge: { kind: "loading" }, work: null, notice: null, confirming: null };
  #client: CalendarClient | null = null;
  /** `undefined`: supabase-js has not said yet whether anybody is signed in. */
  #user: string | null | undefined;
  /** The access token that supabase-js last told of. */
  #token: string | null = null;
  #release: AbortController | null = null;
  /** Counts the loads, so that a late answer to an older one is dropped. */
  #load = 0;
  /** The reads under way. */
  #reading = 0;
  #reminder: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    super();
    this.supabase = null;
    this.texts = {};
  }

  override connectedCallback(): void {
    super.connectedCallback();
    if (this.hasUpdated) this.#listen();
    this.#reminder = setTimeout(() => {
      if (!this.supabase) console.warn(FORGOTTEN);
    }, FORGOTTEN_MS);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.#reminder);
    this.#release?.abort();
    this.#release = null;
  }

  protected override willUpdate(changed: PropertyValues<CalendarSettings>): void {
    if (changed.has("supabase") || changed.has("url")) this.#listen();
  }

  /** Keeps the focus in the panel when the button that has it goes away. */
  protected override update(changed: PropertyValues<CalendarSettings>): void {
    const focused = (this.renderRoot as ShadowRoot).activeElement;
    super.update(changed);
    if (focused && !focused.isConnected) {
      this.renderRoot.querySelector<HTMLElement>('[part="panel"]')?.focus();
    }
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
    const client = this.#client;
    if (!client) return;
    const load = ++this.#load;
    const found = await this.#read(client);
    if (load === this.#load) this.#learn(found);
  }

  /** Follows who is signed in, returns that open in this tab, the network, and what other tabs change. */
  #listen(): void {
    this.#release?.abort();
    this.#release = null;
    if (!this.supabase || !this.isConnected) return;
    const { url } = this;
    this.#client = new CalendarClient(this.supabase, url === undefined ? {} : { url });
    this.#user = undefined;
    const release = this.#release = new AbortController();
    const { signal } = release;
    const { subscription } = this.supabase.auth
      .onAuthStateChange((_event, session) => this.#follow(session)).data;
    signal.addEventListener("abort", () => subscription.unsubscribe());
    addEventListener("hashchange", () => returningWork() && void this.#begin(), { signal });
    addEventListener("online", () => this.#cameOnline(), { signal });
    document.addEventListener("visibilitychange", () => void this.#look(), { signal });
    addEventListener("pageshow", (event) => event.persisted && this.#cameBack(), { signal });
    this.addEventListener("keydown", (event) => event.key === "Escape" && this.#handlers.keep(), {
      signal,
    });
    const clock = setInterval(() => this.requestUpdate(), MINUTE_MS);
    signal.addEventListener("abort", () => clearInterval(clock));
  }

  #follow(session: SessionLike | null): void {
    const user = session?.user.id ?? null;
    const token = session?.access_token ?? null;
    const { knowledge } = this.#model;
    // The function refused the last token of this user: a new one is tried.
    const again = knowledge.kind === "signed_out" && token !== this.#token;
    this.#token = token;
    if (user === this.#user && !again) return;
    // The next user is not shown what the last one was told. What was told while nobody was signed in stays.
    const before = this.#user && user !== this.#user ? null : this.#model.notice;
    const notice = user === null ? before : noticeOnceSignedIn(before);
    this.#user = user;
    this.#set({ knowledge: { kind: "loading" }, work: null, confirming: null, notice });
    void this.#begin();
  }

  /** The page is shown again by the Back button, as it was left: the provider was not reached. */
  #cameBack(): void {
    this.#set({ work: null });
    void this.refresh();
  }

  #cameOnline(): void {
    const { knowledge, notice } = this.#model;
    this.#set({ notice: noticeOnceOnline(notice) });
    if (knowledge.kind === "failed") this.#handlers.retry();
    else void this.#look();
  }

  /**
   * Reads the status without showing that it does, as when the page is seen again: another tab may
   * have changed it. If the read fails, what is shown stays.
   */
  async #look(): Promise<void> {
    const client = this.#client;
    const { knowledge, work } = this.#model;
    if (!client || !this.#user || work || knowledge.kind === "loading" || this.#reading) return;
    if (document.visibilityState === "hidden") return;
    const load = ++this.#load;
    const found = await this.#read(client);
    if (load === this.#load && found.knowledge.kind !== "failed") this.#learn(found);
  }

  /** After a page load, a sign-in, or a return in an open tab: completes the return, then reads the status. */
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
      const { provider, connection, status } = finished;
      const knowledge = known(status);
      const subject = subjectOf(knowledge, provider, connection);
      this.#set({ work: null, knowledge, notice: { kind: "connected", ...subject } });
      this.#tell("calendar-connected", { provider, connection, status });
      this.#tell("calendar-status", { status });
      return;
    }
    const found = await this.#read(client);
    if (load !== this.#load) return;
    this.#set({ work: null });
    this.#learn(found);
    if (finished.outcome === "refused") this.#refused(finished, found.knowledge);
  }

  #refused(
    { error, provider, connection }: Finished & { outcome: "refused" },
    knowledge: Knowledge,
  ): void {
    if (provider && error.code === "invalid_state" && justConnected(provider, knowledge)) {
      this.#set({ notice: { kind: "already", provider, account: null } });
    } else this.#fail(error, { provider, connection }, "return");
  }

  async #read(client: CalendarClient): Promise<Found> {
    if (this.#user === null) return { knowledge: { kind: "signed_out" }, error: null };
    this.#reading++;
    return await readStatus(client).finally(() => this.#reading--);
  }

  #learn({ knowledge, error }: Found): void {
    this.#set({ knowledge });
    if (error) this.#tell("calendar-error", { error, provider: null, connection: null });
    if (knowledge.kind === "known") this.#tell("calendar-status", { status: knowledge.status });
  }

  async #connect(provider: Provider, connection: string | null): Promise<void> {
    if (!this.#client || this.#model.work) return;
    const about = { provider, connection };
    if (!this.#tell("calendar-connecting", about)) return;
    const work: Work = { kind: "connecting", ...about };
    this.#set({ work, notice: null, confirming: null });
    try {
      await this.#client.connect(provider, {
        ...(connection === null ? {} : { connection }),
        // Nobody is sent away for a user who has left meanwhile.
        navigate: (url) => this.#model.work === work && location.assign(url),
      });
      setTimeout(() => this.#model.work === work && this.#set({ work: null }), LEAVING_MS);
    } catch (cause) {
      if (this.#model.work !== work) return;
      const error = asCalendarError(cause);
      this.#set({ work: null });
      this.#fail(error, about, "connect");
      // Signed out, or disconnected in another tab: the list is not true any more.
      if (error.code === "unauthorized" || error.code === "not_found") void this.#look();
    }
  }

  async #disconnect(connection: string): Promise<void> {
    const { knowledge } = this.#model;
    const found = connectionIn(knowledge, connection);
    if (!this.#client || this.#model.work || !found) return;
    const { account_class: accountClass, provider } = found;
    const subject = subjectOf(knowledge, provider, connection);
    const work: Work = { kind: "disconnecting", provider, connection };
    this.#set({ work, notice: null });
    try {
      const status = await this.#client.disconnect({ connection });
      // Another user has signed in meanwhile.
      if (this.#model.work !== work) return;
      this.#load++;
      const revocation = status.revocations.find((each) => each.connection === connection) ?? null;
      this.#set({
        work: null,
        confirming: null,
        knowledge: known(status),
        notice: { kind: "disconnected", ...subject, accountClass, revocation },
      });
      this.#tell("calendar-disconnected", { provider, connection, status });
      this.#tell("calendar-status", { status });
    } catch (error) {
      if (this.#model.work !== work) return;
      this.#set({ work: null, confirming: null });
      this.#fail(asCalendarError(error), { provider, connection }, "disconnect");
      // The function may have disconnected all the same: its answer can have been lost.
      void this.#look();
    }
    const place = connectionIn(this.#model.knowledge, connection)
      ? `[data-connection="${CSS.escape(connection)}"]`
      : `[data-provider="${CSS.escape(provider)}"]`;
    await this.#focus(place, "connect", "ask");
  }

  readonly #handlers: Handlers = {
    connect: (provider, connection) => void this.#connect(provider, connection),
    disconnect: (connection) => void this.#disconnect(connection),
    askToDisconnect: (connection) => {
      if (this.#model.work) return;
      this.#set({ confirming: connection });
      void this.#focus(`[data-connection="${CSS.escape(connection)}"]`, "keep");
    },
    keep: () => {
      const { confirming, work } = this.#model;
      if (!confirming || work) return;
      this.#set({ confirming: null });
      void this.#focus(`[data-connection="${CSS.escape(confirming)}"]`, "ask");
    },
    retry: () => {
      this.#set({ knowledge: { kind: "loading" } });
      void this.refresh();
    },
    dismiss: () => this.#set({ notice: null }),
  };

  #fail(
    error: CalendarError,
    about: { provider: ProviderName | null; connection: string | null },
    during: Activity,
  ): void {
    const { code, requestId } = error;
    const { knowledge } = this.#model;
    const offline = isOffline(code);
    const labels = labelsOf(knowledge, about.provider, error);
    const subject = subjectOf(knowledge, about.provider, about.connection);
    this.#set({ notice: { kind: "error", ...subject, code, during, labels, offline, requestId } });
    this.#tell("calendar-error", { error, ...about });
  }

  #set(change: Partial<Model>): void {
    const next = { ...this.#model, ...change };
    const { confirming, knowledge } = next;
    if (!connectionIn(knowledge, confirming)) next.confirming = null;
    // An answer of the function proves that the network is back.
    if (change.knowledge?.kind === "known") next.notice = noticeOnceOnline(next.notice);
    this.#model = next;
    this.requestUpdate();
  }

  /** Puts the focus on the first of these buttons that is there. */
  async #focus(place: string, ...actions: string[]): Promise<void> {
    await this.updateComplete;
    const found = this.renderRoot.querySelector(place);
    const buttons = actions.map((name) =>
      found?.querySelector<HTMLElement>(`[data-action="${name}"]`)
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
    return localeOf(this.closest("[lang]")?.getAttribute("lang"), navigator.language);
  }
}

const FORGOTTEN = "<calendar-settings> has no supabase-js client and shows nothing yet. " +
  "Set its property: element.supabase = supabase.";
