/** Tools from PyPI, in an environment of their own below .cache, with every version pinned. */
import { exists, inRepository } from "../../dev/paths.ts";
import { output } from "./cli.ts";

const folder = inRepository(".cache", "python");
const stamp = `${folder}/installed.txt`;
const pinned = (name: string) => inRepository("tests", "ship", "python", name);

/** The environment's folder of commands; made first, if something else or nothing is there. */
export async function pythonTools(): Promise<string> {
  const wanted = await Deno.readTextFile(pinned("requirements.txt")) +
    await Deno.readTextFile(pinned("alone.txt"));
  if (!exists(stamp) || await Deno.readTextFile(stamp) !== wanted) {
    await install();
    await Deno.writeTextFile(stamp, wanted);
  }
  return `${folder}/bin`;
}

async function install(): Promise<void> {
  const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
  await run("python3", ["-m", "venv", "--clear", folder]);
  await run(`${folder}/bin/python`, [...pip, "-r", pinned("requirements.txt")]);
  // ClickHouse's package asks for pandas and pyarrow, ten times its size, for what is not used here.
  await run(`${folder}/bin/python`, [...pip, "--no-deps", "-r", pinned("alone.txt")]);
}

async function run(command: string, args: string[]): Promise<void> {
  const options = { cwd: inRepository("."), env: Deno.env.toObject() };
  const ran = await output(command, args, options)
    .catch((error) => ({ code: 1, stdout: "", stderr: String(error) }));
  if (ran.code === 0) return;
  throw new Error(
    `${command} ${
      args.join(" ")
    } failed. It needs the Debian packages python3 and python3-venv, and ` +
      `PyPI the first time:\n${ran.stdout}${ran.stderr}`,
  );
}

export interface LogRow {
  id: string;
  timestamp: string;
  event_message: string;
  severity_text: string;
  source: string;
  log_attributes: Record<string, string>;
}

/** The answers of ClickHouse, which Supabase's Logs Explorer asks, to queries over these rows. */
export async function askLogs(
  rows: LogRow[],
  queries: string[],
): Promise<Record<string, unknown>[][]> {
  const child = new Deno.Command(`${await pythonTools()}/python`, {
    args: [pinned("clickhouse.py")],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(JSON.stringify({ rows, queries })));
  await writer.close();
  const { success, stdout, stderr } = await child.output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}
