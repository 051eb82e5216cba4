#!/usr/bin/env bash
# How fast participants of ours can join: first as many as WORKERS manage one after the other, then RATE each second for
# SECONDS_EACH seconds. The load runs on the same machine as the server and takes its part of the processors.
#   WORKERS=16  COUNT=1500  RATE=50  SECONDS_EACH=20  PER_ROOM=4  CONFIGURATION=release
#   LIVEKIT_URL, LIVEKIT_API_KEY, LIVEKIT_API_SECRET   another server
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

rate="${RATE:-50}"
trap stop_children EXIT
build_products demo-server join-load
use_server .build/join-storm/server.log
load=("$bin/join-load" --url "$server_url" --per-room "${PER_ROOM:-4}"
    --api-key "${LIVEKIT_API_KEY:-devkey}" --api-secret "${LIVEKIT_API_SECRET:-secret}")

# Seconds of processor time that the server has used.
server_seconds() { awk -v hertz="$(getconf CLK_TCK)" '{ print ($14 + $15) / hertz }' "/proc/$server_pid/stat"; }

# storm NAME FLAGS…
storm() {
    local before=0
    say "$1"
    if [[ -n "$server_pid" ]]; then before="$(server_seconds)"; fi
    "${load[@]}" --prefix "storm-$RANDOM" "${@:2}"
    if [[ -n "$server_pid" ]]; then
        awk -v a="$before" -v b="$(server_seconds)" 'BEGIN { printf "server: %.1f s of processor time\n", b - a }'
    fi
}

storm "warming up" --workers 4 --count 40
storm "as fast as ${WORKERS:-16} workers join" --workers "${WORKERS:-16}" --count "${COUNT:-1500}"
storm "$rate joins each second" --rate "$rate" --duration "${SECONDS_EACH:-20}"
