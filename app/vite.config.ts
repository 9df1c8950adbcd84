/**
 * Builds what apps install, into `dist/app`: `vite build --config app/vite.config.ts`.
 *
 * - `client.js`    CalendarClient; imports nothing
 * - `element.js`   <calendar-settings>; imports Lit, for apps with a bundler
 * - `settings.js`  the same with Lit inside, for one <script type="module">
 * - `head.js`      the classic script for <head>, which takes a return out of the URL first
 *
 * and a `.d.ts` beside each of the first three.
 */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, defineConfig, type InlineConfig, type Plugin } from "vite";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const outDir = process.env.CALENDAR_DIST ?? here("../dist/app");

const shared = {
  configFile: false,
  logLevel: "warn",
  root: here("."),
  publicDir: false,
} satisfies InlineConfig;

const alone = (name: string, entry: string, format: "es" | "iife"): InlineConfig => ({
  ...shared,
  build: {
    outDir,
    emptyOutDir: false,
    target: "es2022",
    minify: true,
    lib: { entry: here(entry), formats: [format], name: "calendarConnect", fileName: () => name },
    // A library's ES format keeps its blanks for the bundlers of others; these files meet none.
    rollupOptions: { output: { minify: true } },
  },
});

const standalone: Plugin = {
  name: "standalone-scripts",
  async closeBundle() {
    await build(alone("settings.js", "element/mod.ts", "es"));
    await build(alone("head.js", "client/head.ts", "iife"));
    declareTypes();
  },
};

/** `tsc` writes the declarations; they import each other by the names they have once compiled. */
function declareTypes(): void {
  execFileSync(here("../node_modules/.bin/tsc"), [
    "--project",
    here("tsconfig.json"),
    "--outDir",
    join(outDir, "types"),
  ], { stdio: "inherit" });
  for (const folder of ["client", "element"]) {
    for (const name of readdirSync(join(outDir, "types", folder))) {
      const file = join(outDir, "types", folder, name);
      writeFileSync(
        file,
        readFileSync(file, "utf8").replaceAll(/(["'])(\.[^"']*)\.ts\1/g, "$1$2.js$1"),
      );
    }
  }
  for (
    const [name, entry] of [["client", "client"], ["element", "element"], ["settings", "element"]]
  ) {
    writeFileSync(join(outDir, `${name}.d.ts`), `export * from "./types/${entry}/mod.js";\n`);
  }
}

export default defineConfig({
  ...shared,
  plugins: [standalone],
  build: {
    outDir,
    emptyOutDir: true,
    target: "es2022",
    minify: false,
    lib: {
      entry: { client: here("client/mod.ts"), element: here("element/mod.ts") },
      formats: ["es"],
    },
    rollupOptions: { external: [/^lit($|\/)/], output: { chunkFileNames: "shared.js" } },
  },
});
