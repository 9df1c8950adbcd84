// @ts-check
/**
 * Randomness from a seed, so that a run can be repeated. Anyone who knows the seed can predict every
 * token: this is a test tool, and nothing here is meant to be secret.
 */

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

export class Random {
  #state = 0;
  seed = "";

  /** @param {string} seed */
  constructor(seed) {
    this.start(seed);
  }

  /**
   * Begins the sequence of a seed.
   * @param {string} seed
   */
  start(seed) {
    this.seed = seed;
    this.#state = hash(seed);
  }

  /** A number from 0 up to, but not including, 1 (the generator is mulberry32). */
  next() {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  }

  /**
   * A whole number of `least` to `most`, both included.
   * @param {number} least
   * @param {number} most
   */
  between(least, most) {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  /**
   * Characters of base64url.
   * @param {number} length
   */
  text(length) {
    let text = "";
    while (text.length < length) text += ALPHABET[this.between(0, 63)];
    return text;
  }

  /** @param {number} length */
  digits(length) {
    let text = String(this.between(1, 9));
    while (text.length < length) text += this.between(0, 9);
    return text;
  }

  /** A UUID of version 4. */
  uuid() {
    const hex = Array.from({ length: 32 }, () => this.between(0, 15).toString(16));
    hex[12] = "4";
    hex[16] = "89ab"[this.between(0, 3)] ?? "8";
    const text = hex.join("");
    return [8, 12, 16, 20, 32].map((end, part, ends) => text.slice(ends[part - 1] ?? 0, end))
      .join("-");
  }
}

/** @param {string} text */
function hash(text) {
  let value = 0x811c9dc5;
  for (const character of text) {
    value = Math.imul(value ^ (character.codePointAt(0) ?? 0), 0x01000193);
  }
  return value | 0;
}
