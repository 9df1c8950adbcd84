#!/usr/bin/env bash
# Known vulnerabilities: RustSec's for the crates (ignored ones, with reasons, in deny.toml), npm's for
# the packages. Both live on the network; when one cannot be asked, that is a failure and said so.
set -uo pipefail
cd "$(dirname "$0")/.."
log=$(mktemp)
trap 'rm -f "$log"' EXIT
failures=0

# ask NAME SIGN COMMAND...: SIGN is what the command prints when it could not reach its source.
ask() {
  local name=$1 sign=$2
  shift 2
  echo "━━━ $name"
  if "$@" >"$log" 2>&1 </dev/null; then
    cat "$log"
    return
  fi
  failures=$((failures + 1))
  if grep -qE "$sign" "$log"; then
    echo "Nothing is known: the source of $name cannot be reached from here. It answered:"
    grep -E "$sign|fatal:|unable to|E[A-Z]{4,}|npm warn audit" "$log" | head -n 4 | cut -c1-200
  else
    cat "$log"
    echo "$name: something was found."
  fi
}

ask "RustSec advisories" "failed to (fetch|load) advisory database" cargo deny check advisories
ask "npm advisories" "audit endpoint returned an error|ENOTFOUND|ECONNREFUSED|ETIMEDOUT" npm audit
echo "$((2 - failures)) passed, $failures failed"
[[ $failures -eq 0 ]]
