/** Conditions of the browser client, app/client, that its own tests must see. */
import type { Mutation } from "./mutation.ts";

interface Fault {
  name: string;
  file: string;
  find: string;
  replace: string;
  test?: string;
  filter?: string;
}

const faults: Fault[] = [
  {
    name: "connect goes to web pages only",
    file: "payload.ts",
    find: "!/^https?:\\/\\//.test(body.authorization_url)",
    replace: "false",
  },
  {
    name: "connect goes to a provider that it knows",
    file: "payload.ts",
    find: "!isFields(body) || !isProvider(body.provider) ||",
    replace: "!isFields(body) ||",
    test: "payload.test.ts",
  },
  {
    name: "an answer without connections is not a status",
    file: "payload.ts",
    find: " && Array.isArray(body.connections)",
    replace: "",
    test: "payload.test.ts",
  },
  {
    name: "what is no connection is left out",
    file: "payload.ts",
    find:
      'if (!isFields(row) || typeof row.provider !== "string") return [];\n  return [{\n    ...row,\n    // A',
    replace: "if (!isFields(row)) return [];\n  return [{\n    ...row,\n    // A",
    test: "payload.test.ts",
  },
  {
    name: "a connection without an id goes by its provider",
    file: "payload.ts",
    find: "id: text(row.id) ?? row.provider,",
    replace: 'id: text(row.id) ?? "",',
    test: "payload.test.ts",
  },
  {
    name: "scopes are a list of texts",
    file: "payload.ts",
    find: "scopes: texts(row.scopes),",
    replace: "scopes: row.scopes as string[],",
    test: "payload.test.ts",
  },
  {
    name: "a link of the function goes to the web",
    file: "payload.ts",
    find: 'text(row.manage_url)?.startsWith("https://")',
    replace: "text(row.manage_url)",
    test: "payload.test.ts",
  },
  {
    name: "a code is judged by its form",
    file: "contract.ts",
    find: "/^[a-z][a-z_]{0,63}$/.test(value)",
    replace: "value.length > 0",
  },
  {
    name: "an error of the function has a request id",
    file: "error.ts",
    find: ' && typeof request_id === "string"',
    replace: "",
  },
  {
    name: "a code of a newer function is kept",
    file: "error.ts",
    find: "return isErrorCode(code) &&",
    replace: 'return code === "rate_limited" &&',
    filter: "newer function",
  },
  {
    name: "the time to wait is kept",
    file: "error.ts",
    find: 'retryAfter: seconds(response.headers.get("retry-after")),',
    replace: "",
    filter: "time to wait",
  },
  {
    name: "a call ends at the client's own timeout",
    file: "client.ts",
    find: "setTimeout(() => late.abort(), this.#timeoutMs)",
    replace: "setTimeout(() => late.abort(), 20_000)",
    filter: "own time",
  },
  {
    name: "a call ends although supabase-js ignores the signal",
    file: "client.ts",
    find: "await Promise.race([work(late.signal), tooLate])",
    replace: "await work(late.signal)",
    filter: "own time",
  },
  {
    name: "a call that is late is aborted",
    file: "client.ts",
    find: "const options = { ...call, signal };",
    replace: "const options = { ...call, signal: new AbortController().signal };",
    filter: "its request is ended",
  },
  {
    name: "no timer is left behind",
    file: "client.ts",
    find: "clearTimeout(timer);",
    replace: "",
    filter: "no timer",
  },
  {
    name: "a session that could not be refreshed is not a sign-out",
    file: "client.ts",
    find: 'if (error?.name === "AuthRetryableFetchError") throw unreachable(error);',
    replace: "",
    filter: "kept from refreshing",
  },
  {
    name: "a return of another user is not sent",
    file: "client.ts",
    find: "if (starter !== null && starter.user !== session.user.id) throw wrongUser();",
    replace: "",
    filter: "another user",
  },
  {
    name: "a start that has run out says nothing",
    file: "starter.ts",
    find: "Date.parse(starter.expires_at) > now",
    replace: "true",
    filter: "has run out",
  },
  {
    name: "success counts for an active connection only",
    file: "client.ts",
    find: '(named ? [named] : candidates).find(({ status }) => status === "active")',
    replace: "(named ? [named] : candidates)[0]",
    filter: "claims success",
  },
  {
    name: "success counts for the provider that is named only",
    file: "client.ts",
    find: "connections.filter((each) => each.provider === provider)",
    replace: "connections",
    filter: "claims success",
  },
  {
    name: "success counts for the connection that is named only",
    file: "client.ts",
    find: "candidates.find(({ id }) => id === renewed)",
    replace: "undefined as Connection | undefined",
    test: "accounts.test.ts",
    filter: "names only",
  },
  {
    name: "a redirect's refusal is a refusal",
    file: "client.ts",
    find: "if (reason !== null) {",
    replace: "if (reason === null && provider === null) {",
    test: "accounts.test.ts",
    filter: "one-step return",
  },
  {
    name: "a return is used once",
    file: "client.ts",
    find: "slot.landing = null;",
    replace: "",
    filter: "share one redemption",
  },
  {
    name: "a connection to renew is named to the function",
    file: "client.ts",
    find: "const path = connection === undefined || isProvider(connection)",
    replace: "const path = true",
    test: "accounts.test.ts",
    filter: "to be renewed",
  },
  {
    name: "one connection is disconnected, not its provider",
    file: "client.ts",
    find: 'isProvider(connection) ? "provider" : "connection"',
    replace: '"provider"',
    test: "accounts.test.ts",
    filter: "disconnect",
  },
  {
    name: "an id is encoded in a query",
    file: "client.ts",
    find: '"provider" : "connection"}=${encodeURIComponent(connection)}`',
    replace: '"provider" : "connection"}=${connection}`',
    test: "accounts.test.ts",
    filter: "disconnect",
  },
  {
    name: "a connection without an id value never means all",
    file: "client.ts",
    find: 'if (typeof which !== "object" || which === null) return',
    replace: 'if (typeof which !== "object" || which === null || !which.connection) return',
    test: "accounts.test.ts",
    filter: "disconnect",
  },
  {
    name: "the user's token goes to the app's own address",
    file: "client.ts",
    find: "authorization: `Bearer ${session.access_token}`,",
    replace: "",
    filter: "own domain",
  },
  {
    name: "the return leaves the address before anything else can run",
    file: "capture.ts",
    find: 'history.replaceState(history.state, "", found.rest);',
    replace: 'setTimeout(() => history.replaceState(history.state, "", found.rest));',
    filter: "before its caller",
  },
  {
    name: "a path of two slashes is no other host",
    file: "landing.ts",
    find: "return { landing: relayed(fragment), rest: url.href };",
    replace: "return { landing: relayed(fragment), rest: url.pathname + url.search + url.hash };",
    test: "landing.test.ts",
    filter: "its own origin",
  },
  {
    name: "a relay without a state is malformed",
    file: "landing.ts",
    find: "if (!isProvider(provider) || !state) return",
    replace: "if (!isProvider(provider)) return",
    test: "landing.test.ts",
  },
  {
    name: "a relay of an unknown provider is malformed",
    file: "landing.ts",
    find: "if (!isProvider(provider) || !state) return",
    replace: "if (!state) return",
    test: "landing.test.ts",
  },
  {
    name: "another app's `connected` is left alone",
    file: "landing.ts",
    find: 'if (connected === "success" || connected === "error") {',
    replace: "if (connected !== null) {\n    // @ts-ignore: a fault",
    test: "landing.test.ts",
  },
  {
    name: "the issuer goes on to the function",
    file: "landing.ts",
    find: "...(iss === null ? {} : { iss })",
    replace: "",
    test: "landing.test.ts",
  },
];

export const ofClient: readonly Mutation[] = faults.map(
  ({ name, file, find, replace, test = "client.test.ts", filter }) => ({
    name: `client: ${name}`,
    edits: [{ file: `app/client/${file}`, find, replace }],
    test: `app/client/${test}`,
    ...(filter === undefined ? {} : { filter }),
  }),
);
