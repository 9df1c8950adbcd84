/** Versions as semver.org orders them, without build metadata. */

const SHAPE = /^(\d+)\.(\d+)\.(\d+)(?:-([0-9A-Za-z.-]+))?$/;

export function isVersion(text: unknown): text is string {
  return typeof text === "string" && SHAPE.test(text);
}

/** Whether the first version is older than the second. */
export function isOlder(first: string, second: string): boolean {
  return compare(first, second) < 0;
}

function compare(first: string, second: string): number {
  const [a, b] = [parts(first), parts(second)];
  for (const index of [0, 1, 2]) {
    const difference = Number(a[index]) - Number(b[index]);
    if (difference !== 0) return difference;
  }
  // A version without a pre-release comes after all its pre-releases.
  if (a[3] === undefined || b[3] === undefined) {
    return Number(b[3] !== undefined) - Number(a[3] !== undefined);
  }
  return a[3].localeCompare(b[3], "en", { numeric: true });
}

function parts(version: string): (string | undefined)[] {
  return SHAPE.exec(version)?.slice(1) ?? [];
}
