/** How to take a defence out, and the test that then fails. */

export interface Edit {
  file: string;
  /** Stands in the file once. */
  find: string;
  replace: string;
}

export interface Mutation {
  /** Begins with the number of its line in SECURITY.md's table, or, at the edges, with its area. */
  name: string;
  /** Several where defences lie behind each other: only without all of them does the attack work. */
  edits: readonly Edit[];
  /** A file of Deno's or, if it ends in `.mjs`, of Node's test runner; or `cargo` for `cargo test`. */
  test: string;
  filter?: string;
  /** Needs the Wasm that can trap. */
  trap?: true;
}

export const SEALED_FOR_ANY_USER: Edit = {
  file: "src/vault.rs",
  find: "place.user.as_str(),",
  replace: '"anybody",',
};

export const SEALED_FOR_ANY_PROVIDER: Edit = {
  file: "src/vault.rs",
  find: "place.provider.as_str(),",
  replace: '"any provider",',
};
