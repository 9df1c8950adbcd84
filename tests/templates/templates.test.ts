/**
 * Everything that the documents show is built in the templates that people start from: it type-checks in
 * strict mode, lints, and builds for production.
 */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { inRepository } from "../../dev/paths.ts";
import { startChromium } from "../e2e/chromium.ts";
import { files, ofTests, shell, snippets } from "./snippets.ts";
import {
  type App,
  installedBeside,
  newApp,
  QUIET,
  type TemplateName,
  testPackages,
} from "./template.ts";

/** One app of each template for all tests. */
const apps = new Map<TemplateName, Promise<App>>();

Deno.test.afterAll(async () => {
  for (const app of await Promise.allSettled(apps.values())) {
    if (app.status === "fulfilled") await app.value.remove();
  }
});

function withApp(template: TemplateName, work: (app: App) => Promise<void>): () => Promise<void> {
  return async () => {
    const making = apps.get(template) ?? newApp(template);
    apps.set(template, making);
    const app = await making;
    await app.reset();
    await work(app);
  };
}

/** The examples import it. */
const supabase = files["supabase.ts"] ?? "";

Deno.test("the documents name what has to be installed beside the package", () => {
  for (
    const [path, heading] of [["README.md", "Use it in your app"], ["docs/client.md", "Install"]]
  ) {
    const commands = shell(path ?? "", heading ?? "").join("\n");
    const [, names = ""] = /^npm install (@[^\n]+)$/m.exec(commands) ?? [];
    deepEqual(names.split(" "), [...installedBeside]);
  }
});

Deno.test(
  "every TypeScript block compiles and builds in create-vite's vanilla-ts",
  withApp("vanilla-ts", async (app) => {
    const blocks = snippets("ts");
    ok(blocks.length >= 5, `${blocks.length} blocks`);
    const named = Object.fromEntries(blocks.map((code, at) => [`src/block_${at}.ts`, code]));
    const main = blocks.map((_, at) => `import("./block_${at}");\n`).join("");
    await app.write({ "src/supabase.ts": supabase, "src/main.ts": main, ...named });
    await app.run("npx", "tsc", "--noEmit", "--strict");
    await app.run("npm", "run", "build");

    await app.write({
      "src/block_0.ts":
        'import { CalendarClient } from "calendar-connect";\nimport { supabase } from "./supabase";\n' +
        'await new CalendarClient(supabase).connect("apple");\n',
    });
    const misused = await app.tried("npx", "tsc", "--noEmit", "--strict");
    match(misused.stdout, /block_0\.ts.*"apple"/);
  }),
);

Deno.test(
  "the examples of an app's own tests compile in create-vite's vanilla-ts",
  withApp("vanilla-ts", async (app) => {
    ok(ofTests.length >= 3, `${ofTests.length} blocks`);
    await app.run("npm", "install", ...QUIET, "--no-save", ...testPackages);
    const settings = { extends: "./tsconfig.json", compilerOptions: { types: ["node"] } };
    await app.write({
      "tsconfig.tests.json": JSON.stringify({ ...settings, include: ["tests"] }),
      ...Object.fromEntries(ofTests.map((code, at) => [`tests/block_${at}.ts`, code])),
    });
    await app.run("npx", "tsc", "--noEmit", "--strict", "--project", "tsconfig.tests.json");
  }),
);

Deno.test(
  "the pages of HTML build in create-vite's vanilla-ts, and head.js comes first",
  withApp("vanilla-ts", async (app) => {
    const [page, head, ...more] = snippets("html");
    deepEqual(more, [], "another block of HTML needs a test here");
    await app.write({ "index.html": page ?? "" });
    await app.run("npx", "vite", "build");
    match(await app.read("dist/index.html"), /<calendar-settings>/);

    const [copyHead = ""] = shell("docs/client.md", "Other scripts on the page");
    const [copyPanel = ""] = shell("docs/client.md", "Plain HTML");
    await app.run("bash", "-euc", copyHead + copyPanel);
    const inner = /<head>\n([\s\S]*)<\/head>/.exec(head ?? "")?.[1] ?? "";
    await app.write({ "index.html": (page ?? "").replace("<head>\n", `<head>\n${inner}`) });
    await app.run("npx", "vite", "build");
    const built = await app.read("dist/index.html");
    const scripts = [...built.matchAll(/<script[^>]* src="([^"]+)"/g)].map(([, source]) => source);
    deepEqual(scripts.slice(0, 2), ["/calendar-connect/head.js", "/analytics.js"]);
    for (const name of ["head.js", "settings.js"]) {
      ok((await app.read(`dist/calendar-connect/${name}`)).length > 100, name);
    }
  }),
);

