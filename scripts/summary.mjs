// What `make test` says at its end, and whether it has passed.

/**
 * @typedef {object} Outcome
 * @property {{ name: string, minutes: number }} suite
 * @property {string} [problem] why it failed
 * @property {number} preparing seconds
 * @property {number} seconds
 */

/** One line for a suite that has run. */
export function line({ suite, problem, preparing, seconds }) {
  const time = `${clock(seconds)} of ${clock(suite.minutes * 60)}`;
  const before = preparing >= 5 ? `, after ${clock(preparing)} of preparing` : "";
  const words = `${problem ? "✗" : "✓"} ${suite.name.padEnd(14)}${time.padStart(14)}${before}`;
  return problem ? `${words}: ${problem}` : words;
}

function clock(seconds) {
  return `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
}

/** The last lines of a run and its exit code. A run without any suite has not passed. */
export function conclusion(outcomes) {
  const failed = outcomes.filter(({ problem }) => problem);
  const lines = [
    ...outcomes.map(line),
    ...failed.map(({ suite }) => `Again, alone: make test SUITE=${suite.name}`),
    `${outcomes.length - failed.length} passed, ${failed.length} failed`,
  ];
  return { lines, exitCode: outcomes.length > 0 && failed.length === 0 ? 0 : 1 };
}
