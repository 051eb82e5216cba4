#!/usr/bin/env bash
# What a commit must pass.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

step "lint" scripts/lint.sh
step "build" build_everything
step "unit tests" unit_tests
