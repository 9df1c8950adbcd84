// The suites of `make test`, cheapest first: what it runs, what `make` must have made before,
// how many minutes it may take, and whether its closing line must show tests that ran.

/**
 * @typedef {object} Suite
 * @property {string} name
 * @property {string} about
 * @property {string} command
 * @property {string[]} needs targets of the Makefile
 * @property {number} minutes
 * @property {boolean} [tests] it closes with the number of tests that ran
 * @property {string[]} [covers] where its test files are; none may belong to no suite
 * @property {Record<string, string>} [env]
 */

/** @type {Suite[]} */
export const suites = [
  {
    name: "gate",
    about: "the repository itself: versions agree, nothing private or generated is committed",
    command: "node --test --test-reporter=spec tests/gate/*.test.mjs",
    needs: [],
    minutes: 1,
    tests: true,
    covers: ["tests/gate/"],
  },
  {
    name: "format",
    about: "rustfmt and deno fmt",
    command: [
      "cargo fmt --check",
      "cargo fmt --check --manifest-path bench/native/Cargo.toml",
      "deno fmt --check",
    ].join(" && "),
    needs: ["toolchain", "packages"],
    minutes: 2,
  },
  {
    name: "typescript",
    about: "deno lint and deno check",
    command: "deno lint && deno check --quiet .",
    needs: ["build"],
    minutes: 3,
  },
  {
    name: "clippy",
    about: "clippy without warnings, native and Wasm, all targets and features",
    command: [
      "cargo clippy --locked --all-targets --all-features -- -D warnings",
      "cargo clippy --locked --all-targets --all-features --target wasm32-unknown-unknown -- -D warnings",
      "cargo clippy --locked --all-targets --manifest-path bench/native/Cargo.toml -- -D warnings",
    ].join(" && "),
    needs: ["toolchain"],
    minutes: 6,
  },
  {
    name: "dependencies",
    about: "licences, bans and sources of every dependency, offline",
    command: [
      "cargo fetch --locked",
      "cargo deny --offline --log-level error check licenses bans sources",
      "node scripts/dependencies.mjs",
    ].join(" && "),
    needs: ["toolchain", "packages", "cargo-deny"],
    minutes: 2,
  },
  {
    name: "rust",
    about: "native unit and property tests, and vectors: a core that knows no JS",
    command: "cargo test --locked",
    needs: ["toolchain"],
    minutes: 8,
    tests: true,
    covers: ["tests/properties.rs", "tests/vectors.rs"],
  },
  {
    name: "worker",
    about: "the worker's own unit tests, and 500 simulated months in which everything goes wrong",
    command: [
      "cargo test --locked --features sync --lib -- --skip simulation sync:: reading:: minutes::",
      "cargo test --locked --features sync --lib --profile simulation -- simulation",
    ].join(" && "),
    needs: ["toolchain"],
    minutes: 8,
    tests: true,
  },
  {
    name: "chromium",
    about: "the Wasm and the vectors in headless Chromium, by wasm-bindgen-test",
    command: "scripts/browsers.sh chrome",
    needs: ["toolchain", "packages", "wasm-tools", "browsers"],
    minutes: 6,
    tests: true,
    covers: ["tests/browser"],
  },
  {
    name: "firefox",
    about: "the Wasm and the vectors in headless Firefox, by wasm-bindgen-test",
    command: "scripts/browsers.sh firefox",
    needs: ["toolchain", "packages", "wasm-tools", "geckodriver", "browsers"],
    minutes: 4,
    tests: true,
  },
  {
    name: "sync",
    about: "the worker's Wasm by itself: exports, routes, and whose key it uses for what",
    command: "deno test -A --no-check tests/sync",
    needs: ["build"],
    minutes: 1,
    tests: true,
    covers: ["tests/sync/"],
  },
  {
    name: "size",
    about:
      "the Wasm and its JS are no larger than allowed; figures in documents are the measured ones",
    command: "deno test -A --no-check bench",
    needs: ["build"],
    minutes: 1,
    tests: true,
    covers: ["bench/"],
  },
  {
    name: "database",
    about: "migrations, pgTAP, row-level security and concurrency on Postgres 15, 18 and PGlite",
    command: "deno run -A tests/database/run.ts",
    needs: ["packages", "database"],
    minutes: 12,
    tests: true,
    covers: ["tests/database/", "supabase/tests/"],
  },
  {
    name: "providers",
    about: "the authorization servers that the other tests rely on are as strict as they claim",
    command: "deno test -A --no-check --parallel tests/providers",
    needs: ["packages"],
    minutes: 3,
    tests: true,
    covers: ["tests/providers/"],
  },
  {
    name: "emulator",
    about: "Google and Microsoft as apps test against them: routes, strictness, faults, scenarios",
    command: "deno test -A --no-check --parallel tests/emulator",
    needs: ["packages"],
    minutes: 3,
    tests: true,
    covers: ["tests/emulator/"],
  },
  {
    name: "dev",
    about: "the local stack: it starts, answers, and leaves nothing behind",
    command: "deno test -A --no-check tests/dev",
    needs: ["build"],
    minutes: 5,
    tests: true,
    covers: ["tests/dev/"],
  },
  {
    name: "client",
    about: "the browser client and element, without a browser",
    command: "deno test -A --no-check app",
    needs: ["packages"],
    minutes: 2,
    tests: true,
    covers: ["app/"],
  },
  ...[
    { name: "edge-2.1.4", deno: "2.1.4", postgres: "18", served: "platform" },
    { name: "edge-current", deno: "current", postgres: "15", served: "platform" },
    { name: "edge-serve", deno: "2.1.4", postgres: "18", served: "kong" },
  ].map(({ name, deno, postgres, served }) => ({
    name,
    about: `the function on Deno ${deno} over Postgres ${postgres}, with ${
      served === "kong" ? "the variables of `supabase functions serve`" : "the platform's variables"
    }`,
    command: "deno test -A --no-check --parallel tests/edge",
    needs: ["build"],
    minutes: 6,
    tests: true,
    covers: ["tests/edge/"],
    env: { EDGE_DENO: deno, EDGE_POSTGRES: postgres, EDGE_SERVED_AS: served },
  })),
  {
    name: "e2e",
    about:
      "a person in Chromium: connect, consent, return, disconnect, and every state of the element",
    command: "deno test -A --no-check tests/e2e",
    needs: ["build", "browsers"],
    minutes: 12,
    tests: true,
    covers: ["tests/e2e/"],
  },
  {
    name: "nextjs",
    about:
      "the Next.js example: it type-checks, and connects in one step under the app's own domain",
    command: "deno test -A --no-check tests/nextjs",
    needs: ["build", "browsers"],
    minutes: 5,
    tests: true,
    covers: ["tests/nextjs/"],
  },
  {
    name: "templates",
    about: "the documents' code in the templates of create-vite and create-next-app (needs npm)",
    command: "deno test -A --no-check tests/templates",
    needs: ["build", "browsers"],
    minutes: 10,
    tests: true,
    covers: ["tests/templates/"],
  },
  {
    name: "security",
    about: "the attacks and faults of the security checklist",
    command: "deno test -A --no-check --parallel tests/security",
    needs: ["build", "trap", "shipping"],
    minutes: 10,
    tests: true,
    covers: ["tests/security/"],
  },
  {
    name: "ship",
    about: "the real Supabase CLI: deploy, migrations, lints, types",
    command: "deno test -A --no-check tests/ship",
    needs: ["build", "database", "shipping"],
    minutes: 10,
    tests: true,
    covers: ["tests/ship/"],
  },
];
