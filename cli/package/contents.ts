/**
 * What the npm package holds. The build, the tests and the cache of the built package read it here. Parts
 * are made in this order: a Vite build empties its folder first.
 */

export const NAME = "calendar-connect";

/** The Edge Functions that the package holds, and so all that the installer offers. */
export const FUNCTIONS = ["calendar"];

export interface Part {
  /** Where it is in the package; a folder ends with a slash. */
  path: string;
  /** The file or folder of the repository that it is made from. */
  from: string;
  /**
   * How it is made: `copy`, unless told; `vite` builds what a configuration says, `tsc` declares the types
   * of a file, `migrate` says what a database is like after the migrations of a folder.
   */
  by?: "copy" | "vite" | "tsc" | "migrate";
  /** Which files of a folder belong to it. */
  only?: RegExp;
  /** Changes a copied text; it must find what it changes. */
  change?: (text: string) => string;
}

export const PARTS: Part[] = [
  { path: "README.md", from: "cli/package/README.md" },
  ...["CHANGELOG.md", "LICENSE-APACHE", "LICENSE-MIT"].map((name) => ({ path: name, from: name })),
  {
    path: "app/",
    from: "app/vite.config.ts",
    by: "vite",
    only: /^((client|element|settings)\.(js|d\.ts)|(head|shared)\.js|types\/[\w/-]+\.d\.ts)$/,
  },
  { path: "app/database.d.ts", from: "supabase/types.ts", by: "tsc" },
  {
    path: "cli/",
    from: "cli/vite.config.ts",
    by: "vite",
    only: /^([a-z0-9]+\.js|third-party\.txt)$/,
  },
  {
    path: "cli/emulator/",
    from: "cli/emulator",
    only: /^((google|microsoft)\/)?[a-z]+\.js$|^(mod|types)\.d\.ts$|^scenarios\/[\w-]+\.json$/,
  },
  { path: "cli/database.json", from: "supabase/migrations", by: "migrate" },
  { path: "supabase/migrations/", from: "supabase/migrations", only: /^\d{14}_\w+\.sql$/ },
  { path: "supabase/uninstall.sql", from: "supabase/uninstall.sql" },
  ...FUNCTIONS.flatMap(partsOfFunction),
];

/** Whatever of the repository, by its first folder, the package is made of or made with. */
export const SOURCES = [
  ...new Set([
    ...PARTS.map(({ from }) => from.split("/")[0] ?? from),
    ...["Cargo.toml", "contract.json", "dev", "package-lock.json", "scripts"],
  ]),
];

/** With its Wasm inside its own folder, which is all of an app that a self-hosted edge runtime sees. */
function partsOfFunction(name: string): Part[] {
  const folder = `supabase/functions/${name}`;
  return [
    {
      path: `${folder}/index.ts`,
      from: `${folder}/index.ts`,
      change: (text) => text.replace('"../../../pkg/', '"./wasm/'),
    },
    { path: `${folder}/env.example`, from: "cli/package/env.example" },
    // Without pkg/'s own .gitignore, which would hide the Wasm from the app's repository.
    {
      path: `${folder}/wasm/`,
      from: "pkg",
      only: /^(calendar_connect\.(js|d\.ts)|calendar_connect_bg\.wasm(\.d\.ts)?|snippets\/.*)$/,
    },
    {
      // An app's own ESLint checks everything in its folder, and this is generated code.
      path: `${folder}/wasm/calendar_connect_bg.js`,
      from: "pkg/calendar_connect_bg.js",
      change: (text) => `/* eslint-disable */\n${text}`,
    },
  ];
}

/** Whether a file of the package, by its path, belongs to one of its parts. */
export function isPart({ path, only = /^/ }: Part, file: string): boolean {
  if (!path.endsWith("/")) return path === file;
  return file.startsWith(path) && only.test(file.slice(path.length));
}

export function manifest(version: string): Record<string, unknown> {
  const entry = (name: string) => ({ types: `./app/${name}.d.ts`, default: `./app/${name}.js` });
  const wasm = "./supabase/functions/calendar/wasm/calendar_connect";
  return {
    name: NAME,
    version,
    description:
      "Connect a Supabase app's users to Google Calendar and Microsoft Outlook, inside their own project",
    keywords: ["supabase", "oauth", "google-calendar", "outlook", "edge-functions"],
    license: "MIT OR Apache-2.0",
    type: "module",
    bin: { [NAME]: "./cli/main.js" },
    engines: { node: ">=20.12" },
    exports: {
      ".": entry("client"),
      "./element": entry("element"),
      "./settings.js": entry("settings"),
      "./head.js": "./app/head.js",
      "./database": { types: "./app/database.d.ts" },
      "./emulator": { types: "./cli/emulator/mod.d.ts", default: "./cli/emulator/mod.js" },
      "./wasm": { types: `${wasm}.d.ts`, default: `${wasm}.js` },
      "./package.json": "./package.json",
    },
    peerDependencies: { lit: "^3.0.0" },
    peerDependenciesMeta: { lit: { optional: true } },
    sideEffects: true,
  };
}
