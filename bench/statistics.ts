/** Medians, and ratios of what was measured side by side. */

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = sorted.length >> 1;
  const [low, high] = [sorted[middle - 1], sorted[middle]];
  if (high === undefined) return NaN;
  return sorted.length % 2 === 1 || low === undefined ? high : (low + high) / 2;
}

/** The median of the ratios of each round: what disturbs a round disturbs both sides of its ratio. */
export function medianRatio(ours: readonly number[], theirs: readonly number[]): number {
  const rounds = Math.min(ours.length, theirs.length);
  const ratios: number[] = [];
  for (let round = 0; round < rounds; round++) {
    ratios.push((ours[round] ?? NaN) / (theirs[round] ?? NaN));
  }
  return median(ratios);
}
