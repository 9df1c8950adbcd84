/** Child processes: their output as lines, their end as a promise, and a stop that leaves none behind. */

export interface Identity {
  uid: number;
  gid: number;
}

export interface ChildOptions {
  command: string;
  args: string[];
  env?: Record<string, string>;
  /** True gives the child our environment too. */
  inheritEnv?: boolean;
  cwd?: string;
  identity?: Identity;
  /** A folder that is removed with the child if this process ends without stopping it. */
  scratch?: string;
  onLine?: (line: string) => void;
}

export interface Child {
  pid: number;
  /** Everything the child has written, newest last, at most `keptLines`. */
  lines: string[];
  /** Settles when the child has ended and its output has been read. */
  ended: Promise<Deno.CommandStatus>;
  /** Asks the child to end, insists after `patience` milliseconds, and waits for its end. */
  stop(signal?: Deno.Signal, patience?: number): Promise<void>;
}

const keptLines = 2000;

export function startChild(options: ChildOptions): Child {
  const process = new Deno.Command(options.command, {
    args: options.args,
    env: options.env ?? {},
    clearEnv: options.inheritEnv !== true,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.identity ?? {}),
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();

  const lines: string[] = [];
  const take = (line: string) => {
    lines.push(line);
    if (lines.length > keptLines) lines.shift();
    options.onLine?.(line);
  };
  const read = Promise.all([eachLine(process.stdout, take), eachLine(process.stderr, take)]);
  const guard = startGuard(process.pid, options.scratch);
  const ended = process.status.then(async (status) => {
    await Promise.all([read, guard.release()]);
    return status;
  });
  return { pid: process.pid, lines, ended, stop: stopper(process, ended) };
}

/**
 * Ends the child when this process ends without having stopped it, by a crash or by SIGKILL: the
 * pipe that the guard reads closes then.
 */
function startGuard(pid: number, scratch?: string): { release(): Promise<void> } {
  const guard = new Deno.Command("sh", {
    args: ["-c", guardScript, "guard", String(pid), ...(scratch === undefined ? [] : [scratch])],
    stdin: "piped",
    stdout: "null",
    stderr: "null",
  }).spawn();
  const release = async () => {
    send(guard, "SIGKILL");
    await guard.status;
    await guard.stdin.close();
  };
  return { release };
}

const guardScript = `
read -r _
kill -INT "$1"
while kill -0 "$1" 2>/dev/null; do sleep 0.1; done
[ -z "$2" ] || rm -rf "$2"`;

function stopper(process: Deno.ChildProcess, ended: Promise<Deno.CommandStatus>) {
  return async (signal: Deno.Signal = "SIGTERM", patience = 5000): Promise<void> => {
    send(process, signal);
    const insist = setTimeout(() => send(process, "SIGKILL"), patience);
    await ended;
    clearTimeout(insist);
  };
}

function send(process: Deno.ChildProcess, signal: Deno.Signal): void {
  try {
    process.kill(signal);
  } catch (error) {
    // It has ended already, which is what was asked for.
    if (!(error instanceof TypeError || error instanceof Deno.errors.NotFound)) throw error;
  }
}

async function eachLine(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  take: (line: string) => void,
): Promise<void> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const parts = (rest + text).split("\n");
    rest = parts.pop() ?? "";
    parts.forEach(take);
  }
  if (rest !== "") take(rest);
}

/** Runs a command to its end; the error of a failure holds what it printed. */
export async function run(options: ChildOptions): Promise<string[]> {
  const child = startChild(options);
  const status = await child.ended;
  if (!status.success) {
    const name = options.command.split("/").at(-1);
    throw new Error(`${name} failed with code ${status.code}:\n${child.lines.join("\n")}`);
  }
  return child.lines;
}
