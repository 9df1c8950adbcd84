/** The tables of docs/reference.md, which the tests compare with the function. */

/** The rows of the table whose first head cell is this, without the head; code marks taken off. */
export function referenceTable(head: string): string[][] {
  const text = Deno.readTextFileSync(new URL("../../docs/reference.md", import.meta.url));
  const lines = text.split("\n").map(cells);
  const start = lines.findIndex(([first]) => first === head);
  if (start < 0) throw new Error(`docs/reference.md has no table that begins with "${head}"`);
  const rows = lines.slice(start + 2);
  const end = rows.findIndex(({ length }) => length === 0);
  return end < 0 ? rows : rows.slice(0, end);
}

function cells(line: string): string[] {
  if (!line.startsWith("|")) return [];
  return line.slice(1, -1).split("|").map((cell) => cell.trim().replace(/^`(.*)`$/, "$1"));
}
