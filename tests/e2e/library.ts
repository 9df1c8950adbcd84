/** Builds what apps install, once per test file, into a folder that is removed again. */
export interface Library {
  read(name: string): Promise<string>;
  folder: string;
  remove(): Promise<void>;
}

export async function buildLibrary(): Promise<Library> {
  const folder = await Deno.makeTempDir({ prefix: "calendar-library-" });
  const { success, stderr } = await new Deno.Command("node_modules/.bin/vite", {
    args: ["build", "--config", "app/vite.config.ts"],
    // A stack's Vite, in the same process as this one, has set NODE_ENV to "development".
    env: { CALENDAR_DIST: folder, NODE_ENV: "production" },
    stdout: "null",
    stderr: "piped",
  }).output();
  if (!success) throw new Error(`The library does not build: ${new TextDecoder().decode(stderr)}`);
  return {
    folder,
    read: (name) => Deno.readTextFile(`${folder}/${name}`),
    remove: () => Deno.remove(folder, { recursive: true }),
  };
}
