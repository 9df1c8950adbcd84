/** The arithmetic of the benchmark: a wrong verdict would be worse than none. */
import { deepEqual, equal } from "node:assert/strict";
import { budgets } from "./budgets.ts";
import { routes } from "./requests.ts";
import { growth } from "./soak.ts";
import { median, medianRatio } from "./statistics.ts";
import { holds } from "./table.ts";

Deno.test("a ratio is the median of the rounds' ratios, not the ratio of the medians", () => {
  equal(median([3, 1, 2]), 2);
  equal(median([4, 1, 2, 3]), 2.5);
  equal(medianRatio([10, 90, 30], [5, 30, 30]), 2);
});

Deno.test("a figure over its budget, or not measured, does not hold", () => {
  const row = (value: number) => ({
    part: "",
    figure: "",
    value: "",
    judged: [{ name: "", value: 1, budget: 1 }, { name: "", value, budget: 2 }],
  });
  equal(holds(row(2)), true);
  equal(holds(row(2.01)), false);
  equal(holds(row(NaN)), false);
});

Deno.test("memory that grows after it has settled is seen, and what came before is not", () => {
  const sample = (requests: number, residentBytes: number) => ({
    requests,
    residentBytes,
    wasmBytes: 65_536,
  });
  const flat = [10, 100, 100, 100, 100, 100].map((size, at) => sample(at * 10, size));
  const leak = [10, 100, 110, 120, 130, 140].map((size, at) => sample(at * 10, size));
  equal(growth(flat, 10).residentBytes, 0);
  equal(growth(leak, 10).residentBytes, 40);
  equal(growth(leak, 10).wasmBytes, 0);
});

Deno.test("every route that is measured has a budget", () => {
  deepEqual(Object.keys(budgets.load).sort(), routes.map((route) => route.name).sort());
});
