/**
 * New apps as `create-vite` and `create-next-app` make them, with this project's package installed. Every
 * version is in versions.json. They lie outside the repository, since tools look for settings and lock
 * files in the folders above.
 */
import { join } from "node:path";
import { packageTarball } from "../ship/app.ts";
import { output, type Ran } from "../ship/cli.ts";
import versions from "./versions.json" with { type: "json" };

export type TemplateName = "vanilla-ts" | "react-ts" | "vue-ts" | "next";

export interface App {
  folder: string;
  /** Runs a command in the app's folder; what it prints is in the error if it fails. */
  run(command: string, ...args: string[]): Promise<Ran>;
  /** The same, of a command that may fail. */
  tried(command: string, ...args: string[]): Promise<Ran>;
  read(path: string): Promise<string>;
  write(files: Record<string, string>): Promise<void>;
  /** Makes the sources what they were in the new app. */
  reset(): Promise<void>;
  remove(): Promise<void>;
}

type Manifest = Record<"dependencies" | "devDependencies", Record<string, string> | undefined>;

/** What an app's own tests need. */
export const testPackages: readonly string[] = withVersions(versions.tests);

function withVersions(packages: Record<string, string>): string[] {
  return Object.entries(packages).map(([name, version]) => `${name}@${version}`);
}

/** What the documents tell the reader to install beside the package. */
export const installedBeside: readonly string[] = Object.keys(versions.app);

export async function newApp(template: TemplateName): Promise<App> {
  const parent = await Deno.makeTempDir({ prefix: "calendar-template-" });
  const app = inFolder(join(parent, "app"), parent);
  try {
    await scaffold(template, parent);
    await pin(app, template);
    await app.run("npm", "install", ...QUIET);
    await app.run("npm", "install", ...QUIET, "--save-dev", await packageTarball());
    await app.run("npm", "install", ...QUIET, ...withVersions(versions.app));
    await app.run("mkdir", "../stock");
    await app.run("bash", "-c", `cp -a ${SOURCES} ../stock`);
    return app;
  } catch (error) {
    await app.remove();
    throw error;
  }
}

/** Everything of an app but what was installed. */
const SOURCES = "$(ls -A | grep -v '^node_modules$')";

export const QUIET = ["--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error"];

async function scaffold(template: TemplateName, parent: string): Promise<void> {
  const isNext = template === "next";
  const name = isNext ? "create-next-app" : "create-vite";
  const options = isNext
    ? ["--yes", "--skip-install", "--disable-git"]
    : ["--template", template, "--no-interactive"];
  const spec = `${name}@${versions.scaffolders[name]}`;
  const words = ["exec", "--yes", ...QUIET, `--package=${spec}`, "--", name, "app", ...options];
  await inFolder(parent, parent).run("npm", ...words);
}

/** The template's ranges become the versions of the list, which has to have each of them. */
async function pin(app: App, template: TemplateName): Promise<void> {
  const manifest: Manifest = JSON.parse(await app.read("package.json"));
  const listed: Record<string, string> = { ...versions[template] };
  for (const part of ["dependencies", "devDependencies"] as const) {
    for (const name of Object.keys(manifest[part] ?? {})) {
      const version = listed[name];
      if (version === undefined) throw new Error(`versions.json lacks ${name} of ${template}`);
      manifest[part]![name] = version;
      delete listed[name];
    }
  }
  const unused = Object.keys(listed);
  if (unused.length > 0) throw new Error(`versions.json has for ${template}: ${unused.join(", ")}`);
  await app.write({ "package.json": JSON.stringify(manifest, null, 2) });
}

function inFolder(folder: string, parent: string): App {
  const tried: App["tried"] = (command, ...args) =>
    output(command, args, { cwd: folder, env: environment() });
  return {
    folder,
    tried,
    run: async (command, ...args) => {
      const ran = await tried(command, ...args);
      if (ran.code === 0) return ran;
      throw new Error(`${command} ${args.join(" ")} failed:\n${ran.stdout}${ran.stderr}`);
    },
    read: (path) => Deno.readTextFile(join(folder, path)),
    write: async (files) => {
      for (const [path, text] of Object.entries(files)) {
        await Deno.mkdir(join(folder, path, ".."), { recursive: true });
        await Deno.writeTextFile(join(folder, path), text);
      }
    },
    reset: async () => {
      await tried("bash", "-euc", `rm -rf ${SOURCES} && cp -a ../stock/. .`);
    },
    remove: () => Deno.remove(parent, { recursive: true }),
  };
}

/** Without what the repository's own tools are told, such as its commands on PATH. */
function environment(): Record<string, string> {
  const { NODE_ENV: _, ...env } = Deno.env.toObject();
  const path = (env.PATH ?? "").split(":").filter((folder) =>
    !folder.endsWith("node_modules/.bin")
  );
  return { ...env, PATH: path.join(":"), NO_COLOR: "1", NEXT_TELEMETRY_DISABLED: "1" };
}
