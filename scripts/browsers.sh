#!/usr/bin/env bash
# browsers.sh chrome|firefox: the wasm-bindgen tests (tests/browser.rs, tests/vectors.rs) in that browser, headless.
set -euo pipefail
cd "$(dirname "$0")/.."
# The tests share one page and start seconds after the first compilation.
export WASM_BINDGEN_TEST_TIMEOUT=${WASM_BINDGEN_TEST_TIMEOUT:-300}
case $1 in
  chrome) driver=chromedriver ;;
  firefox) driver=geckodriver ;;
esac
# The drivers keep profiles under TMPDIR and do not always remove them.
TMPDIR=$(mktemp -d)
export TMPDIR
trap 'rm -rf "$TMPDIR"' EXIT
# The binary that writes the contract and the tests then share one build of the library; with the profile's `abort` they
# would be two of the same name. On this target every panic aborts, whatever the profile says.
export CARGO_PROFILE_RELEASE_PANIC=unwind
# --release: optimised as the Wasm that ships, since it is the compiler's work that the vectors judge.
wasm-pack test --release --headless "--$1" "--${driver}" "$(command -v "$driver")" -- --locked --test browser --test vectors
