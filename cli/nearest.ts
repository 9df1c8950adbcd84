/** Finds what somebody meant by a word that is spelt almost like a known one. */

/** The known word that the fewest slips lead to; none where that would be a guess. */
export function nearest(word: string, known: string[]): string | undefined {
  const [best] = known.map((each) => ({ each, slips: slips(word, each) }))
    .sort((a, b) => a.slips - b.slips);
  if (best === undefined) return undefined;
  const allowed = Math.min(3, Math.max(1, Math.floor(best.each.length / 5)));
  return best.slips <= allowed ? best.each : undefined;
}

/** How many letters were left out, added, replaced or exchanged with their neighbour. */
export function slips(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const next = [row];
    for (let column = 1; column <= to.length; column++) {
      const isSame = from[row - 1] === to[column - 1];
      const isExchanged = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      next[column] = Math.min(
        (last[column] ?? 0) + 1,
        (next[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (isSame ? 0 : 1),
        isExchanged ? (beforeLast[column - 2] ?? 0) + 1 : Infinity,
      );
    }
    [beforeLast, last] = [last, next];
  }
  return last[to.length] ?? 0;
}
