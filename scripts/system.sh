#!/usr/bin/env bash
# system.sh NEED: sees that the Debian or Ubuntu packages behind a need are there (debian-packages.txt),
# installs them when it may, and otherwise says in one sentence what to type.
set -euo pipefail
cd "$(dirname "$0")/.."
need=$1

main() {
  mapfile -t packages < <(missing)
  [[ ${#packages[@]} -gt 0 ]] || return 0
  if [[ $EUID -eq 0 && $(distribution) =~ debian|ubuntu ]]; then
    install_packages
    mapfile -t packages < <(missing)
    [[ ${#packages[@]} -gt 0 ]] || return 0
  fi
  echo "Missing for the tests ($need): ${packages[*]}. Install with: sudo apt-get install -y ${packages[*]}" >&2
  return 1
}

missing() {
  local about found debian ubuntu
  while IFS='|' read -r about found debian ubuntu; do
    [[ ${about// /} == "$need" ]] || continue
    is_there "$found" && continue
    if [[ $(distribution) == ubuntu* ]]; then named "${ubuntu// /}"; else named "${debian// /}"; fi
  done < <(grep -v '^#' scripts/debian-packages.txt)
}

# One of these commands, Python's modules, or files that a pattern finds.
is_there() {
  local candidate
  for candidate in $1; do
    case $candidate in
      python:*) python3 -c "import ${candidate#python:}" 2>/dev/null && return ;;
      */*) compgen -G "$candidate" >/dev/null && return ;;
      *) command -v "$candidate" >/dev/null && return ;;
    esac
  done
  return 1
}

# The newest package that a pattern stands for.
named() {
  local newest
  newest=$({ apt-cache pkgnames | grep -E "^${1//\*/[0-9]+}$" | sort -V | tail -n 1; } 2>/dev/null || true)
  echo "${newest:-$1}"
}

distribution() {
  # shellcheck disable=SC1091
  [[ -r /etc/os-release ]] && (. /etc/os-release && echo "${ID:-} ${ID_LIKE:-}")
}

install_packages() {
  local log
  log=$(mktemp)
  export DEBIAN_FRONTEND=noninteractive
  echo "Installing Debian packages for the tests ($need) ..."
  without_a_cluster
  if apt-get update >"$log" 2>&1 && mapfile -t packages < <(missing) &&
    apt-get install -y --no-install-recommends -o Dpkg::Options::=--force-confold \
      "${packages[@]}" >"$log" 2>&1 </dev/null; then
    echo "Installed ${packages[*]}"
  else
    tail -n 20 "$log" >&2
  fi
  rm -f "$log"
}

# pgTAP brings a Postgres server along; the tests start their own, so no cluster is made of it.
without_a_cluster() {
  if [[ ! -e /etc/postgresql-common/createcluster.conf ]]; then
    mkdir -p /etc/postgresql-common
    echo "create_main_cluster = false" >/etc/postgresql-common/createcluster.conf
  fi
}

main
