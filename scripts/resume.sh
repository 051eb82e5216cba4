#!/usr/bin/env bash
# A participant of LiveKit's Python SDK loses its signalling for so many seconds: what the others see, and miss.
#   CUTS="1 10"  CONFIGURATION=release  LIVEKIT_URL (with the keys devkey, secret)
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

trap stop_children EXIT
build_products demo-server
use_server .build/resume/server.log
read -r -a cuts <<<"${CUTS:-1 10}"
PYTHONPATH=Tests/Interop PYTHONDONTWRITEBYTECODE=1 \
    "$(scripts/python-env.sh | tail -n 1)" Tests/Benchmarks/resume.py "$server_url" --cuts "${cuts[@]}"
