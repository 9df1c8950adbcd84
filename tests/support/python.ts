/** Packages from PyPI, in virtual environments below .cache, with every version pinned. */
import { join } from "node:path";
import { exists, inRepository } from "../../dev/paths.ts";

/** A folder with a requirements.txt, and a list of packages that are installed without what they ask for. */
interface Environment {
  folder: string;
  name: string;
  alone?: string;
}

const environments = {
  // ClickHouse's package asks for pandas and pyarrow, ten times its size, which are not used here.
  ship: { folder: "tests/ship/python", name: "python", alone: "alone.txt" },
  security: { folder: "tests/security/python", name: "python-security" },
} satisfies Record<string, Environment>;

/** The environment's folder of commands. The environment is made anew where its pins have changed. */
export async function pythonTools(suite: keyof typeof environments): Promise<string> {
  const environment: Environment = environments[suite];
  const folder = inRepository(".cache", environment.name);
  const stamp = join(folder, "installed.txt");
  const lists = ["requirements.txt", ...(environment.alone ? [environment.alone] : [])]
    .map((list) => inRepository(environment.folder, list));
  const wanted = lists.map((list) => Deno.readTextFileSync(list)).join("");
  if (!exists(stamp) || await Deno.readTextFile(stamp) !== wanted) {
    await install(folder, lists);
    await Deno.writeTextFile(stamp, wanted);
  }
  return join(folder, "bin");
}

async function install(folder: string, [requirements = "", alone]: string[]): Promise<void> {
  const python = join(folder, "bin", "python");
  const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
  await run("python3", ["-m", "venv", "--clear", folder]);
  await run(python, [...pip, "-r", requirements]);
  if (alone !== undefined) await run(python, [...pip, "--no-deps", "-r", alone]);
}

async function run(command: string, args: string[]): Promise<void> {
  const decoder = new TextDecoder();
  const said = await new Deno.Command(command, { args, stdin: "null" }).output()
    .then(({ success, stdout, stderr }) =>
      success ? undefined : decoder.decode(stdout) + decoder.decode(stderr)
    )
    .catch(String);
  if (said === undefined) return;
  throw new Error(
    `${command} ${args.join(" ")} failed. It needs the Debian packages python3 and python3-venv, ` +
      `and PyPI the first time:\n${said}`,
  );
}

/** Runs a script with JSON as its input and returns the JSON that it writes. */
export async function runPython(
  suite: keyof typeof environments,
  script: string,
  input: unknown,
): Promise<unknown> {
  const child = new Deno.Command(join(await pythonTools(suite), "python"), {
    args: [inRepository(environments[suite].folder, script)],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(JSON.stringify(input)));
  await writer.close();
  const { success, stdout, stderr } = await child.output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}
