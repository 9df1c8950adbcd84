// @ts-check
/** `npx calendar-connect emulator`. */
import process from "node:process";
import { readJson, Refusal, scenarios, startEmulator } from "./mod.js";

const PORT = 4010;

/**
 * Starts the emulator and prints what the function has to be told; it runs until Ctrl-C.
 * @param {Record<string, string | boolean | undefined>} options as cli/commands.ts names them
 * @returns {Promise<number>} the exit code
 */
export async function emulatorCommand(options) {
  try {
    if (options.list === true) list();
    else await start(options);
    return 0;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    console.error(error.message);
    return 1;
  }
}

function list() {
  for (const { name, title } of scenarios()) console.log(`${name}\n    ${title}`);
}

/** @param {Record<string, string | boolean | undefined>} options */
async function start(options) {
  /** @param {string} name */
  const text = (name) => {
    const value = options[name];
    return typeof value === "string" ? value : undefined;
  };
  const began = performance.now();
  const config = text("config");
  const scenario = text("scenario");
  const redirectUrl = text("redirect-url")?.split(",");
  const seed = text("seed");
  const emulator = await startEmulator({
    port: portIn(text("port") ?? String(PORT)),
    ...(options.docker === true ? { host: "0.0.0.0", publicHost: "host.docker.internal" } : {}),
    ...(config === undefined ? {} : { world: readJson(config) }),
    ...(scenario === undefined ? {} : { scenario }),
    ...(redirectUrl === undefined ? {} : { redirectUrl }),
    ...(seed === undefined ? {} : { seed }),
  });
  const took = Math.round(performance.now() - began);
  console.log([
    `# Google and Microsoft, emulated: ${emulator.url}`,
    `# Ready after ${took} ms. Seed: ${emulator.seed}. Ctrl-C stops it.`,
    ...Object.entries(emulator.env).map(([name, value]) => `${name}=${value}`),
  ].join("\n"));
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => emulator.stop());
}

/** @param {string} text */
function portIn(text) {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    throw new Refusal("--port is a number of 0 to 65535");
  }
  return port;
}
