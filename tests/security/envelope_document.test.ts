/**
 * docs/architecture.md describes the envelope completely: a Python script that was written from it opens
 * the document's vectors, and values that the Wasm has just sealed.
 */
import { deepEqual, equal, match } from "node:assert/strict";
import { encryptToken, type TokenPlace } from "../../pkg/calendar_connect.js";
import { read, table } from "../support/markdown.ts";
import { runPython } from "../support/python.ts";

interface Sealed {
  key: string;
  envelope: string;
  purpose: string;
  user: string;
  provider: string;
  account: string | null;
  state_hash: string | null;
}

interface Opened {
  plaintext: string | null;
  associated_data: string;
}

const document = read("docs/architecture.md");
const [, key = "", user = ""] =
  /The master key is `([^`]+)`, the user is\s+`([^`]+)`/.exec(document.text) ?? [];

const vectors = table(document, "The envelope").map((
  [purpose = "", provider = "", account = "", hash = "", plaintext = "", envelope = ""],
) => ({
  plaintext,
  sealed: { key, user, purpose, provider, envelope, account, state_hash: hash || null },
}));

async function open(values: Sealed[]): Promise<Opened[]> {
  return await runPython("security", "open_envelope.py", values) as Opened[];
}

Deno.test("the document's vectors open, and have the associated data that it shows", async () => {
  deepEqual(
    vectors.map(({ sealed }) => `${sealed.purpose} ${sealed.account ? "with" : "without"} account`),
    [
      "refresh_token without account",
      "refresh_token with account",
      "access_token with account",
      "code_verifier without account",
    ],
  );
  const opened = await open(vectors.map(({ sealed }) => sealed));
  deepEqual(opened.map(({ plaintext }) => plaintext), vectors.map(({ plaintext }) => plaintext));
  const [, shown = ""] = /in hexadecimal:\n\n```text\n([0-9a-f\n]+)```/.exec(document.text) ?? [];
  equal(opened[0]?.associated_data, shown.replaceAll("\n", ""));
});

Deno.test("they are the vectors that the crate seals itself", async () => {
  const file = await Deno.readTextFile(new URL("../../src/vault/envelope_v1.txt", import.meta.url));
  const ofCrate = file.trim().split("\n").map((line) =>
    line.split(" ").map((field) => field === "-" ? "" : field)
  );
  deepEqual(table(document, "The envelope"), ofCrate);
});

Deno.test("a token that the Wasm seals opens by the document, in its place only", async () => {
  const place: TokenPlace = {
    key: crypto.getRandomValues(new Uint8Array(32)).toBase64(),
    userId: crypto.randomUUID(),
    provider: "google",
    accountId: "an-account",
    purpose: "access_token",
  };
  const sealed: Sealed = {
    key: place.key,
    envelope: encryptToken("a token: \u{1F512}", place),
    purpose: place.purpose,
    user: place.userId,
    provider: place.provider,
    account: "an-account",
    state_hash: null,
  };
  const [, kid = "", payload = ""] = sealed.envelope.split(".");
  match(kid, /^[0-9a-f]{8}$/);
  const opened = await open([
    sealed,
    { ...sealed, purpose: "refresh_token" },
    { ...sealed, user: crypto.randomUUID() },
    { ...sealed, provider: "outlook" },
    { ...sealed, account: "another-account" },
    { ...sealed, account: null },
    { ...sealed, envelope: `v1.${kid}.${payload.startsWith("A") ? "B" : "A"}${payload.slice(1)}` },
  ]);
  deepEqual(opened.map(({ plaintext }) => plaintext), [
    "a token: \u{1F512}",
    ...Array(6).fill(null),
  ]);
});
