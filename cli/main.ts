#!/usr/bin/env node
/** `npx calendar-connect …`: finds the command, reads its options, and turns its end into an exit code. */
import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type Command, COMMANDS } from "./commands.ts";
import { Misuse, Refusal } from "./errors.ts";
import { commandHelp, overallHelp } from "./help.ts";
import { nearest } from "./nearest.ts";

/** It did what was asked. */
const DONE = 0;
/** It refused or failed, or the doctor found something wrong. */
const FAILED = 1;
/** The command line itself was wrong. */
const MISUSED = 2;

/** The folder of the package, two levels above the built command line. */
const home = resolve(dirname(fileURLToPath(import.meta.url)), "..");

async function main(words: string[]): Promise<number> {
  const [name, ...rest] = words;
  const asksForHelp = name === undefined || ["--help", "-h"].includes(name);
  if (asksForHelp || (name === "help" && rest[0] === undefined)) return say(overallHelp(COMMANDS));
  if (name === "--version") return say(version());
  if (name === "help") return say(commandHelp(find(rest[0] ?? "")));
  const command = find(name);
  const { values, positionals } = read(command, rest);
  if (values.help) return say(commandHelp(command));
  if (values.version) return say(version());
  return await command.run({ home, version: version(), values, positionals }) ?? DONE;
}

function find(name: string): Command {
  const command = COMMANDS.find((each) => each.name === name);
  if (command !== undefined) return command;
  if (name.startsWith("-")) throw new Misuse(`There is no option ${name} without a command.`);
  const meant = nearest(name, COMMANDS.map((each) => each.name));
  throw new Misuse(
    `There is no command ${name}.` + (meant === undefined ? "" : ` Did you mean ${meant}?`),
  );
}

interface Words {
  values: Record<string, string | boolean | undefined>;
  positionals: string[];
}

function read(command: Command, words: string[]): Words {
  const help = `calendar-connect ${command.name} --help`;
  const options = Object.fromEntries(
    command.options.map(({ name, value }) => [
      name,
      { type: value === undefined ? "boolean" as const : "string" as const },
    ]),
  );
  let parsed: Words;
  try {
    parsed = parseArgs({
      args: words,
      options: { ...options, help: { type: "boolean", short: "h" }, version: { type: "boolean" } },
      allowPositionals: command.argument !== undefined,
    });
  } catch (error) {
    throw new Misuse(error instanceof Error ? error.message : String(error), help);
  }
  const [, extra] = parsed.positionals;
  if (extra !== undefined) throw new Misuse(`${command.name} takes no ${extra}.`, help);
  const empty = Object.entries(parsed.values).find(([, value]) => value === "");
  if (empty !== undefined) throw new Misuse(`--${empty[0]} needs a value.`, help);
  return parsed;
}

function version(): string {
  return JSON.parse(readFileSync(join(home, "package.json"), "utf8")).version;
}

function say(text: string): number {
  console.log(text);
  return DONE;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (error instanceof Misuse) {
    console.error(`${error.message}\nHelp: ${error.help}`);
    process.exitCode = MISUSED;
  } else if (error instanceof Refusal || isFromTheSystem(error)) {
    console.error(error.message);
    process.exitCode = FAILED;
  } else throw error;
}

/** A full disk or a folder without permission says enough by its message. */
function isFromTheSystem(error: unknown): error is Error {
  return error instanceof Error && "syscall" in error;
}
