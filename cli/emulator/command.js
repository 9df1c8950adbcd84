// @ts-check
/** `npx calendar-connect emulator`. */
import process from "node:process";
import { parseArgs } from "node:util";
import { readJson, Refusal, scenarios, startEmulator } from "./mod.js";

export const HELP = `Usage: calendar-connect emulator [options]

Runs Google and Microsoft on this machine, for tests, and prints the variables that point the
function at them.

  --port NUMBER         the port to listen on (4010)
  --config FILE         people, calendars, events and clients, as JSON
  --scenario NAME|FILE  begin with a scenario; --list names those that ship
  --redirect-url URL    where your app's callbacks are, without /google and /outlook; repeatable
  --seed TEXT           repeat a run: the same seed gives the same tokens and the same chances
  --docker              let containers reach it, and print host.docker.internal where servers call
  --list                list the scenarios
  --help                print this

The admin API is at /_/ on the same port: GET /_/ lists what it can do.`;

/**
 * @param {string[]} words after \`emulator\`
 * @param {(line: string) => void} print
 */
export async function emulatorCommand(words, print = console.log) {
  try {
    await run(read(words), print);
  } catch (error) {
    if (!(error instanceof Refusal) && !isPortTaken(error)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}

/**
 * @param {ReturnType<typeof read>} options
 * @param {(line: string) => void} print
 */
async function run(options, print) {
  if (options.help) return print(HELP);
  if (options.list) {
    return scenarios().forEach(({ name, title }) => print(`${name}\n    ${title}`));
  }
  const began = performance.now();
  const emulator = await startEmulator({
    port: portIn(options.port),
    ...(options.docker ? { host: "0.0.0.0", publicHost: "host.docker.internal" } : {}),
    ...(options.config === undefined ? {} : { world: readJson(options.config) }),
    ...(options.scenario === undefined ? {} : { scenario: options.scenario }),
    ...(options["redirect-url"] === undefined ? {} : { redirectUrl: options["redirect-url"] }),
    ...(options.seed === undefined ? {} : { seed: options.seed }),
  });
  const lines = Object.entries(emulator.env).map(([name, value]) => `${name}=${value}`);
  print([
    `# Google and Microsoft, emulated: ${emulator.url}`,
    `# Ready after ${
      Math.round(performance.now() - began)
    } ms. Seed: ${emulator.seed}. Ctrl-C stops it.`,
    ...lines,
  ].join("\n"));
  for (const signal of ["SIGINT", "SIGTERM"]) {
    process.once(signal, () => emulator.stop().then(() => process.exit(0)));
  }
}

/**
 * @param {unknown} error
 * @returns {error is Error}
 */
function isPortTaken(error) {
  return error instanceof Error && "code" in error && error.code === "EADDRINUSE";
}

/** @param {string[]} words */
function read(words) {
  try {
    return parseArgs({
      args: words,
      options: {
        port: { type: "string", default: "4010" },
        config: { type: "string" },
        scenario: { type: "string" },
        "redirect-url": { type: "string", multiple: true },
        seed: { type: "string" },
        docker: { type: "boolean", default: false },
        list: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    }).values;
  } catch (error) {
    throw new Refusal(`${error instanceof Error ? error.message : error}\n\n${HELP}`);
  }
}

/** @param {string} text */
function portIn(text) {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    throw new Refusal("--port is a number of 0 to 65535");
  }
  return port;
}
