#!/usr/bin/env bash
# tool.sh CRATE VERSION BINARY...: puts one exact version of a tool into .cache/tools/bin,
# from PATH where that very version is there already, else built from crates.io.
set -euo pipefail
cd "$(dirname "$0")/.."
crate=$1 version=$2
shift 2
tools=$PWD/.cache/tools
mkdir -p "$tools/bin"

elsewhere() {
  local path=${PATH//"$tools/bin:"/}
  PATH=$path command -v "$1" || true
}

reported() {
  case $1 in
    */cargo-*) "$1" "$(basename "$1" | sed 's/^cargo-//')" --version ;;
    *) "$1" --version ;;
  esac 2>/dev/null | head -n 1
}

link_from_path() {
  local binary found
  for binary in "$@"; do
    found=$(elsewhere "$binary")
    [[ -n $found && " $(reported "$found") " == *" $version "* ]] || return 1
  done
  for binary in "$@"; do
    ln -sf "$(elsewhere "$binary")" "$tools/bin/$binary"
  done
}

# These tools run for seconds: building them quickly matters more than how fast they are.
export CARGO_PROFILE_RELEASE_OPT_LEVEL=1 CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_DEBUG=0
export CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 CARGO_PROFILE_RELEASE_STRIP=true
export CARGO_TARGET_DIR=$tools/target

build() {
  cargo install "$crate" --version "$version" --root "$tools" --force --quiet "$@"
}

if link_from_path "$@"; then
  echo "$crate $version: found on PATH"
else
  echo "$crate $version: building it from crates.io, once (one to three minutes) ..."
  # A registry mirror can lack a version the lock file names; the exact version of the tool stays.
  build --locked || { echo "$crate: its own lock file cannot be met, resolving again"; build; }
fi
touch "$tools/$crate-$version"
