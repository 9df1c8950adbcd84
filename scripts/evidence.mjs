// Reads the runners' own closing lines while they pass by: how many tests ran, how many were skipped.
import { stripVTControlCharacters } from "node:util";

const CLOSING = [
  /^test result: \w+\. (?<passed>\d+) passed; \d+ failed; (?<skipped>\d+) ignored/, // cargo, wasm-bindgen
  /^(?:ok|FAILED) \| (?<passed>\d+) passed.*? \| \d+ failed(?: \| (?<skipped>\d+) ignored)?/, // deno
  /^ℹ pass (?<passed>\d+)/, // node
  /^ℹ (?:skipped|todo) (?<skipped>\d+)/,
  /^Files=\d+, Tests=(?<passed>\d+)/, // pg_prove
  /^(?:\w+: )?(?<passed>\d+) passed, \d+ failed(?:, (?<skipped>\d+) skipped)?$/, // our own
  /^=+ (?<passed>\d+) passed(?:.*?(?<skipped>\d+) skipped)?.*=+$/, // pytest
];

export function evidence() {
  const count = { passed: 0, skipped: 0 };
  let rest = "";
  const judge = (line) => {
    for (const pattern of CLOSING) {
      const found = pattern.exec(line.trim())?.groups ?? {};
      count.passed += Number(found.passed ?? 0);
      count.skipped += Number(found.skipped ?? 0);
    }
  };
  return {
    read(bytes) {
      const lines = (rest + stripVTControlCharacters(bytes.toString())).split("\n");
      rest = lines.pop() ?? "";
      lines.forEach(judge);
    },
    passed: () => (judge(rest), rest = "", count.passed),
    skipped: () => count.skipped,
  };
}
