#!/usr/bin/env bash
# Makes a fresh clone ready to work in.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

scripts/bootstrap.sh
git config core.hooksPath .githooks
swift package resolve
echo "Ready. Try: make demo"
