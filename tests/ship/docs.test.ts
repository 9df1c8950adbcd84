/** The documents: what they lead to exists, what they show works, what they list is what the source has. */
import { deepEqual, equal, ok } from "node:assert/strict";
import { dirname, join, normalize } from "node:path";
import { exists, inRepository } from "../../dev/paths.ts";
import { REFERENCE, reference } from "../../scripts/generate.ts";
import { contract } from "../support/contract.ts";
import { packageTarball } from "./app.ts";
import { output, supabase } from "./cli.ts";
import { anchors, type Block, blocks, DOCUMENTS, links, read } from "../support/markdown.ts";

const allBlocks = DOCUMENTS.flatMap((path) => blocks(read(path)));

function inLanguage(...languages: string[]): Block[] {
  return allBlocks.filter(({ language }) => languages.includes(language));
}

for (const path of DOCUMENTS) {
  Deno.test(`${path}: every link leads somewhere`, () => {
    const document = read(path);
    const dead = links(document).filter((target) => {
      if (/^https:\/\/[\w.-]+\.\w+(\/|$)/.test(target)) return false;
      const [file = "", anchor] = target.split("#");
      const to = file === "" ? path : normalize(join(dirname(path), file));
      if (!exists(inRepository(to))) return true;
      return anchor !== undefined && !anchors(read(to)).includes(anchor);
    });
    deepEqual(dead, []);
  });
}

Deno.test("every block of shell is shell", async () => {
  const shells = inLanguage("sh", "bash");
  ok(shells.length > 5);
  for (const { path, code } of shells) {
    const file = await Deno.makeTempFile({ suffix: ".sh" });
    await Deno.writeTextFile(file, code);
    const { code: status, stderr } = await output("bash", ["-n", file], { cwd: "/", env: {} });
    await Deno.remove(file);
    equal(status, 0, `${path}\n${code}${stderr}`);
  }
});

Deno.test("every command of the Supabase CLI that a document names is one", async () => {
  const named = new Set(
    DOCUMENTS.flatMap((path) =>
      [...read(path).text.matchAll(/npx supabase ([a-z]+(?: (?!calendar)[a-z]+)?)/g)]
        .map(([, command = ""]) => command)
    ),
  );
  ok(named.size > 5);
  await Promise.all([...named].map(async (command) => {
    const { stdout, stderr } = await supabase([...command.split(" "), "--help"]);
    ok((stdout + stderr).includes(`supabase ${command}`), command);
  }));
});

Deno.test("every target of make that a document names is in the Makefile", () => {
  const makefile = Deno.readTextFileSync(inRepository("Makefile"));
  const targets = new Set([...makefile.matchAll(/^([a-z-]+):/gm)].map(([, name]) => name));
  const named = DOCUMENTS.flatMap((path) =>
    [...read(path).text.matchAll(/(?:^|`)make ([a-z-]+)/gm)].map(([, name]) => name)
  );
  ok(named.length > 5);
  deepEqual(named.filter((name) => !targets.has(name)), []);
});

Deno.test("every block of JSON is JSON", () => {
  const json = inLanguage("json");
  ok(json.length > 2);
  json.forEach(({ code }) => JSON.parse(code));
});

Deno.test("the reference is what the contract says; `make generate` writes it anew", async () => {
  const written = await Deno.readTextFile(REFERENCE);
  ok(written === await reference(written), "docs/reference.md is out of date: make generate");
});

Deno.test("the examples of secrets name only variables that the function reads", () => {
  const names = new Set(contract.variables.map(({ name }) => name));
  const own = new Set(["DATABASE_URL", "STACK_DATA_DIR"]);
  for (const path of [".env.example", "cli/package/env.example"]) {
    const named = namesIn(path);
    ok(named.length > 4);
    deepEqual(named.filter((name) => !names.has(name) && !own.has(name)), [], path);
  }
});

Deno.test("the package's example of secrets has every variable that an operator must set", () => {
  const needed = contract.variables
    .filter(({ given }) => given === "required" || given === "for_provider");
  ok(needed.length > 4);
  const named = namesIn("cli/package/env.example");
  deepEqual(needed.map(({ name }) => name).filter((name) => !named.includes(name)), []);
});

function namesIn(path: string): string[] {
  const text = Deno.readTextFileSync(inRepository(path));
  return [...text.matchAll(/^(?:# )?([A-Z_]+)=/gm)].map(([, name = ""]) => name);
}

Deno.test("the documents speak of the version that is built", () => {
  const manifest = Deno.readTextFileSync(inRepository("Cargo.toml"));
  const version = /^version = "(.+)"$/m.exec(manifest)?.[1];
  const named = DOCUMENTS.flatMap((path) =>
    [...read(path).text.matchAll(/calendar-connect-(\d+\.\d+\.\d+)\.tgz/g)].map(([, each]) => each)
  );
  ok(named.length > 2);
  deepEqual([...new Set(named)], [version]);
  ok(read("CHANGELOG.md").text.includes(`## [${version}] - `));
});

Deno.test("the package's own README lists what it exports", async () => {
  await packageTarball();
  const manifest = inRepository(".cache", "ship", "package", "package.json");
  const { exports } = JSON.parse(await Deno.readTextFile(manifest));
  const listed = [...read("cli/package/README.md").text.matchAll(/^\| `(calendar-connect[^`]*)`/gm)]
    .map(([, name = ""]) => `.${name.slice("calendar-connect".length)}`);
  const offered = Object.keys(exports).filter((name) => name !== "./package.json");
  deepEqual(listed.sort(), offered.sort());
});
