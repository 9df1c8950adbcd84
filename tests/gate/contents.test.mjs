// What no committed file may contain. The patterns are put together here, so as not to find themselves.
import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { resolve } from "node:path";
import { test } from "node:test";
import { committed, lines, root, texts } from "./files.mjs";

test("no committed file names a path of the machine it was written on", () => {
  const folders = ["work", "root", "home/[a-z]+", "tmp/tools", "tmp/brief"].join("|");
  const path = new RegExp(`(?<![\\w.@:~}/-])/(?:${folders})/`);
  assert.deepEqual(lines(path), []);
});

test("no committed file holds a stub or a note to do it later", () => {
  const words = [
    "TO" + "DO",
    "FIX" + "ME",
    "XX" + "X",
    "HA" + "CK",
    "un" + "implemented!",
    "to" + "do!",
  ];
  const pattern = new RegExp(`(?<![\\w-])(?:${words.join("|")})(?![\\w-])`);
  // The one note of this kind that is wanted: it marks where dynamic capacity will come in.
  const extensionPoint = ({ path }) => path === "src/capacity.rs";
  assert.deepEqual(lines(pattern, { except: extensionPoint }), []);
});

test("no committed file refers to a plan that its readers do not have", () => {
  const words = [
    "plan" + "'s",
    "product " + "plan",
    "(?:from|in|by) the " + "plan\\b",
    "[Tt]he " + "plan (?:asks|says|has|wants)",
  ];
  // A plan of Postgres is another thing.
  const ofDatabase = ({ path }) => path.startsWith("bench/scale");
  assert.deepEqual(lines(new RegExp(words.join("|")), { except: ofDatabase }), []);
});

test("no test takes a limit from the code that it limits", () => {
  const tests = texts().filter(({ path }) =>
    /^tests\/.+\.rs$|^src\/.*tests(?:\/\w+)?\.rs$/.test(path)
  );
  assert.ok(tests.length > 20);
  assert.deepEqual(lines(/\b[A-Z][A-Z_]*_LIMIT\b/, { among: tests }), []);
});

test("no committed file holds what looks like a live secret", () => {
  const shapes = [
    "-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----",
    "GOCSPX-[\\w-]{20,}", // a Google client secret
    "ya29\\.[\\w-]{20,}", // a Google access token
    "1//0[\\w-]{30,}", // a Google refresh token
    "\\b[\\w~.-]{3}8Q~[\\w~.-]{31,}", // an Entra client secret
    "\\b(?:AKIA|ASIA)[A-Z0-9]{16}\\b",
    "\\bgh[pousr]_\\w{36}",
    "\\bsb_secret_\\w{20,}",
    "\\bsbp_[0-9a-f]{40}",
    "\\beyJ[\\w-]{20,}\\.eyJ[\\w-]{20,}\\.[\\w-]{43,}", // a signed JWT
  ];
  assert.deepEqual(lines(new RegExp(shapes.join("|"))), []);
});

test("nothing that is generated or private is committed", () => {
  const kinds =
    /^(?:pkg|dist|target|\.cache)\/|(?:^|\/)node_modules\/|\.(?:wasm|log|tgz|profraw)$|(?:^|\/)\.env(?!\.example$)/;
  assert.deepEqual(committed().filter((path) => kinds.test(path)), []);
});

test("no committed file is larger than a megabyte", () => {
  const large = committed().filter((path) => statSync(resolve(root, path)).size > 1_000_000);
  assert.deepEqual(large, []);
});

test("source files are at most 400 lines long", () => {
  const source = /\.(?:rs|ts|tsx|mjs|js|sql|sh|css|html)$/;
  const generated = new Set(["supabase/types.ts"]);
  const long = texts()
    .filter(({ path }) => source.test(path) && !generated.has(path))
    .map(({ path, text }) => [path, text.split("\n").length - 1])
    .filter(([, length]) => length > 400);
  assert.deepEqual(long, []);
});

test("text files follow .editorconfig: UTF-8, LF, one newline at the end, no trailing blanks, no tabs", () => {
  const wrong = texts().filter(({ text }) =>
    text.includes("\uFFFD") || text.includes("\r") || (text !== "" && !text.endsWith("\n"))
  ).map(({ path }) => path);
  assert.deepEqual(wrong, []);
  const blanks = texts().filter(({ path }) => path !== "Makefile");
  assert.deepEqual(lines(/[ \t]+$/, { among: texts() }), []);
  assert.deepEqual(lines(/^ *\t/, { among: blanks }), []);
});
