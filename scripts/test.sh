#!/usr/bin/env bash
# Everything that proves the tree, from a clean machine; stops at the first failure.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

check_schema() {
    "$(scripts/python-env.sh | tail -n 1)" scripts/check-schema.py
}

step "system packages" scripts/bootstrap.sh tests
step "Python environment" scripts/python-env.sh
step "build" build_everything
step "unit tests" unit_tests
step "protobuf schema against livekit-protocol" check_schema
step "interoperability with other stacks" scripts/test-interop.sh
step "embedding in another package" scripts/test-embedding.sh
say "everything passed in $((SECONDS / 60)) min $((SECONDS % 60)) s"
