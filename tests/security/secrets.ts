/** What a run of the chaos must never show: canaries in every place where a secret is. */
import { deepEqual, ok } from "node:assert/strict";
import { newCanary, Watch } from "./canaries.ts";

/** Everything that must never be seen, by name; and the handler's environment that holds it. */
export class Secrets {
  readonly words = { provider: newCanary("provider"), database: newCanary("database") };
  readonly clientSecret = newCanary("clientsecret");
  readonly encryptionKey = newCanary("encryptionkey").padEnd(32, "k").slice(0, 32);
  readonly token = newCanary("token");
  readonly code = newCanary("code");
  /** Of single flows: verifiers and session tokens, as they are. */
  readonly raw = new Set<string>();
  readonly watch = new Watch({
    "the provider's words": this.words.provider,
    "the database's words": this.words.database,
    "the client secret": this.clientSecret,
    "the encryption key": this.encryptionKey,
    "a token": this.token,
    "a code": this.code,
  });

  expectNoneIn(what: string, texts: readonly string[]): void {
    deepEqual(this.watch.leaksIn(texts), [], `${what} hold a secret`);
    const all = texts.join("\n");
    for (const secret of this.raw) ok(!all.includes(secret), `${what} hold ${secret}`);
  }
}
