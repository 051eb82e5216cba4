#!/usr/bin/env bash
# SOCKETS clients that never finish their request: when the server closes them, and what others notice meanwhile.
#   KIND=head|body|mute  SOCKETS=2000  SECONDS_EACH=20  CONFIGURATION=release
#   LIVEKIT_URL, LIVEKIT_PID   another server
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

trap stop_children EXIT
build_products demo-server
ulimit -n "$(ulimit -Hn)"
use_server .build/slowloris/server.log
process=()
if [[ -n "$server_pid" ]]; then process=(--process "$server_pid"); fi
python3 Tests/Benchmarks/slowloris.py "$server_url" --sockets "${SOCKETS:-2000}" --seconds "${SECONDS_EACH:-20}" --kind "${KIND:-head}" \
    "${process[@]+"${process[@]}"}"
