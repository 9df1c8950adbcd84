#!/usr/bin/env bash
# Builds .cache/pkg-trap, the Wasm with the test-only feature that can trap, when what it is made of changed.
# Never in pkg/, never shipped. Needs wasm-pack and wasm-bindgen on PATH, as the Makefile puts them there.
set -euo pipefail
cd "$(dirname "$0")/../.."
mkdir -p .cache

inputs() {
  find src Cargo.toml Cargo.lock rust-toolchain.toml tests/security/build_trap.sh -type f -print0 |
    sort -z | xargs -0 sha256sum
}

wanted=$(inputs | sha256sum | cut -d' ' -f1)
if [[ -s .cache/pkg-trap/calendar_connect_bg.wasm && "$(cat .cache/pkg-trap.stamp 2>/dev/null)" == "$wanted" ]]; then
  exit 0
fi
echo "Building .cache/pkg-trap, the Wasm that can trap (development profile) ..."
rm -rf .cache/pkg-trap
wasm-pack --log-level warn build --target bundler --dev --no-opt --out-dir .cache/pkg-trap -- --locked --features trap
echo "$wanted" >.cache/pkg-trap.stamp
