// @ts-check
/**
 * Partial answers: `fields=nextPageToken,items(id,summary)` or `items/id`.
 * Source: https://developers.google.com/workspace/calendar/api/guides/performance#partial-response
 */

/** @typedef {Map<string, Tree>} Tree a member without members of its own stands for all below it */

/**
 * What the text selects, or undefined where it cannot be read.
 * @param {string} text
 * @returns {Tree | undefined}
 */
export function parseFields(text) {
  const parser = { text, at: 0 };
  const tree = list(parser);
  return tree && parser.at === text.length ? tree : undefined;
}

/**
 * @param {{ text: string, at: number }} parser
 * @returns {Tree | undefined}
 */
function list(parser) {
  /** @type {Tree} */
  const tree = new Map();
  do {
    const path = /^(?:\*|[\w-]+)(?:\/(?:\*|[\w-]+))*/.exec(parser.text.slice(parser.at))?.[0];
    if (path === undefined) return undefined;
    parser.at += path.length;
    let below = tree;
    for (const name of path.split("/")) {
      const next = below.get(name) ?? new Map();
      below.set(name, next);
      below = next;
    }
    if (parser.text[parser.at] === "(") {
      parser.at++;
      const members = list(parser);
      if (!members || parser.text[parser.at] !== ")") return undefined;
      parser.at++;
      for (const [name, each] of members) below.set(name, each);
    }
  } while (parser.text[parser.at] === "," && ++parser.at);
  return tree;
}

/**
 * @param {unknown} value
 * @param {Tree} tree
 * @returns {unknown}
 */
export function select(value, tree) {
  if (tree.size === 0) return value;
  if (Array.isArray(value)) return value.map((each) => select(each, tree));
  if (typeof value !== "object" || value === null) return value;
  const chosen = Object.entries(value).flatMap(([name, member]) => {
    const below = tree.get(name) ?? tree.get("*");
    return below ? [[name, select(member, below)]] : [];
  });
  return Object.fromEntries(chosen);
}
