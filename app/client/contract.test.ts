/** What the client and the panel know of the function is what the crate says in contract.json. */
import assert from "node:assert/strict";
import { contract } from "../../tests/support/contract.ts";
import { CONSENT_PAGES } from "../element/consent.ts";
import { ENGLISH } from "../element/texts.ts";
import {
  ACCOUNT_CLASSES,
  CONNECTION_COLUMNS,
  CONNECTION_STATUSES,
  PROVIDERS,
  REASONS,
  SERVICE_ERROR_CODES,
} from "./contract.ts";

const names = (entries: { name: string }[]) => entries.map(({ name }) => name).sort();

Deno.test("providers, statuses, reasons and codes are the function's", () => {
  assert.deepEqual([...PROVIDERS].sort(), names(contract.providers));
  assert.deepEqual([...CONNECTION_STATUSES].sort(), names(contract.statuses));
  assert.deepEqual([...REASONS].sort(), names(contract.reasons));
  assert.deepEqual([...SERVICE_ERROR_CODES].sort(), names(contract.codes));
});

Deno.test("the columns are the function's", () => {
  assert.deepEqual(CONNECTION_COLUMNS.split(",").sort(), names(contract.columns));
});

Deno.test("each status and each reason has words, and each reason to reconnect says so", () => {
  for (const { name } of contract.statuses) assert(`status.${name}` in ENGLISH, name);
  const texts: Record<string, string> = ENGLISH;
  for (const { name, needs_reconnect } of contract.reasons) {
    assert(texts[`reason.${name}`], name);
    if (needs_reconnect) assert.match(texts[`reason.${name}`]!, /Reconnect/, name);
  }
});

Deno.test("the pages where consent is withdrawn are the function's, for each class of account", () => {
  const classes = contract.providers.flatMap(({ account_classes }) => account_classes);
  assert.deepEqual(names(classes), [...ACCOUNT_CLASSES].sort());
  for (const provider of contract.providers) {
    const pages: Record<string, string | undefined> = provider.manage_url_of_class;
    for (const { name: accountClass } of provider.account_classes) {
      const page = CONSENT_PAGES.find((each) =>
        each.provider === provider.name && each.classes.includes(accountClass)
      );
      assert.equal(page?.href, pages[accountClass] ?? provider.manage_url, accountClass);
    }
  }
});
