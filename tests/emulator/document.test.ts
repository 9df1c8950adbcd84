/** docs/testing.md: its tables are what the emulator has, and its snippets are what they say they are. */
import { deepEqual, equal, ok } from "node:assert/strict";
import { parse } from "yaml";
import { COMMANDS } from "../../cli/commands.ts";
import { operations } from "../../cli/emulator/admin.js";
import { ACTIONS, MATCHES } from "../../cli/emulator/faults.js";
import { scenarios, startEmulator } from "../../cli/emulator/mod.js";
import { routes } from "../../cli/emulator/routes.js";
import type { FaultInput, WorldInput } from "../../cli/emulator/types.d.ts";
import { inPackage, inRepository } from "../../dev/paths.ts";
import { blocks, read, table } from "../support/markdown.ts";

const document = read("docs/testing.md");

function snippets(language: string): string[] {
  return blocks(document).filter((each) => each.language === language).map(({ code }) => code);
}

Deno.test("the scenarios of the document are those that ship", () => {
  const shipped = scenarios().map(({ name, title }) => [name, title]);
  deepEqual(table(document, "Scenarios"), shipped);
});

Deno.test("the operations of the document are those of the admin API", () => {
  const offered = operations.map(({ method, path, about }) => [`${method} ${path}`, about]);
  deepEqual(table(document, "The admin API"), offered);
});

Deno.test("the members of rules in the document are those that rules have", () => {
  const named = table(document, "Faults by rule")
    .flatMap(([names = ""]) => names.split(", ").map((name) => name.replaceAll("`", "")));
  const matches = MATCHES.map((name: string) => `match.${name}`);
  const actions = ACTIONS.map((name: string) => `do.${name}`);
  deepEqual(named.sort(), [...matches, ...actions, "after", "times", "from", "until"].sort());
});

Deno.test("every route is named in the document", () => {
  const unnamed = routes.filter(({ name }) => !document.text.includes(`\`${name}\``));
  deepEqual(unnamed, []);
});

Deno.test("the rule and the world of the document are accepted", async () => {
  const [rule = "", world = ""] = snippets("json");
  const emulator = await startEmulator({ world: JSON.parse(world) as WorldInput });
  try {
    emulator.control.addFault(JSON.parse(rule) as FaultInput);
    deepEqual(emulator.control.state().people.map(({ email }) => email), [
      "ann@gmail.example",
      "kim@contoso.example",
    ]);
  } finally {
    await emulator.stop();
  }
});

Deno.test("the recipe for GitHub Actions is YAML, and its commands have these options", () => {
  const [recipe = ""] = snippets("yaml");
  const { steps } = parse(recipe) as { steps: { run?: string }[] };
  ok(steps.length > 5);
  const everything = steps.map(({ run = "" }) => run).join("\n") + snippets("sh").join("\n");
  const calls = [...everything.matchAll(/npx calendar-connect (\w+)([^\n>)]*)/g)];
  ok(calls.length > 4);
  for (const [call, name, rest = ""] of calls) {
    const command = COMMANDS.find((each) => each.name === name);
    const options = command?.options.map((option) => `--${option.name}`) ?? [];
    const used = [...rest.matchAll(/--[\w-]+/g)].map(([option]) => option);
    deepEqual(used.filter((option) => !options.includes(option)), [], call);
  }
});

Deno.test("its TypeScript compiles against the types that the package has", async () => {
  const folder = await Deno.makeTempDir({ dir: inRepository(".cache"), prefix: "testing-" });
  try {
    const code = snippets("ts");
    equal(code.length, 3);
    for (const [index, each] of code.entries()) {
      await Deno.writeTextFile(`${folder}/snippet_${index}.ts`, each);
    }
    await Deno.writeTextFile(`${folder}/wrong.ts`, code[2]?.replace('"7d"', "[7]") ?? "");
    const check = async (file: string) => {
      await Deno.writeTextFile(`${folder}/tsconfig.json`, JSON.stringify(tsconfig(file)));
      const { stdout } = await new Deno.Command("node", {
        args: [inPackage("typescript", "bin", "tsc"), "--project", `${folder}/tsconfig.json`],
      }).output();
      return new TextDecoder().decode(stdout);
    };
    for (const index of code.keys()) equal(await check(`snippet_${index}.ts`), "");
    ok((await check("wrong.ts")).includes("TS2322"));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

function tsconfig(file: string) {
  return {
    compilerOptions: {
      target: "es2022",
      lib: ["es2024", "dom"],
      module: "esnext",
      moduleResolution: "bundler",
      moduleDetection: "force",
      strict: true,
      noEmit: true,
      types: [],
      // Playwright's own declarations want those of Node.
      skipLibCheck: true,
      paths: { "calendar-connect/emulator": [inRepository("cli", "emulator", "mod.d.ts")] },
    },
    include: [file],
  };
}
