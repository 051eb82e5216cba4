#!/usr/bin/env bash
# Installs what the build needs beside Swift 6.3, on Debian and Ubuntu; with `tests`, also what the tests start.
# Does nothing when nothing is missing.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

packages=(
    libsrtp2-dev libssl-dev libvpx-dev libopus-dev zlib1g-dev libhiredis-dev pkg-config python3-venv
    protobuf-compiler libprotobuf-dev
)
# The command line as a DTLS peer, a network in which no UDP gets through, and what clusters meet in.
if [[ "${1:-}" == tests ]]; then packages+=(openssl iproute2 iptables redis-server); fi

command -v swift >/dev/null || fail "Swift 6.3 is needed and was not found: https://www.swift.org/install"

if ! command -v dpkg-query >/dev/null; then
    printf 'This is not Debian or Ubuntu. Please have these installed: %s\n' "${packages[*]}" >&2
    exit 0
fi

missing=()
for package in "${packages[@]}"; do
    state="$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null || true)"
    [[ "$state" == installed ]] || missing+=("$package")
done
[[ ${#missing[@]} -gt 0 ]] || exit 0

say "installing ${missing[*]}"
as_root=()
if [[ "$(id -u)" -ne 0 ]]; then
    command -v sudo >/dev/null || fail "neither root nor sudo; please install: ${missing[*]}"
    as_root=(sudo)
fi
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]+"${as_root[@]}"}" apt-get update --quiet
"${as_root[@]+"${as_root[@]}"}" apt-get install --yes --quiet --no-install-recommends "${missing[@]}"
