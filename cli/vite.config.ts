/**
 * Builds the command line that the package ships: `vite build --config cli/vite.config.ts`. What it
 * imports from npm is bundled, so that an app that installs the package gets no further dependency;
 * the licences of what is bundled lie beside it.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { defineConfig, type Plugin } from "vite";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

const licences: Plugin = {
  name: "licences-of-what-is-bundled",
  generateBundle(_, bundle) {
    const modules = Object.values(bundle)
      .flatMap((output) => output.type === "chunk" ? output.moduleIds : []);
    const packages = new Set(
      modules.map((id) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(id)?.[1] ?? ""),
    );
    packages.delete("");
    const source = [...packages].sort().map(licenceOf).join("\n\n");
    this.emitFile({ type: "asset", fileName: "third-party.txt", source });
  },
};

function licenceOf(name: string): string {
  const folder = here(`../node_modules/${name}`);
  const { version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each));
  // Software in the public domain has no licence that must be passed on.
  if (file === undefined && license !== "Unlicense") throw new Error(`${name} holds no licence`);
  const text = file === undefined ? license : readFileSync(join(folder, file), "utf8").trim();
  return `${name} ${version}\n\n${text}\n`;
}

export default defineConfig({
  logLevel: "warn",
  root: here("."),
  publicDir: false,
  plugins: [licences],
  ssr: { noExternal: true, target: "node" },
  build: {
    ssr: here("main.ts"),
    outDir: process.env.CALENDAR_DIST ?? here("../dist/cli"),
    emptyOutDir: true,
    target: "node20",
    minify: false,
    // The emulator is plain JavaScript with files beside it; the package holds it as it is.
    rollupOptions: {
      external: [/\/emulator\/command\.js$/],
      output: { entryFileNames: "[name].js", chunkFileNames: "[name].js" },
    },
  },
});
