/** Times two pieces of work and prints the microseconds of one run of each. */
const chunk = 200;
const chunks = 10;

export const text = "t".repeat(2048);

type Work = () => unknown;

/** The median of some chunks, after as many for the compiler. */
async function micros(work: Work): Promise<number> {
  const taken: number[] = [];
  for (let round = 0; round < chunks * 2; round++) {
    const before = performance.now();
    for (let each = 0; each < chunk; each++) await work();
    taken.push((performance.now() - before) * 1000 / chunk);
  }
  return taken.slice(chunks).sort((one, other) => one - other)[chunks >> 1] ?? NaN;
}

export async function report(sealAndOpen: Work, stateAndPkce: Work): Promise<void> {
  console.log(
    JSON.stringify({ sealUs: await micros(sealAndOpen), stateUs: await micros(stateAndPkce) }),
  );
}
