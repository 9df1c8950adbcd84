/** Just enough of Markdown to test documents: links, headings, code blocks, tables. */
import { inRepository } from "../../dev/paths.ts";

export interface Document {
  path: string;
  text: string;
}

export interface Block {
  path: string;
  language: string;
  code: string;
}

/** Everything that a reader of the repository is led to. */
export const DOCUMENTS = [
  "README.md",
  "CONTRIBUTING.md",
  "CHANGELOG.md",
  "SECURITY.md",
  "cli/package/README.md",
  "examples/nextjs/README.md",
  ...[...Deno.readDirSync(inRepository("docs"))].map(({ name }) => `docs/${name}`)
    .filter((path) => path.endsWith(".md")).sort(),
];

export function read(path: string): Document {
  return { path, text: Deno.readTextFileSync(inRepository(path)) };
}

const FENCE = /^( *)```(\w*)[^\n]*\n([\s\S]*?)^ *```$/gm;

export function blocks({ path, text }: Document): Block[] {
  return [...text.matchAll(FENCE)]
    .map(([, , language = "", code = ""]) => ({ path, language, code }));
}

export function links({ text }: Document): string[] {
  const prose = text.replaceAll(FENCE, "").replaceAll(/`[^`\n]*`/g, "");
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target);
}

/** As GitHub makes them. */
export function anchors({ text }: Document): string[] {
  return [...text.replaceAll(FENCE, "").matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = ""]) =>
    heading.toLowerCase().replaceAll(/[^\p{L}\p{N}\s_-]/gu, "").trim().replaceAll(" ", "-")
  );
}

/** The rows of a table below a heading, the first unless told: cells without their backticks. */
export function table(document: Document, heading: string, index = 0): string[][] {
  const [, after = ""] = document.text.split(`\n## ${heading}\n`);
  const [section = ""] = after.split(/^## /m);
  const found = [...section.matchAll(/^(?:\|.*\n)+/gm)][index]?.[0] ?? "";
  return found.trim().split("\n").slice(2).map((line) =>
    line.replace(/^\|/, "").split(/(?<!\\)\|/).slice(0, -1)
      .map((cell) => cell.trim().replaceAll("`", ""))
  );
}
