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
  { inputs && sha256sum pkg/*.js pkg/*.wasm; } 2>/dev/null | sha256sum
}

[[ -s pkg/calendar_connect_bg.wasm && "$(cat .cache/pkg.stamp 2>/dev/null)" == "$(stamp)" ]] && exit 0

echo "Building pkg/ (release, a minute or two the first time) ..."
# The same bytes on every machine: no path of this one goes into panic messages.
home=${CARGO_HOME:-$HOME/.cargo}
sysroot=$(rustc --print sysroot)
export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS="--remap-path-prefix=$home/registry/src=crates \
--remap-path-prefix=$sysroot=rust --remap-path-prefix=$PWD=."

# A folder of its own: other builds of the crate have other flags, and cargo would start anew each time.
export CARGO_TARGET_DIR=$PWD/target/pkg
rm -rf .cache/pkg
wasm-pack --log-level warn build --target bundler --release --out-dir .cache/pkg -- --locked
# Comments are for those who read src/wasm and the .d.ts; every isolate would load them with the code.
sed -i -E '/^[[:space:]]*(\/\/|\/\*\*|\*)/d' .cache/pkg/calendar_connect_bg.js .cache/pkg/snippets/*/src/wasm/*.js
rm -rf pkg
mv .cache/pkg pkg
stamp >.cache/pkg.stamp
echo "Built pkg/: Wasm $(wc -c <pkg/calendar_connect_bg.wasm) bytes, $(gzip -9c <pkg/calendar_connect_bg.wasm | wc -c) gzipped"
