/** Random choices that a printed seed repeats. */
export interface Random {
  seed: number;
  below(limit: number): number;
  pick<T>(choices: readonly T[]): T;
}

/** mulberry32; `CALENDAR_TEST_SEED` repeats a run. */
export function random(salt = 0): Random {
  const given = Deno.env.get("CALENDAR_TEST_SEED");
  const seed = given === undefined ? crypto.getRandomValues(new Uint32Array(1))[0] ?? 0 : +given;
  let state = (seed + salt) >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number) => Math.floor(next() * limit);
  return {
    seed,
    below,
    pick: <T>(choices: readonly T[]): T => {
      const choice = choices[below(choices.length)];
      if (choice === undefined) throw new Error("There is nothing to pick from.");
      return choice;
    },
  };
}
