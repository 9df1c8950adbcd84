/**
 * Generated parts of documents: what stands between `<!-- begin NAME -->` and `<!-- end NAME -->`.
 * A generator fills them; a test compares them with what the generator would write.
 */

/** The text with a new body for the section; throws where the document has no such section. */
export function fillSection(text: string, name: string, body: string): string {
  const { before, after } = split(text, name);
  return `${before}\n\n${body.trim()}\n\n${after}`;
}

export function sectionOf(text: string, name: string): string {
  return split(text, name).body.trim();
}

function split(text: string, name: string): { before: string; body: string; after: string } {
  const [begin, end] = [`<!-- begin ${name} -->`, `<!-- end ${name} -->`];
  const [start, stop] = [text.indexOf(begin), text.indexOf(end)];
  if (start < 0 || stop < start) throw new Error(`The document has no section "${name}".`);
  const bodyStart = start + begin.length;
  return {
    before: text.slice(0, bodyStart),
    body: text.slice(bodyStart, stop),
    after: text.slice(stop),
  };
}

/** A Markdown table as `deno fmt` lays it out. */
export function markdownTable(head: readonly string[], rows: readonly string[][]): string {
  const all = [head, ...rows];
  const widths = head.map((_, column) =>
    Math.max(3, ...all.map((row) => row[column]?.length ?? 0))
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n");
}
