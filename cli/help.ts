/** The help texts, made from the list of commands. */
import type { Command } from "./commands.ts";

const COMMON = [
  { name: "help", about: "print this help" },
  { name: "version", about: "print the version" },
];

export function overallHelp(commands: Command[]): string {
  return [
    "Usage: calendar-connect <command> [options]",
    "",
    ...aligned(commands.map(({ name, about }) => [name, about])),
    "",
    ...aligned([
      ["<command> --help", "print the options of a command"],
      ["--version", "print the version"],
    ]),
  ].join("\n");
}

export function commandHelp({ name, about, argument, details, options }: Command): string {
  const all = [...options, ...COMMON];
  const usage = options.map((option) => `[${written(option)}]`);
  if (argument !== undefined) usage.unshift(`[${argument.name}]`);
  return [
    ["Usage: calendar-connect", name, ...usage].join(" "),
    "",
    `  ${about}`,
    ...(details === undefined ? [] : ["", ...details.split("\n").map((line) => `  ${line}`)]),
    "",
    ...aligned([
      ...(argument === undefined ? [] : [[argument.name, argument.about]]),
      ...all.map((option) => [written(option), option.about]),
    ]),
  ].join("\n");
}

function written({ name, value }: { name: string; value?: string }): string {
  return value === undefined ? `--${name}` : `--${name} ${value}`;
}

function aligned(rows: string[][]): string[] {
  const width = Math.max(...rows.map(([first = ""]) => first.length));
  return rows.map(([first = "", second = ""]) => `  ${first.padEnd(width)}   ${second}`);
}
