#!/usr/bin/env bash
# Builds pkg/ (the Wasm package) when something it is made of changed, judged by content.
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p .cache
exec 9>.cache/build.lock
flock 9

inputs() {
  find src -type f -print0 | sort -z | xargs -0 sha256sum
  find . -maxdepth 2 \( -path ./Cargo.toml -o -path ./Cargo.lock -o -path ./build.rs \
    -o -path ./.cargo/config.toml -o -path ./rust-toolchain.toml -o -path ./scripts/pins.mk \
    -o -path ./scripts/build.sh \) -print0 | sort -z | xargs -0 sha256sum
}

# What went in and what came out: a pkg/ that somebody built otherwise is not taken for ours.
stamp() {
  { inputs && sha256sum pkg/*.js pkg/*.wasm pkg/sync/*.js pkg/sync/*.wasm; } 2>/dev/null | sha256sum
}

[[ -s pkg/sync/calendar_connect_bg.wasm && "$(cat .cache/pkg.stamp 2>/dev/null)" == "$(stamp)" ]] && exit 0

# The same bytes on every machine: no path of this one goes into panic messages.
home=${CARGO_HOME:-$HOME/.cargo}
sysroot=$(rustc --print sysroot)
export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS="--remap-path-prefix=$home/registry/src=crates \
--remap-path-prefix=$sysroot=rust --remap-path-prefix=$PWD=."

# A folder of its own: other builds of the crate have other flags, and cargo would start anew each time.
export CARGO_TARGET_DIR=$PWD/target/pkg

# One function's package: the Cargo feature that holds it, and where it goes.
package() {
  local feature=$1 out=$2
  echo "Building ${out#.cache/}/ (release, a minute or two the first time) ..."
  wasm-pack --log-level warn build --target bundler --release --out-dir "$out" -- \
    --locked --no-default-features --features "$feature"
  # Comments are for those who read src/wasm and the .d.ts; every isolate would load them with the code.
  sed -i -E '/^[[:space:]]*(\/\/|\/\*\*|\*)/d' "$out"/calendar_connect_bg.js "$out"/snippets/*/src/wasm/*.js
  local wasm=$out/calendar_connect_bg.wasm
  echo "Built ${out#.cache/}/: Wasm $(wc -c <"$wasm") bytes, $(gzip -9c <"$wasm" | wc -c) gzipped"
}

rm -rf .cache/pkg .cache/pkg-sync
package calendar .cache/pkg
package sync .cache/pkg-sync
rm -rf pkg
mv .cache/pkg pkg
mv .cache/pkg-sync pkg/sync
stamp >.cache/pkg.stamp
