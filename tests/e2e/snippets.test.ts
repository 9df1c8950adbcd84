/** The code in README and docs/client.md is compiled as it stands, against the library as it is built. */
import { compileScript, parse as parseVue } from "vue/compiler-sfc";
import { deepEqual, equal, ok } from "node:assert/strict";
import { buildLibrary } from "./library.ts";

interface Snippet {
  name: string;
  code: string;
}

const library = await buildLibrary();
Deno.test.afterAll(() => library.remove());

const SUPABASE = `import { createClient } from "@supabase/supabase-js";
export const supabase = createClient("https://your-ref.supabase.co", "sb_publishable_your_key");`;

Deno.test("the snippets of README and docs/client.md compile, the three usual settings among them", async () => {
  const snippets = [...await snippetsOf("README.md"), ...await snippetsOf("docs/client.md")];
  const kinds = new Set(snippets.map(({ name }) => name.split(".").at(-2)));
  deepEqual([...kinds].sort(), ["html", "module", "react", "vue"]);
  equal(await compile(snippets), "");
});

Deno.test("a snippet that misuses the library does not compile", async () => {
  const code = `import { CalendarClient } from "calendar-connect";
    import { supabase } from "./supabase";
    await new CalendarClient(supabase).connect("apple");`;
  const complaints = await compile([{ name: "wrong.module.ts", code }]);
  ok(complaints.includes("apple"), complaints);
});

/** The blocks that use the library, each as a TypeScript file. */
async function snippetsOf(document: string): Promise<Snippet[]> {
  const text = await Deno.readTextFile(document);
  const blocks = [...text.matchAll(/^```(ts|tsx|vue|html)\n(.*?)^```$/gms)];
  return blocks.flatMap(([, kind = "", code = ""], index) => {
    if (!/calendar-connect|calendar-settings/.test(code)) return [];
    const name = `${document.replaceAll("/", "-")}-${index + 1}`;
    return asTypeScript(name, kind, code);
  });
}

function asTypeScript(name: string, kind: string, code: string): Snippet[] {
  switch (kind) {
    case "tsx":
      return [{ name: `${name}.react.tsx`, code }];
    case "vue":
      return [{ name: `${name}.vue.ts`, code: compiledVue(name, code) }];
    case "html":
      return [...code.matchAll(/<script type="module">(.*?)<\/script>/gs)].map((
        [, script = ""],
      ) => ({
        name: `${name}.html.ts`,
        code: script.replace('querySelector("calendar-settings")', "$&!"),
      }));
    default:
      return [{
        name: `${name}.module.ts`,
        code: code.includes("export") ? code : `${code}export {};`,
      }];
  }
}

function compiledVue(id: string, code: string): string {
  const { descriptor, errors } = parseVue(code);
  deepEqual(errors, []);
  const isCustomElement = (tag: string) => tag === "calendar-settings";
  return compileScript(descriptor, {
    id,
    inlineTemplate: true,
    templateOptions: { compilerOptions: { isCustomElement } },
  }).content;
}

/** What the compiler complains of; the folder lies in the repository so that it finds the packages. */
async function compile(snippets: Snippet[]): Promise<string> {
  await Deno.mkdir(".cache", { recursive: true });
  const folder = await Deno.makeTempDir({ dir: ".cache", prefix: "snippets-" });
  try {
    await Deno.writeTextFile(`${folder}/supabase.ts`, SUPABASE);
    for (const { name, code } of snippets) await Deno.writeTextFile(`${folder}/${name}`, code);
    await Deno.writeTextFile(`${folder}/tsconfig.json`, JSON.stringify(tsconfig()));
    const { stdout } = await new Deno.Command("node_modules/.bin/tsc", {
      args: ["--project", `${folder}/tsconfig.json`],
    }).output();
    return new TextDecoder().decode(stdout);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function tsconfig() {
  return {
    compilerOptions: {
      target: "es2022",
      lib: ["es2024", "dom", "dom.iterable"],
      module: "esnext",
      moduleResolution: "bundler",
      moduleDetection: "force",
      jsx: "react-jsx",
      strict: true,
      noEmit: true,
      skipLibCheck: true,
      types: [],
      paths: {
        "calendar-connect": [`${library.folder}/client.d.ts`],
        "calendar-connect/element": [`${library.folder}/element.d.ts`],
      },
    },
    include: ["*.ts", "*.tsx"],
  };
}
