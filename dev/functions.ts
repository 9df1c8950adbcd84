/**
 * The functions host: one process of a real Deno per function, started with the permissions and the
 * variables it is documented to need and no others, and started again when it ends, as the platform
 * starts the next isolate.
 */
import { join } from "node:path";
import { tmpdir } from "node:os";
import { pathToFileURL } from "node:url";
import { type FunctionConfig, readFunctions } from "./config.ts";
import { denoBinary, type DenoVersion } from "./deno.ts";
import { inRepository } from "./paths.ts";
import { choosePort } from "./ports.ts";
import { type Child, startChild } from "./process.ts";

export interface FunctionsOptions {
  deno: DenoVersion;
  /** Values for the function; only those named in `names` reach it. */
  env: Record<string, string>;
  /** The variables the function may read: those that pkg/'s `environmentNames()` lists. */
  names: string[];
  /** Hosts the function may connect to; true for any. */
  allowNet: string[] | true;
  /** Variables of the runtime itself, such as HTTP_PROXY, which the function may not read. */
  runtimeEnv?: Record<string, string>;
  configFile?: string;
  onLine?: (name: string, line: string) => void;
}

export interface Functions {
  names: string[];
  /** Where a function listens, once it does; rejects with its last words if it cannot start. */
  origin(name: string): Promise<string>;
  /** The process that serves the function now. */
  pid(name: string): number | undefined;
  /** Settles when the process that serves the function now has ended. */
  ended(name: string): Promise<void>;
  /** How many times it has been started. */
  starts(name: string): number;
  /** What it printed, newest last. */
  lines(name: string): string[];
  stop(): Promise<void>;
}

export async function startFunctions(options: FunctionsOptions): Promise<Functions> {
  const folder = await Deno.makeTempDir({ dir: tmpdir(), prefix: "calendar-functions-" });
  const isolates = new Map<string, Isolate>();
  for (const config of readFunctions(options.configFile)) {
    isolates.set(config.name, new Isolate(config, options, folder));
  }
  const isolate = (name: string) => {
    const found = isolates.get(name);
    if (found === undefined) throw new Error(`supabase/config.toml declares no function ${name}.`);
    return found;
  };
  let stopped: Promise<void> | undefined;
  const stop = () =>
    stopped ??= Promise.all([...isolates.values()].map((each) => each.stop()))
      .then(() => Deno.remove(folder, { recursive: true }));
  try {
    await Promise.all([...isolates.values()].map((each) => each.origin()));
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    names: [...isolates.keys()],
    origin: (name) => isolate(name).origin(),
    pid: (name) => isolate(name).child?.pid,
    ended: async (name) => {
      await isolate(name).child?.ended;
    },
    starts: (name) => isolate(name).starts,
    lines: (name) => isolate(name).lines,
    stop,
  };
}

const keptLines = 5000;

class Isolate {
  child: Child | undefined;
  starts = 0;
  readonly lines: string[] = [];
  #listening: Promise<string> | undefined;
  #stopped = false;
  readonly #port = choosePort().port;
  /** What isolate.ts prints when the function listens; nothing the function could print by chance. */
  readonly #listeningLine = `listening ${crypto.randomUUID()}`;

  constructor(
    readonly config: FunctionConfig,
    readonly options: FunctionsOptions,
    readonly folder: string,
  ) {}

  /**
   * Waits for the function to listen. One that had been listening is replaced at once when it ends;
   * one that could not start is tried again at the next call.
   */
  origin(): Promise<string> {
    this.#listening ??= this.#start();
    return this.#listening;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.child?.stop();
  }

  #start(): Promise<string> {
    if (this.#stopped) return Promise.reject(new Error("The functions host has been stopped."));
    const ready = Promise.withResolvers<string>();
    const firstLine = this.lines.length;
    let listened = false;
    const child = startChild({
      command: denoBinary(this.options.deno),
      args: this.#arguments(),
      env: this.#environment(),
      cwd: this.folder,
      scratch: this.folder,
      onLine: (line) => {
        if (line !== this.#listeningLine) return this.#keep(line);
        listened = true;
        ready.resolve(`http://127.0.0.1:${this.#port}`);
      },
    });
    this.child = child;
    this.starts++;
    child.ended.then(({ code }) => {
      this.#listening = undefined;
      if (listened) {
        if (!this.#stopped) this.origin().catch(() => {});
        return;
      }
      const words = this.lines.slice(firstLine).slice(-20).join("\n");
      const message = `The function ${this.config.name} ended at its start (code ${code}):`;
      ready.reject(new Error(`${message}\n${words}`));
    });
    return ready.promise;
  }

  #keep(line: string): void {
    this.lines.push(line);
    if (this.lines.length > keptLines) this.lines.shift();
    this.options.onLine?.(this.config.name, line);
  }

  #arguments(): string[] {
    const { allowNet, names } = this.options;
    const main = join(this.folder, `${this.config.name}.ts`);
    const modules = [inRepository("dev", "isolate.ts"), this.config.entrypoint];
    Deno.writeTextFileSync(main, modules.map((each) => `import ${quotedUrl(each)};\n`).join(""));
    const hosts = allowNet === true ? "" : `=${[`127.0.0.1:${this.#port}`, ...allowNet].join(",")}`;
    return [
      "run",
      "--quiet",
      "--no-prompt",
      "--no-config",
      "--no-lock",
      "--no-npm",
      "--no-remote",
      `--allow-env=${names.join(",")}`,
      `--allow-net${hosts}`,
      main,
      String(this.#port),
      this.#listeningLine,
    ];
  }

  #environment(): Record<string, string> {
    const { env, names, runtimeEnv } = this.options;
    const named = Object.entries(env).filter(([name]) => names.includes(name));
    return {
      ...Object.fromEntries(named),
      ...runtimeEnv,
      DENO_DIR: inRepository(".cache", `deno-${this.options.deno}`),
      DENO_NO_UPDATE_CHECK: "1",
      NO_COLOR: "1",
    };
  }
}

function quotedUrl(path: string): string {
  return JSON.stringify(pathToFileURL(path).href);
}
