/** The watch for leaks sees one in every form, so that its silence means something. */
import { deepEqual, equal } from "node:assert/strict";
import { newCanary, Watch } from "./canaries.ts";

const canary = newCanary("token");
const watch = new Watch({ canary });
const utf8 = new TextEncoder();

const DISGUISES: [what: string, disguise: (text: string) => string][] = [
  ["as it is", (text) => text],
  ["in JSON in JSON", (text) => JSON.stringify(JSON.stringify({ text }))],
  ["in a query", (text) => new URLSearchParams({ text }).toString()],
  ["in lower case", (text) => text.toLowerCase()],
  ["in hex", (text) => utf8.encode(text).toHex()],
  ["in base64", (text) => btoa(text)],
  ["in base64, behind one byte", (text) => btoa(`x${text}`)],
  ["in base64, behind two bytes", (text) => btoa(`xx${text}`)],
  [
    "in base64url, between others",
    (text) =>
      utf8.encode(`\xff\xfe${text}\xff`).toBase64({ alphabet: "base64url", omitPadding: true }),
  ],
  [
    "percent-encoded",
    (text) => [...utf8.encode(text)].map((byte) => `%${byte.toString(16).toUpperCase()}`).join(""),
  ],
  [
    "as JSON escapes",
    (text) => [...text].map((one) => `\\u00${one.charCodeAt(0).toString(16)}`).join(""),
  ],
  ["as a list of bytes", (text) => JSON.stringify([...utf8.encode(text)])],
];

for (const [what, disguise] of DISGUISES) {
  Deno.test(`line 19: a secret ${what} is seen`, () => {
    const leaks = watch.leaksIn([`before ${disguise(canary)} after`]);
    equal(leaks.length > 0, true, disguise(canary));
  });
}

Deno.test("line 19: another text is not taken for a leak", () => {
  deepEqual(watch.leaksIn([newCanary("token"), btoa(newCanary("token")), "token", ""]), []);
});
