// The documents agree with the repository: every folder is on the map, and the README stays short.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { test } from "node:test";
import { committed, read, root } from "./files.mjs";

const [, map = ""] = read("docs/architecture.md").split("\n## Where things are\n");
const named = [...map.split(/^## /m)[0].matchAll(/`([\w./-]+)`/g)].map(([, path]) => path);

/** Folders whose own folders have a purpose of their own each. */
const OPEN = [
  "src",
  "app",
  "cli",
  "dev",
  "tests",
  "supabase",
  "bench",
  "examples",
  "crates",
  "docs",
];

test("every folder is on the map of docs/architecture.md", () => {
  const folders = new Set(
    committed().flatMap((path) => {
      const [top, second, ...rest] = path.split("/");
      if (second === undefined || top.startsWith(".")) return [];
      return [`${top}/`, ...(OPEN.includes(top) && rest.length > 0 ? [`${top}/${second}/`] : [])];
    }),
  );
  assert.ok(folders.size > 30);
  assert.deepEqual([...folders].filter((folder) => !named.includes(folder)), []);
});

test("everything on the map exists", () => {
  assert.ok(named.length > 30);
  const paths = named.filter((path) => path.includes("/") || path.endsWith(".rs"));
  assert.deepEqual(paths.filter((path) => !existsSync(resolve(root, path))), []);
});

test("the README has fewer than 200 lines", () => {
  assert.ok(read("README.md").split("\n").length <= 200);
});
