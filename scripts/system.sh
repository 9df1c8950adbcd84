#!/usr/bin/env bash
# system.sh NEED: sees that the Debian or Ubuntu packages behind a need are there (debian-packages.txt),
# installs them when it may, and otherwise says in one sentence what to type.
set -euo pipefail
cd "$(dirname "$0")/.."
need=$1

distribution() {
  # shellcheck disable=SC1091
  [[ -r /etc/os-release ]] && (. /etc/os-release && echo "${ID:-} ${ID_LIKE:-}")
}

is_there() {
  local candidate
  for candidate in $1; do
    if [[ $candidate == */* ]]; then
      compgen -G "$candidate" >/dev/null && return
    else
      command -v "$candidate" >/dev/null && return
    fi
  done
  return 1
}

missing() {
  local about found debian ubuntu
  while IFS='|' read -r about found debian ubuntu; do
    [[ ${about// /} == "$need" ]] || continue
    is_there "$found" && continue
    if [[ $(distribution) == ubuntu* ]]; then echo "${ubuntu// /}"; else echo "${debian// /}"; fi
  done < <(grep -v '^#' scripts/debian-packages.txt)
}

# pgTAP brings a Postgres server along; the tests start their own, so no cluster is made of it.
without_a_cluster() {
  if [[ ! -e /etc/postgresql-common/createcluster.conf ]]; then
    mkdir -p /etc/postgresql-common
    echo "create_main_cluster = false" >/etc/postgresql-common/createcluster.conf
  fi
}

mapfile -t packages < <(missing | sort -u)
[[ ${#packages[@]} -gt 0 ]] || exit 0

if [[ $EUID -eq 0 && $(distribution) =~ debian|ubuntu ]]; then
  echo "Installing Debian packages: ${packages[*]} ..."
  export DEBIAN_FRONTEND=noninteractive
  without_a_cluster
  log=$(mktemp)
  if { apt-get update && apt-get install -y --no-install-recommends \
    -o Dpkg::Options::=--force-confold "${packages[@]}"; } >"$log" 2>&1 </dev/null; then
    rm -f "$log"
  else
    tail -n 20 "$log" >&2
  fi
  mapfile -t packages < <(missing | sort -u)
  [[ ${#packages[@]} -gt 0 ]] || exit 0
fi
echo "Missing for the $need: ${packages[*]}. Install it with: sudo apt-get install -y ${packages[*]}" >&2
exit 1
