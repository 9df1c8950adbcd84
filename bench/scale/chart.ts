/** Database time per operation over the number of users, both axes logarithmic. */
import { svg, text } from "../chart.ts";
import type { SizeResult } from "./measure.ts";

const colours = ["#2f6fed", "#e08a3c", "#3a9d6e", "#9255c9", "#c9485b", "#7f8896"];
const frame = { left: 64, top: 56, width: 470, height: 250 };
const width = 780;

interface Line {
  name: string;
  points: [number, number][];
}

export function scaleChart(results: SizeResult[]): string {
  const lines = linesOf(results);
  const values = lines.flatMap((line) => line.points.map(([, ms]) => ms));
  const [low, high] = [
    10 ** Math.floor(Math.log10(Math.min(...values))),
    10 ** Math.ceil(Math.log10(Math.max(...values))),
  ];
  const users = results.map((result) => result.users);
  const x = scale(Math.min(...users), Math.max(...users), frame.left, frame.left + frame.width);
  const y = scale(low, high, frame.top + frame.height, frame.top);
  const parts = [text(16, 28, "Database time in ms over the number of users", "start", "700")];
  for (const count of users) {
    parts.push(
      text(x(count), frame.top + frame.height + 18, count.toLocaleString("en"), "middle", "400"),
    );
  }
  for (let ms = low; ms <= high * 1.001; ms *= 10) {
    parts.push(text(frame.left - 10, y(ms) + 4, String(Number(ms.toPrecision(1))), "end", "400"));
    parts.push(line([[frame.left, y(ms)], [frame.left + frame.width, y(ms)]], "#dfe3e8", 1));
  }
  const ends = spread(lines.map(({ points }) => y(points.at(-1)?.[1] ?? low)));
  for (const [index, { name, points }] of lines.entries()) {
    const colour = colours[index % colours.length] ?? "#000";
    parts.push(line(points.map(([count, ms]) => [x(count), y(ms)]), colour, 2));
    const label = `${name} ${(points.at(-1)?.[1] ?? 0).toPrecision(2)}`;
    parts.push(text(frame.left + frame.width + 12, (ends[index] ?? 0) + 4, label, "start", "400"));
    parts.push(line(mark(frame.left + frame.width + 2, ends[index] ?? 0), colour, 4));
  }
  return svg(width, frame.top + frame.height + 40, parts);
}

function linesOf(results: SizeResult[]): Line[] {
  const names = results[0]?.operations.map((each) => each.name) ?? [];
  const timed = names.map((name): Line => ({
    name,
    points: results.map(({ users, operations }) => [
      users,
      operations.find((each) => each.name === name)?.ms ?? NaN,
    ]),
  }));
  const trigger: Line = {
    name: "flag trigger",
    points: results.map(({ users, deletionTriggerMs }) => [users, deletionTriggerMs]),
  };
  return [...timed, trigger];
}

function scale(from: number, to: number, start: number, end: number): (value: number) => number {
  const span = Math.log(to) - Math.log(from);
  return (value) => start + ((Math.log(value) - Math.log(from)) / span) * (end - start);
}

/** Labels at these heights, moved apart where they would cover each other. */
function spread(heights: number[]): number[] {
  const placed = [...heights];
  const order = heights.map((_, index) => index)
    .sort((one, other) => (heights[one] ?? 0) - (heights[other] ?? 0));
  let last = -Infinity;
  for (const index of order) {
    last = Math.max(placed[index] ?? 0, last + 15);
    placed[index] = last;
  }
  return placed;
}

function mark(x: number, y: number): [number, number][] {
  return [[x, y], [x + 6, y]];
}

function line(points: [number, number][], colour: string, width: number): string {
  const path = points.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ");
  return `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="${width}"/>`;
}
