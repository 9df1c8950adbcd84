/** The chart for the README: CPU per request on each route, contestants as bars. */
import type { Name } from "./contestants.ts";
import { contestants } from "./contestants.ts";
import { type Samples, samplesOf } from "./load.ts";
import { routes } from "./requests.ts";
import { median } from "./statistics.ts";

const colours: Partial<Record<Name, string>> = {
  floor: "#b6bcc6",
  ours: "#2f6fed",
  lean: "#7f8896",
  google: "#e08a3c",
  microsoft: "#e08a3c",
  googleSpared: "#eeb887",
  microsoftSpared: "#eeb887",
};
const order: Name[] = [
  "floor",
  "ours",
  "lean",
  "googleSpared",
  "microsoftSpared",
  "google",
  "microsoft",
];
const left = 130;
const barHeight = 14;
const groupGap = 16;
const width = 760;

interface Charted {
  deno: string;
  load: Samples[];
}

export function loadChart({ deno, load }: Charted): string {
  const groups = routes.flatMap((route) => {
    const bars = order.flatMap((name) => {
      const found = samplesOf(load, route.name, name);
      return found ? [{ name, value: median(found.cpuUs) }] : [];
    });
    return bars.length > 0 ? [{ route: route.name, bars }] : [];
  });
  const most = Math.max(...groups.flatMap(({ bars }) => bars.map((bar) => bar.value)));
  const scale = (width - left - 190) / most;
  let y = 56;
  const parts: string[] = [];
  for (const { route, bars } of groups) {
    parts.push(text(left - 10, y + (bars.length * barHeight) / 2 + 4, route, "end", "600"));
    for (const { name, value } of bars) {
      const length = Math.max(1, value * scale);
      const label = `${Math.round(value)} ${contestants[name].title}`;
      parts.push(rect(left, y, length, barHeight - 2, colours[name] ?? "#000"));
      parts.push(text(left + length + 6, y + barHeight - 4, label, "start", "400"));
      y += barHeight;
    }
    y += groupGap;
  }
  const title = `CPU per request in microseconds, Deno ${deno}; less is better`;
  return svg(width, y, [text(16, 28, title, "start", "700"), ...parts]);
}

export function svg(width: number, height: number, parts: string[]): string {
  const size = `width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`;
  const font = `font-family="system-ui, sans-serif" font-size="11" fill="#1f2733"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} ${font} role="img">
<rect width="100%" height="100%" fill="#ffffff"/>
${parts.join("\n")}
</svg>
`;
}

export function rect(x: number, y: number, width: number, height: number, fill: string): string {
  const at = `x="${x}" y="${y}" width="${width.toFixed(1)}" height="${height}"`;
  return `<rect ${at} rx="2" fill="${fill}"/>`;
}

export function text(
  x: number,
  y: number,
  content: string,
  anchor: "start" | "end" | "middle",
  weight: string,
): string {
  const place = `x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}"`;
  return `<text ${place} font-weight="${weight}">${content}</text>`;
}
