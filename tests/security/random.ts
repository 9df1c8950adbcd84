/** Random choices that a printed seed repeats, for inputs that nobody would think of. */
import { random as seeded } from "../database/random.ts";

export interface Random {
  readonly seed: number;
  /** From 0 to one below the limit. */
  below(limit: number): number;
  pick<T>(choices: readonly T[]): T;
  /** True once in so many times. */
  once(times: number): boolean;
  bytes(length: number): Uint8Array<ArrayBuffer>;
  /** Characters of the alphabet. */
  text(alphabet: string, length: number): string;
}

export const BASE64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** `CALENDAR_TEST_SEED` repeats a run. */
export function newRandom(salt = 0): Random {
  const { seed, below, pick } = seeded(salt);
  return {
    seed,
    below,
    pick,
    once: (times) => below(times) === 0,
    bytes: (length) => Uint8Array.from({ length }, () => below(256)),
    text: (alphabet, length) =>
      Array.from({ length }, () => alphabet[below(alphabet.length)] ?? "").join(""),
  };
}
