/** Sentences and figures of the documents that a test must see when they are wrong. */
import type { Mutation } from "./mutation.ts";

interface Fault {
  name: string;
  file: string;
  find: string;
  replace: string;
  test: string;
  filter?: string;
}

const documents = "tests/ship/docs.test.ts";

const templates = "tests/templates/templates.test.ts";

const faults: Fault[] = [
  {
    name: "a link leads somewhere",
    file: "README.md",
    find: "[Guide](docs/guide.md)",
    replace: "[Guide](docs/guides.md)",
    test: documents,
    filter: "README.md: every link",
  },
  {
    name: "a link to a heading leads to one",
    file: "README.md",
    find: "docs/guide.md#check-it-by-hand",
    replace: "docs/guide.md#check-by-hand",
    test: documents,
    filter: "README.md: every link",
  },
  {
    name: "a target of make exists",
    file: "README.md",
    find: "make start\nmake test\n",
    replace: "make run\nmake test\n",
    test: documents,
    filter: "target of make",
  },
  {
    name: "a command of the Supabase CLI exists",
    file: "docs/guide.md",
    find: "npx supabase link --project-ref",
    replace: "npx supabase connect --project-ref",
    test: documents,
    filter: "command of the Supabase CLI",
  },
  {
    name: "the package is named by its version",
    file: "README.md",
    find: "calendar-connect-0.1.0.tgz",
    replace: "calendar-connect-0.2.0.tgz",
    test: documents,
    filter: "the version that is built",
  },
  {
    name: "the reference has every variable",
    file: "docs/reference.md",
    find: "| `CALENDAR_RETIRED_ENCRYPTION_KEYS`",
    replace: "| `CALENDAR_FORMER_ENCRYPTION_KEYS`",
    test: documents,
    filter: "the reference is",
  },
  {
    name: "the package's README lists what it exports",
    file: "cli/package/README.md",
    find: "| `calendar-connect/head.js`",
    replace: "| `calendar-connect/header.js`",
    test: documents,
    filter: "lists what it exports",
  },
  {
    name: "OpenAPI has the status of every code",
    file: "docs/openapi.yaml",
    find: "enum: [access_denied, insufficient_scope]",
    replace: "enum: [access_denied]",
    test: "tests/ship/openapi.test.ts",
    filter: "codes of the contract",
  },
  {
    name: "a query of the log answers its question",
    file: "docs/observability.md",
    find: "countIf(not JSONHas(event_message, 'code')) as succeeded",
    replace: "countIf(JSONHas(event_message, 'code')) as succeeded",
    test: "tests/ship/observability.test.ts",
    filter: "how many connections",
  },
  {
    name: "the envelope's vectors are right",
    file: "docs/architecture.md",
    find: "GwRPhKtw8qUCRCq8HkUz2y8fYc-sNPXPlslsensMUNQ1_frQLcs",
    replace: "GwRPhKtw8qUCRCq8HkUz2y8fYc-sNPXPlslsensMUNQ1_frQLcw",
    test: "tests/security/envelope_document.test.ts",
  },
  {
    name: "every folder is on the map",
    file: "docs/architecture.md",
    find: "| `tests/edge/`",
    replace: "| `tests/edges/`",
    test: "tests/gate/documents.test.mjs",
  },
  {
    name: "SECURITY.md names files that exist",
    file: "SECURITY.md",
    find: "`cookies.test.ts`, `malformed.test.ts`; `tests/edge/callers.test.ts`",
    replace: "`cookie.test.ts`, `malformed.test.ts`; `tests/edge/callers.test.ts`",
    test: "tests/security/document.test.ts",
    filter: "every file",
  },
  {
    name: "the figures of the long runs are those of the results",
    file: "SECURITY.md",
    find: "<!-- begin attack -->\n",
    replace: "<!-- begin attack -->\n\nEverything was run with 20,000 flows.\n",
    test: "tests/security/results.test.ts",
  },
  {
    name: "the figures of speed are those of the results",
    file: "README.md",
    find: "<!-- begin speed -->\n",
    replace: "<!-- begin speed -->\n\nA request costs nothing.\n",
    test: "bench/document.test.ts",
  },
  {
    name: "what has to be installed is named",
    file: "README.md",
    find: "npm install @supabase/supabase-js lit",
    replace: "npm install @supabase/supabase-js",
    test: templates,
    filter: "the documents name",
  },
  {
    name: "the first example waits for a click",
    file: "README.md",
    find: 'document.querySelector("#connect-google")?.addEventListener("click", () => {\n' +
      '  calendar.connect("google").catch((error) => console.log(error.message));\n});',
    replace:
      '// #connect-google\ncalendar.connect("google").catch((error) => console.log(error.message));',
    test: templates,
    filter: "leaves a visitor alone",
  },
  {
    name: "an example misuses nothing",
    file: "docs/client.md",
    find: ".select(CONNECTION_COLUMNS)",
    replace: ".select(CONNECTION_COLUMN)",
    test: templates,
    filter: "every TypeScript block",
  },
  {
    name: "head.js comes before other scripts",
    file: "docs/client.md",
    find:
      '  <script src="/calendar-connect/head.js"></script>\n  <script src="/analytics.js"></script>',
    replace:
      '  <script src="/analytics.js"></script>\n  <script src="/calendar-connect/head.js"></script>',
    test: templates,
    filter: "the pages of HTML",
  },
];

export const ofDocuments: readonly Mutation[] = faults.map(
  ({ name, file, find, replace, test, filter }) => ({
    name: `documents: ${name}`,
    edits: [{ file, find, replace }],
    test,
    ...(filter === undefined ? {} : { filter }),
  }),
);
