#!/usr/bin/env bash
# The Rust toolchain: `name` prints which one to use, `install` makes it complete.
set -euo pipefail
cd "$(dirname "$0")/.."
wanted=$(sed -n 's/^channel = "\(.*\)"$/\1/p' rust-toolchain.toml)

# A machine may have the pinned version under another name ("stable") and be unable to install more.
name() {
  command -v rustup >/dev/null || { echo "$wanted"; return; }
  local toolchain
  for toolchain in "$wanted" $(rustup toolchain list 2>/dev/null | awk '{ print $1 }'); do
    if [[ "$(installed "$toolchain")" == "$wanted" ]]; then
      echo "$toolchain"
      return
    fi
  done
  echo "$wanted"
}

installed() {
  RUSTUP_AUTO_INSTALL=0 rustup run "$1" rustc --version 2>/dev/null | awk '{ print $2 }'
}

install() {
  command -v rustup >/dev/null || {
    echo "rustup is missing: install it from https://rustup.rs (or Debian's package rustup) and open a new shell." >&2
    exit 1
  }
  local toolchain present
  toolchain=$(name)
  if [[ "$(installed "$toolchain")" != "$wanted" ]]; then
    echo "Installing Rust $wanted by rustup (a minute or two) ..."
    rustup toolchain install "$wanted" --profile minimal --no-self-update
  fi
  present=$(rustup component list --toolchain "$toolchain" --installed)
  for component in rustfmt clippy; do
    grep -q "^$component" <<<"$present" || rustup component add --toolchain "$toolchain" "$component"
  done
  grep -q '^rust-std-wasm32-unknown-unknown' <<<"$present" ||
    rustup target add --toolchain "$toolchain" wasm32-unknown-unknown
}

"$1"
