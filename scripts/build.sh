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

wanted=$(inputs | sha256sum | cut -d' ' -f1)
if [[ -s pkg/calendar_connect_bg.wasm && "$(cat .cache/pkg.stamp 2>/dev/null)" == "$wanted" ]]; then
  exit 0
fi

echo "Building pkg/ (release, a minute or two the first time) ..."
# The same bytes on every machine: no path of this one goes into panic messages.
home=${CARGO_HOME:-$HOME/.cargo}
sysroot=$(rustc --print sysroot)
export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS="--remap-path-prefix=$home/registry/src=crates \
--remap-path-prefix=$sysroot=rust --remap-path-prefix=$PWD=."

rm -rf .cache/pkg
wasm-pack --log-level warn build --target bundler --release --out-dir .cache/pkg -- --locked
rm -rf pkg
mv .cache/pkg pkg
echo "$wanted" >.cache/pkg.stamp
echo "Built pkg/: Wasm $(wc -c <pkg/calendar_connect_bg.wasm) bytes, $(gzip -9c pkg/calendar_connect_bg.wasm | wc -c) gzipped"
