/** Schemathesis, in a Python environment of its own below .cache, with every version pinned. */
import { exists, inRepository } from "../../stack/paths.ts";
import { output, type Ran } from "./cli.ts";

const folder = inRepository(".cache", "schemathesis");
const requirements = inRepository("tests", "ship", "requirements.txt");
const stamp = `${folder}/installed.txt`;

/** Installs what requirements.txt names, if something else or nothing is there. */
export async function schemathesis(args: string[]): Promise<Ran> {
  const wanted = await Deno.readTextFile(requirements);
  if (!exists(stamp) || await Deno.readTextFile(stamp) !== wanted) await install(wanted);
  return await output(`${folder}/bin/schemathesis`, args, {
    cwd: inRepository("tests", "ship"),
    env: { PATH: Deno.env.get("PATH") ?? "", HOME: folder },
  });
}

async function install(wanted: string): Promise<void> {
  const options = { cwd: inRepository("."), env: Deno.env.toObject() };
  const steps: [string, string[]][] = [
    ["python3", ["-m", "venv", "--clear", folder]],
    [`${folder}/bin/pip`, ["install", "-q", "--disable-pip-version-check", "-r", requirements]],
  ];
  for (const [command, args] of steps) {
    const ran = await output(command, args, options).catch((error) => ({
      code: 1,
      stdout: "",
      stderr: String(error),
    }));
    if (ran.code !== 0) {
      throw new Error(
        `schemathesis could not be installed: ${command} ${
          args.join(" ")
        }\n${ran.stdout}${ran.stderr}\n` +
          "It needs the Debian packages python3 and python3-venv, and PyPI the first time.",
      );
    }
  }
  await Deno.writeTextFile(stamp, wanted);
}
