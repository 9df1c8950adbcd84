/** A database that takes every question and answers none. */
export class Silence {
  #waiting = new Map<number, () => void>();
  #asked = 0;
  readonly #gone = new AbortController();
  readonly #server = Deno.serve({
    hostname: "127.0.0.1",
    port: 0,
    signal: this.#gone.signal,
    onListen: () => {},
  }, () => {
    this.#asked++;
    this.#waiting.get(this.#asked)?.();
    return new Promise<Response>(() => {});
  });

  get origin(): string {
    return `http://127.0.0.1:${this.#server.addr.port}`;
  }

  /** Settles when so many questions have arrived. */
  asked(count: number): Promise<void> {
    if (this.#asked >= count) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.set(count, resolve));
  }

  forget(): void {
    this.#asked = 0;
  }

  stop(): void {
    this.#gone.abort();
  }
}
