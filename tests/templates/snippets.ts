/** The code of the documents, and where it belongs in an app. */
import { type Block, blocks, DOCUMENTS, read } from "../support/markdown.ts";

/** A block that begins with the comment `// NAME` is the file of that name. */
const FILE_NAME = /^\/\/ ([\w.-]+\.ts)\n/;

/** What is shown there runs in Node, in the tests of an app. */
const OF_TESTS = "docs/testing.md";

const everything = DOCUMENTS.flatMap((path) => blocks(read(path)));

const all = everything.filter(({ path }) => path !== OF_TESTS);

export const ofTests: readonly string[] = everything
  .filter(({ path, language }) => path === OF_TESTS && language === "ts").map(({ code }) => code);

/** The files that the documents give a name. */
export const files: Record<string, string> = Object.fromEntries(
  all.flatMap(({ code }) => {
    const [, name] = FILE_NAME.exec(code) ?? [];
    return name === undefined ? [] : [[name, code]];
  }),
);

/** Every other block in one of these languages, each text once. */
export function snippets(...languages: string[]): string[] {
  const chosen = all.filter(({ language, code }) =>
    languages.includes(language) && !FILE_NAME.test(code)
  );
  return [...new Set(chosen.map(({ code }) => code))];
}

/** The blocks of shell below a heading of a document. */
export function shell(path: string, heading: string): string[] {
  const { text } = read(path);
  const [, after = ""] = text.split(new RegExp(`^#+ ${heading}\n`, "m"));
  const [section = ""] = after.split(/^#/m);
  return blocks({ path, text: section })
    .filter(({ language }: Block) => language === "sh").map(({ code }) => code);
}
