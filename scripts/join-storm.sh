#!/usr/bin/env bash
# How fast participants of ours can join, how many the server refuses (503) and how many fail: first as many as WORKERS
# manage one after the other, then RATE each second for SECONDS_EACH seconds. The load runs on the same machine as the server and takes its part of the processors.
#   WORKERS=16  COUNT=1500  RATE=50  SECONDS_EACH=20  PER_ROOM=4  CONFIGURATION=release
#   LIVEKIT_URL, LIVEKIT_API_KEY, LIVEKIT_API_SECRET   another server
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

rate="${RATE:-50}"
trap stop_children EXIT
build_products demo-server join-load
use_server .build/join-storm/server.log
load=("$bin/join-load" --url "$server_url" --per-room "${PER_ROOM:-4}"
    --api-key "${LIVEKIT_API_KEY:-devkey}" --api-secret "${LIVEKIT_API_SECRET:-secret}")

# Milliseconds of processor time that the server has used.
server_ms() { awk -v hertz="$(getconf CLK_TCK)" '{ print int(($14 + $15) * 1000 / hertz) }' "/proc/$server_pid/stat"; }

# storm NAME FLAGS…
storm() {
    local before=0 told joins
    say "$1"
    if [[ -n "$server_pid" ]]; then before="$(server_ms)"; fi
    told="$("${load[@]}" --prefix "storm-$RANDOM" "${@:2}")"
    echo "$told"
    joins="$(sed -n 's/^joins \([0-9]*\) .*/\1/p' <<<"$told")"
    if [[ -n "$server_pid" && "$joins" -gt 0 ]]; then
        printf 'server: %d ms of processor time for each join and leave\n' $((($(server_ms) - before) / joins))
    fi
}

storm "warming up" --workers 4 --count 40
storm "as fast as ${WORKERS:-16} workers join" --workers "${WORKERS:-16}" --count "${COUNT:-1500}"
storm "$rate joins each second" --rate "$rate" --duration "${SECONDS_EACH:-20}"
printf '\nload average %s on %d processors\n' "$(cut -d ' ' -f 1-3 /proc/loadavg)" "$(nproc)"
