// @ts-check
/** Limits on requests per period and on concurrent requests, by the emulator's clock. */
export class Quota {
  /** @type {Map<string, number[]>} */
  #taken = new Map();
  /** @type {Map<string, number>} */
  #inside = new Map();

  /** @param {import("./clock.js").Clock} clock */
  constructor(clock) {
    this.clock = clock;
  }

  /**
   * Whether one more request fits into the window.
   * @param {string} key
   * @param {number} most
   * @param {number} window milliseconds
   */
  take(key, most, window) {
    const now = this.clock.now();
    const recent = (this.#taken.get(key) ?? []).filter((at) => at > now - window && at <= now);
    const fits = recent.length < most;
    if (fits) recent.push(now);
    this.#taken.set(key, recent);
    return fits;
  }

  /**
   * Whether one more request may run now; if so it counts until `leave`.
   * @param {string} key
   * @param {number} most
   */
  enter(key, most) {
    const inside = this.#inside.get(key) ?? 0;
    if (inside >= most) return false;
    this.#inside.set(key, inside + 1);
    return true;
  }

  /** @param {string} key */
  leave(key) {
    this.#inside.set(key, Math.max(0, (this.#inside.get(key) ?? 0) - 1));
  }

  clear() {
    this.#taken.clear();
  }
}
