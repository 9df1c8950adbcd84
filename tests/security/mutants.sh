#!/usr/bin/env bash
# Mutation testing of what guards: vault, oauth, session and flow, by cargo-mutants. `make mutants`; a quarter of an hour.
# Survivors are explained in tests/security/mutants.md, which gets the figures of a whole run. It works in a copy of the
# last commit, so that nobody's work is touched.
set -euo pipefail
cd "$(dirname "$0")/../.."
out=${MUTANTS_OUT:-$PWD/.cache/mutants}
repository=$PWD
tree=$out/tree
rm -rf "$tree"
mkdir -p "$tree"
git archive HEAD | tar --extract --touch --directory "$tree"
cd "$tree"
export CARGO_TARGET_DIR=${MUTANTS_TARGET:-$out/target}
files=("${@:-src/vault.rs src/session.rs src/user.rs src/oauth/*.rs src/oauth/token/refresh.rs src/flow.rs src/flow/failure.rs}")
arguments=()
for file in ${files[*]}; do arguments+=(--file "$file"); done
# Exit code 2: mutants survived; they are explained, or a test says that they are not.
cargo mutants --in-place --no-shuffle --timeout 120 --output "$out" "${arguments[@]}" -- --lib --test properties ||
  [[ $? == 2 ]]
if [[ $# == 0 ]]; then
  cd "$repository"
  deno run -A tests/security/results.ts mutants "$out/mutants.out/outcomes.json"
fi
