#!/usr/bin/env bash
# PARTICIPANTS of LiveKit's Python SDK, the server killed and started again on the same ports: when all are back.
#   PARTICIPANTS=20  PER_ROOM=5  SECONDS_EACH=60  CONFIGURATION=release
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

build_products demo-server
DEMO_SERVER="$bin/demo-server" PYTHONPATH=Tests/Interop PYTHONDONTWRITEBYTECODE=1 \
    "$(scripts/python-env.sh | tail -n 1)" Tests/Benchmarks/restart.py --participants "${PARTICIPANTS:-20}" \
    --per-room "${PER_ROOM:-5}" --seconds "${SECONDS_EACH:-60}"
