/** TypeScript types of the schema, as `supabase gen types` makes them and `deno fmt` lays them out. */
import { succeed } from "../tests/ship/cli.ts";

const HEADER = "// Made by `make types` from the migrations; do not edit.\n\n";

export async function generatedTypes(databaseUrl: string): Promise<string> {
  const args = ["gen", "types", "--lang=typescript", "--schema=public", `--remote=${databaseUrl}`];
  return HEADER + await formatted((await succeed(args)).stdout);
}

async function formatted(source: string): Promise<string> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--no-config", "--line-width=100", "--ext=ts", "-"],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(source));
  await writer.close();
  const { success, stdout } = await child.output();
  if (!success) throw new Error("deno fmt does not take what `supabase gen types` made");
  return new TextDecoder().decode(stdout);
}

/** Writes supabase/types.ts anew: `deno run -A scripts/types.ts`. */
if (import.meta.main) {
  const { startPostgres } = await import("../dev/postgres.ts");
  const { inRepository } = await import("../dev/paths.ts");
  const { makeProject } = await import("../tests/ship/project.ts");
  const server = await startPostgres({ version: 18 });
  try {
    const { url } = await makeProject(server.url, { users: "made", grants: "none" });
    await succeed(["db", "push", `--remote=${url}`]);
    await Deno.writeTextFile(inRepository("supabase", "types.ts"), await generatedTypes(url));
  } finally {
    await server.stop();
  }
}
