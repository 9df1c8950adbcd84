// @ts-check
/** The emulator's own clock: every lifetime is judged by it, and a test can set and move it. */
export class Clock {
  #offset = 0;
  /** @type {number | undefined} */
  #frozenAt;

  /** Milliseconds since the epoch. */
  now() {
    return this.#frozenAt ?? Date.now() + this.#offset;
  }

  /** @param {number} to milliseconds since the epoch */
  set(to) {
    this.#offset = to - Date.now();
    if (this.#frozenAt !== undefined) this.#frozenAt = to;
  }

  /** @param {number} by milliseconds; negative ones move it back */
  advance(by) {
    this.set(this.now() + by);
  }

  /** @param {boolean} still */
  freeze(still) {
    const now = this.now();
    this.#frozenAt = still ? now : undefined;
    if (!still) this.set(now);
  }

  get frozen() {
    return this.#frozenAt !== undefined;
  }
}
