/** The real Supabase CLI, away from the accounts and settings of whoever runs the tests. */
import { inPackage, repository } from "../../dev/paths.ts";

export interface Ran {
  code: number;
  stdout: string;
  stderr: string;
}

export interface CliOptions {
  /** The folder that holds supabase/; the repository unless told. */
  project?: string;
  /** Where the CLI finds its management API; nowhere unless told. */
  managementUrl?: string;
}

/** The binary itself: the npm launcher would need to find it again. */
export function cliBinary(): string {
  const machine = { x86_64: "x64", aarch64: "arm64" }[Deno.build.arch];
  return inPackage(`@supabase/cli-${Deno.build.os}-${machine}`, "bin", "supabase");
}

export async function supabase(args: string[], options: CliOptions = {}): Promise<Ran> {
  const home = await Deno.makeTempDir({ prefix: "calendar-cli-" });
  try {
    const profile = `${home}/profile.yaml`;
    const url = options.managementUrl ?? "http://127.0.0.1:9";
    await Deno.writeTextFile(
      profile,
      `name: loopback\napi_url: ${url}\ndashboard_url: ${url}\nproject_host: supabase.test\n`,
    );
    return await output(cliBinary(), [...args, "--yes", "--profile", profile], {
      cwd: options.project ?? repository,
      env: {
        HOME: home,
        PATH: Deno.env.get("PATH") ?? "",
        PGSSLMODE: "disable",
        SUPABASE_ACCESS_TOKEN: `sbp_${"0".repeat(40)}`,
        SUPABASE_TELEMETRY_DISABLED: "1",
      },
    });
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

/** Runs the CLI; the error of a failure holds everything it said. */
export async function succeed(args: string[], options: CliOptions = {}): Promise<Ran> {
  const ran = await supabase(args, options);
  if (ran.code !== 0) {
    throw new Error(
      `supabase ${args.join(" ")} ended with ${ran.code}:\n${ran.stdout}${ran.stderr}`,
    );
  }
  return ran;
}

export async function output(
  command: string,
  args: string[],
  options: { cwd: string; env: Record<string, string> },
): Promise<Ran> {
  const ran = await new Deno.Command(command, { args, ...options, clearEnv: true, stdin: "null" })
    .output();
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code: ran.code, stdout: decode(ran.stdout), stderr: decode(ran.stderr) };
}
