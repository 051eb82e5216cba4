#!/usr/bin/env bash
# A participant of LiveKit's Python SDK loses its signalling for so many seconds: what the others see, and miss.
# Then the same for a participant of ours, which does not give up as that SDK does after its first attempt.
#   CUTS="1 10"  CONFIGURATION=release  LIVEKIT_URL (with the keys devkey, secret)
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

trap stop_children EXIT
build_products demo-server
use_server .build/resume/server.log
read -r -a cuts <<<"${CUTS:-1 10}"
python="$(scripts/python-env.sh | tail -n 1)"
export PYTHONPATH=Tests/Interop PYTHONDONTWRITEBYTECODE=1
"$python" Tests/Benchmarks/resume.py "$server_url" --cuts "${cuts[@]}"
say "a participant that does not give up"
"$python" Tests/Benchmarks/resume.py "$server_url" --cuts "${cuts[@]}" --by-hand
