/** supabase/config.toml, read by the real Supabase CLI and by the stack. */
import { deepEqual, equal, match, ok, throws } from "node:assert/strict";
import { configFile, readFunctions } from "../../dev/config.ts";
import { inRepository } from "../../dev/paths.ts";
import { startPostgres } from "../../dev/postgres.ts";

/** `db push --dry-run` reads the configuration and, given a database, needs no Docker. */
async function cli(databaseUrl: string, workdir: string): Promise<{ code: number; said: string }> {
  const { code, stdout, stderr } = await new Deno.Command(
    inRepository("node_modules", ".bin", "supabase"),
    {
      args: ["db", "push", "--dry-run", "--yes", "--workdir", workdir, `--remote=${databaseUrl}`],
      env: { SUPABASE_TELEMETRY_DISABLED: "1", NO_COLOR: "1" },
    },
  ).output();
  const decoder = new TextDecoder();
  return { code, said: decoder.decode(stdout) + decoder.decode(stderr) };
}

Deno.test("the Supabase CLI reads the configuration without a warning", async () => {
  const server = await startPostgres({ version: 18 });
  const workdir = await Deno.makeTempDir();
  try {
    const own = await cli(server.url, inRepository());
    equal(own.code, 0, own.said);
    match(own.said, /Would push these migrations/);
    ok(!/WARN/.test(own.said), own.said);
    ok(!/config\.toml/.test(own.said), own.said);

    // That silence means something: the same command complains of a key it does not know.
    await Deno.mkdir(`${workdir}/supabase`);
    const text = await Deno.readTextFile(configFile);
    await Deno.writeTextFile(`${workdir}/supabase/config.toml`, `${text}\nverify_jwtt = false\n`);
    const wrong = await cli(server.url, workdir);
    match(wrong.said, /does not recognize.*functions\.calendar\.verify_jwtt/);
  } finally {
    await server.stop();
    await Deno.remove(workdir, { recursive: true });
  }
});

Deno.test("the stack serves the function that the configuration declares", () => {
  const entrypoint = inRepository("supabase", "functions", "calendar", "index.ts");
  deepEqual(readFunctions(), [{ name: "calendar", entrypoint }]);
});

Deno.test("only enabled functions are served, and none whose JWTs the gateway would have to check", async () => {
  const file = await Deno.makeTempFile({ suffix: ".toml" });
  const read = (text: string) => {
    Deno.writeTextFileSync(file, text);
    return readFunctions(file).map(({ name }) => name);
  };
  const served = "[functions.one]\nverify_jwt = false\n";
  deepEqual(read(`${served}[functions.two]\nenabled = false\n`), ["one"]);
  // Supabase's default is true.
  for (const declared of ["", "verify_jwt = true\n"]) {
    throws(() => read(`${served}[functions.two]\n${declared}`), /Set verify_jwt = false/, declared);
  }
  await Deno.remove(file);
});