Deno.test(
  "the client's first example leaves a visitor alone until they click",
  withApp("vanilla-ts", async (app) => {
    const example = snippets("ts").find((code) => code.includes("#connect-google")) ?? "";
    const page = await app.read("index.html");
    await app.write({
      "src/supabase.ts": supabase,
      "src/main.ts": example,
      "index.html": page.replace(
        '<div id="app"></div>',
        '<button id="connect-google">Connect</button>',
      ),
    });
    await app.run("npm", "run", "build");
    const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, (request) => {
      const { pathname } = new URL(request.url);
      return served(`${app.folder}/dist`, pathname === "/" ? "/index.html" : pathname);
    });
    const chromium = await startChromium();
    try {
      const browser = await (await chromium.newContext()).newPage();
      const said: string[] = [];
      browser.on("console", (message) => said.push(message.text()));
      browser.on("pageerror", (error) => said.push(`uncaught: ${error.message}`));
      const address = `http://127.0.0.1:${server.addr.port}/`;
      await browser.goto(address, { waitUntil: "networkidle" });
      deepEqual([browser.url(), said], [address, []]);
      await browser.click("#connect-google");
      while (said.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
      deepEqual([browser.url(), said], [address, ["nobody is signed in"]]);
    } finally {
      await chromium.stop();
      await server.shutdown();
    }
  }),
);

async function served(folder: string, path: string): Promise<Response> {
  const types: Record<string, string> = {
    html: "text/html",
    js: "text/javascript",
    css: "text/css",
  };
  const type = types[path.split(".").at(-1) ?? ""] ?? "application/octet-stream";
  const content = await Deno.readFile(folder + path).catch(() => undefined);
  if (content === undefined) return new Response(null, { status: 404 });
  return new Response(content, { headers: { "content-type": type } });
}

/** The one block of React, which README and docs/client.md share. */
function reactSnippet(): string {
  const [snippet = "", ...more] = snippets("tsx");
  deepEqual(more, [], "README and docs/client.md show different code for React");
  return snippet;
}

Deno.test(
  "the React block compiles, lints and builds in create-vite's react-ts",
  withApp("react-ts", async (app) => {
    await app.write({
      "src/supabase.ts": supabase,
      "src/Calendars.tsx": reactSnippet(),
      "src/App.tsx": 'import { Calendars } from "./Calendars";\n\nexport default Calendars;\n',
    });
    await app.run("npx", "tsc", "--noEmit", "--strict", "--project", "tsconfig.app.json");
    await app.run("npm", "run", "lint");
    await app.run("npm", "run", "build");
  }),
);

Deno.test(
  "the Vue block compiles and builds in create-vite's vue-ts, with the settings for its compiler",
  withApp("vue-ts", async (app) => {
    const [component = "", ...more] = snippets("vue");
    deepEqual(more, [], "another block of Vue needs a test here");
    await app.write({
      "src/supabase.ts": supabase,
      "src/Calendars.vue": component,
      "src/App.vue":
        '<script setup lang="ts">\nimport Calendars from "./Calendars.vue";\n</script>\n\n' +
        "<template>\n  <Calendars />\n</template>\n",
      "vite.config.ts": files["vite.config.ts"] ?? "",
    });
    await app.run("npx", "vue-tsc", "--noEmit", "--strict", "--project", "tsconfig.app.json");
    await app.run("npm", "run", "build");
    // Without the settings, Vue would look for a component of that name when the page loads.
    await app.run("npx", "vite", "build", "--minify", "false");
    const looksUp = () => app.tried("grep", "-rhoE", "resolveComponent\\(.*calendar", "dist");
    equal((await looksUp()).stdout, "");
    await app.run("cp", "../stock/vite.config.ts", ".");
    await app.run("npx", "vite", "build", "--minify", "false");
    match((await looksUp()).stdout, /resolveComponent\("calendar/);
  }),
);

Deno.test(
  "the installed function, the React block and the rewrite build in a new Next.js app",
  withApp("next", async (app) => {
    await app.write({ "supabase/config.toml": 'project_id = "app"\n' });
    await app.run("npx", "--no", "calendar-connect", "install");
    await app.run("mv", "next.config.ts", "stock.config.ts");
    await app.write({
      "app/supabase.ts": supabase,
      "app/calendars.tsx": reactSnippet(),
      "app/page.tsx":
        'import { Calendars } from "./calendars";\n\nexport default function Page() {\n' +
        "  return <Calendars />;\n}\n",
      "calendar.config.ts": files["next.config.ts"] ?? "",
      "next.config.ts":
        'import added from "./calendar.config";\nimport stock from "./stock.config";\n\n' +
        "const nextConfig = { ...stock, ...added };\n\nexport default nextConfig;\n",
    });
    const fonts = inRepository("tests", "templates", "fonts.cjs");
    await app.run("env", `NEXT_FONT_GOOGLE_MOCKED_RESPONSES=${fonts}`, "npx", "next", "build");
    await app.run("npx", "tsc", "--noEmit", "--strict");
    await app.run("npm", "run", "lint");
    const routes = JSON.parse(await app.read(".next/routes-manifest.json"));
    match(JSON.stringify(routes.rewrites), /\/api\/calendar\/:path\*/);
  }),
);
