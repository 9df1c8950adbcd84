/** Conditions of the Settings panel, app/element, that a test must see. */
import type { Mutation } from "./mutation.ts";

interface Fault {
  name: string;
  file?: string;
  find: string;
  replace: string;
  test?: string;
  filter: string;
}

const accounts = "tests/e2e/accounts.test.ts";

const looks = "tests/e2e/element_looks.test.ts";

const words = "app/element/words.test.ts";

const faults: Fault[] = [
  {
    name: "after a 401 a new token is tried",
    find: 'const again = knowledge.kind === "signed_out" && token !== this.#token;',
    replace: "const again = false;",
    filter: "after a 401 the same",
  },
  {
    name: "a refused token is not tried again",
    find: 'const again = knowledge.kind === "signed_out" && token !== this.#token;',
    replace: 'const again = knowledge.kind === "signed_out";',
    filter: "a token that was refused",
  },
  {
    name: "a page that is seen again is read again",
    find: 'document.addEventListener("visibilitychange", () => void this.#look(), { signal });',
    replace: "",
    filter: "another tab changed",
  },
  {
    name: "a page that is hidden asks nothing",
    find: 'if (document.visibilityState === "hidden") return;',
    replace: "",
    filter: "hidden",
  },
  {
    name: "a look that fails changes nothing",
    find: 'if (load === this.#load && found.knowledge.kind !== "failed") this.#learn(found);',
    replace: "if (load === this.#load) this.#learn(found);",
    filter: "a look that fails",
  },
  {
    name: "a question ends with its connection",
    find: "if (!connectionIn(knowledge, confirming)) next.confirming = null;",
    replace: "",
    filter: "another tab changed",
  },
  {
    name: "the focus stays in the panel",
    find: "if (focused && !focused.isConnected) {",
    replace: "if (!focused) {",
    filter: "the focus is still",
  },
  {
    name: "the focus of the page is left alone",
    find: "if (focused && !focused.isConnected) {",
    replace: "if (!focused?.isConnected) {",
    filter: "take the focus from the page",
  },
  {
    name: "a missing client is told",
    find: "if (!this.supabase) console.warn(FORGOTTEN);",
    replace: "",
    filter: "without a supabase-js client",
  },
  {
    name: "a client that is there is not called missing",
    find: "if (!this.supabase) console.warn(FORGOTTEN);",
    replace: "console.warn(FORGOTTEN);",
    filter: "with a supabase-js client",
  },
  {
    name: "the network's return ends the claim to be offline",
    find: 'addEventListener("online", () => this.#cameOnline(), { signal });',
    replace: "",
    filter: "offline",
  },
  {
    name: "a lost answer to Disconnect is looked up",
    find: `      // The function may have disconnected all the same: its answer can have been lost.
      void this.#look();`,
    replace: "",
    filter: "a lost answer",
  },
  {
    name: "a disconnection of another user is not shown",
    find: `      // Another user has signed in meanwhile.
      if (this.#model.work !== work) return;`,
    replace: "",
    filter: "an answer for one user",
  },
  {
    name: "a status of another user is not shown",
    find: `    const found = await this.#read(client);
    if (load !== this.#load) return;`,
    replace: "    const found = await this.#read(client);",
    filter: "a status for one user",
  },
  {
    name: "nobody is sent away for another user",
    find: "navigate: (url) => this.#model.work === work && location.assign(url),",
    replace: "",
    filter: "nobody is sent",
  },
  {
    name: "the next user is not shown what the last one was told",
    find: "const before = this.#user && user !== this.#user ? null : this.#model.notice;",
    replace: "const before = this.#model.notice;",
    test: "tests/e2e/panel.test.ts",
    filter: "what one user was told",
  },
  {
    name: "the connection to renew goes to the function",
    find: "...(connection === null ? {} : { connection }),",
    replace: "",
    test: accounts,
    filter: "Reconnect renews",
  },
  {
    name: "the question is asked for one account",
    file: "account.ts",
    find: "const asking = model.confirming === id;",
    replace: "const asking = model.confirming !== null;",
    test: accounts,
    filter: "Disconnect ends one",
  },
  {
    name: "accounts have room up to the limit",
    file: "model.ts",
    find: "connections.length < (status.accounts_per_provider ?? 0)",
    replace: "connections.length <= (status.accounts_per_provider ?? 0)",
    test: accounts,
    filter: "another account is",
  },
  {
    name: "a function that names no limit gets no second account",
    file: "model.ts",
    find: "status.accounts_per_provider ?? 0",
    replace: "status.accounts_per_provider ?? 10",
    test: accounts,
    filter: "another account is",
  },
  {
    name: "accounts keep their places",
    file: "model.ts",
    find: "key(a) < key(b) ? -1 : 1",
    replace: "0",
    test: accounts,
    filter: "keep their places",
  },
  {
    name: "an active connection that is not read says so",
    file: "model.ts",
    find: 'return reason === null ? "active" : "delayed";',
    replace: 'return "active";',
    test: accounts,
    filter: "and what to do",
  },
  {
    name: "Reconnect is offered where it helps",
    file: "model.ts",
    find: 'HELPED_BY_RECONNECTING.includes(reason ?? "")',
    replace: "false",
    test: accounts,
    filter: "and what to do",
  },
  {
    name: "Reconnect is offered where it is needed",
    file: "model.ts",
    find: 'return status !== "active" || needs_reconnect ||',
    replace: 'return status !== "active" ||',
    test: accounts,
    filter: "and what to do",
  },
  {
    name: "the class of an account decides where consent is withdrawn",
    file: "consent.ts",
    find: "if (fitting.length > 0) return fitting;",
    replace: "",
    test: accounts,
    filter: "a revocation that is",
  },
  {
    name: "a stopped background is told",
    file: "view.ts",
    find: "if (sync.healthy !== false || connections.length === 0) return nothing;",
    replace: "if (sync.healthy || connections.length === 0) return nothing;",
    test: accounts,
    filter: "sync ",
  },
  {
    name: "the end of an access is told shortly before",
    file: "format.ts",
    find: "return left >= 0 && left <= days * 86_400_000;",
    replace: "return left >= 0;",
    test: accounts,
    filter: "needs no attention",
  },
  {
    name: "a status without a capacity is shown",
    file: "view.ts",
    find: 'if (typeof actions_per_day !== "number") return nothing;',
    replace: "",
    test: looks,
    filter: "leaves out its line",
  },
  {
    name: "a malformed locale is passed over",
    file: "format.ts",
    find: "return undefined;",
    replace: "throw new RangeError(tag);",
    test: words,
    filter: "of the languages",
  },
  {
    name: "what is no time has no words",
    file: "format.ts",
    find: "Number.isNaN(time.getTime())",
    replace: "false",
    test: words,
    filter: "no time",
  },
  {
    name: "“signed out” ends with the sign-in",
    file: "model.ts",
    find: 'if (notice?.kind !== "error" || notice.code !== "unauthorized") return notice;',
    replace: "return notice;",
    test: words,
    filter: "signed in",
  },
  {
    name: "an unknown status has its own name",
    file: "texts.ts",
    find: "return isText(name) ? say(name) : status;",
    replace: "return say(name as TextName);",
    test: words,
    filter: "unknown providers",
  },
];

export const ofElement: readonly Mutation[] = faults.map(
  ({ name, file = "calendar-settings.ts", find, replace, test, filter }) => ({
    name: `element: ${name}`,
    edits: [{ file: `app/element/${file}`, find, replace }],
    test: test ?? "tests/e2e/element.test.ts",
    filter,
  }),
);
