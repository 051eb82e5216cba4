#!/usr/bin/env bash
# COUNT participants of ours join and leave: what the server's process holds before, and once its rooms have closed.
# A first tenth is not counted: it fills what is kept for use again.
#   COUNT=10000  WORKERS=16  PER_ROOM=4  CONFIGURATION=release
#   LIVEKIT_URL with LIVEKIT_PID, LIVEKIT_API_KEY, LIVEKIT_API_SECRET   another server on this machine
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

count="${COUNT:-10000}"
# Rooms close 20 s after the last participant left (LiveKit's departure_timeout); some more for what closes after them.
quiet="${QUIET:-30}"
trap stop_children EXIT
build_products demo-server join-load
use_server .build/churn/server.log
[[ -n "$server_pid" ]] || fail "set LIVEKIT_PID: the server's process is what is measured"
load=("$bin/join-load" --url "$server_url" --workers "${WORKERS:-16}" --per-room "${PER_ROOM:-4}"
    --api-key "${LIVEKIT_API_KEY:-devkey}" --api-secret "${LIVEKIT_API_SECRET:-secret}")

held() { printf 'RSS %d KiB, %d descriptors' "$(resident_kib "$server_pid")" "$(descriptors "$server_pid")"; }

say "at the start: $(held)"
"${load[@]}" --prefix warm --count $((count / 10))
sleep "$quiet"
resident="$(resident_kib "$server_pid")"
open="$(descriptors "$server_pid")"
say "after a first $((count / 10)): $(held)"
"${load[@]}" --prefix churn --count "$count"
echo "at once: $(held)"
sleep "$quiet"
say "after $count more: $(held)"
awk -v a="$resident" -v b="$(resident_kib "$server_pid")" -v c="$open" -v d="$(descriptors "$server_pid")" \
    'BEGIN { printf "grown by %.1f MiB and %d descriptors\n", (b - a) / 1024, d - c }'
