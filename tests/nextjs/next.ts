/** Installs and serves examples/nextjs, which is kept out of the repository's own packages for its size. */
const EXAMPLE = "examples/nextjs";

/** `npm ci`, unless what is installed is what the example's lock file says. */
export async function installExample(): Promise<void> {
  if (await versionsOf(`${EXAMPLE}/node_modules/.package-lock.json`) === await wanted()) return;
  const { success } = await new Deno.Command("npm", {
    args: ["ci", "--no-audit", "--no-fund", "--loglevel=error"],
    cwd: EXAMPLE,
  }).output();
  if (!success) throw new Error(`The example's packages cannot be installed: npm ci in ${EXAMPLE}`);
}

function wanted(): Promise<string> {
  return versionsOf(`${EXAMPLE}/package-lock.json`);
}

/** The direct dependencies: those of other platforms are in the lock file and never installed. */
async function versionsOf(lockFile: string): Promise<string> {
  const { dependencies, devDependencies } = JSON.parse(
    await Deno.readTextFile(`${EXAMPLE}/package.json`),
  );
  const text = await Deno.readTextFile(lockFile).catch(() => '{"packages":{}}');
  const { packages } = JSON.parse(text);
  return Object.keys({ ...dependencies, ...devDependencies })
    .map((name) => `${name}@${packages[`node_modules/${name}`]?.version}`).join(" ");
}

export interface Next {
  origin: string;
  stop(): Promise<void>;
}

/** Builds and serves it, as in production; development mode wants a socket to its own origin. */
export async function startNext(port: number, supabase: string, key: string): Promise<Next> {
  const env = {
    NEXT_PUBLIC_SUPABASE_URL: supabase,
    NEXT_PUBLIC_SUPABASE_PUBLISHABLE_KEY: key,
    NEXT_TELEMETRY_DISABLED: "1",
    // Vite, in this process, has set another.
    NODE_ENV: "production",
  };
  const built = await nextCommand(["build"], env).output();
  if (!built.success) throw new Error(`next build: ${new TextDecoder().decode(built.stderr)}`);
  const child = nextCommand(["start", "-H", "127.0.0.1", "-p", `${port}`], env).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let said = "";
  while (!said.includes("Ready in")) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`Next.js ended before it was ready:\n${said}`);
    said += value;
  }
  const drained = (async () => {
    while (!(await reader.read()).done);
  })();
  return {
    origin: `http://127.0.0.1:${port}`,
    stop: async () => {
      child.kill("SIGTERM");
      await child.status;
      await drained;
    },
  };
}

function nextCommand(words: string[], env: Record<string, string>): Deno.Command {
  return new Deno.Command("node", {
    args: ["node_modules/next/dist/bin/next", ...words],
    cwd: EXAMPLE,
    env,
    stdout: "piped",
    stderr: "piped",
  });
}
