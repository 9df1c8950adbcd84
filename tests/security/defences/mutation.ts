/** How to take a defence out, and the test that then fails. */

export interface Edit {
  file: string;
  /** Stands in the file once. */
  find: string;
  replace: string;
}

export interface Mutation {
  /** The checklist's line first. */
  name: string;
  /** Several where defences lie behind each other: only without all of them does the attack work. */
  edits: readonly Edit[];
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
