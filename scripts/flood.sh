#!/usr/bin/env bash
# Garbage at the media port while a call goes on: RATE datagrams a second for SECONDS_EACH seconds from strangers.
# Prints what the call lost, the CPU share of the media thread with and without, and the growth of memory.
#   RATE=10000  SECONDS_EACH=20  KIND=garbage|stun
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

rate="${RATE:-10000}"
seconds="${SECONDS_EACH:-20}"
work=.build/flood
mkdir -p "$work"
trap stop_children EXIT
for product in demo-server bot-publisher; do swift build --quiet --configuration release --product "$product"; done
bin="$(swift build --configuration release --show-bin-path)"
port="${UDP_PORT:-17883}"

UDP_PORT="$port" start_server "$bin/demo-server" "$work/server.log"
"$bin/bot-publisher" --url "$server_url" --room flood --identity publisher >"$work/publisher.log" 2>&1 &
children+=($!)
sleep 2
"$bin/bot-publisher" --url "$server_url" --room flood --identity watcher --watch --expect-from publisher \
    --duration "$((2 * seconds + 6))" >"$work/watcher.log" 2>&1 &
watcher=$!
children+=("$watcher")
sleep 3

thread=""
for task in /proc/"$server_pid"/task/*; do
    if [[ "$(cat "$task/comm")" == livekit-media* ]]; then thread="$task"; fi
done
cpu_ns() { cut -d ' ' -f 1 "$thread/schedstat"; }

quiet_before="$(cpu_ns)"
sleep "$seconds"
quiet=$(($(cpu_ns) - quiet_before))
resident_before="$(resident_kib "$server_pid")"
flooded_before="$(cpu_ns)"
python3 Tests/Benchmarks/flood.py 127.0.0.1 "$port" "$rate" "$seconds" "${KIND:-garbage}"
flooded=$(($(cpu_ns) - flooded_before))
resident_after="$(resident_kib "$server_pid")"
wait "$watcher" || true
awk -v q="$quiet" -v f="$flooded" -v s="$seconds" -v a="$resident_before" -v b="$resident_after" 'BEGIN {
    printf "media thread: %.1f %% of a core without, %.1f %% with the flood (%.1f %% more); resident memory %.1f -> %.1f MiB\n",
        q / s / 1e7, f / s / 1e7, (f - q) / s / 1e7, a / 1024, b / 1024 }'
tail -n 1 "$work/watcher.log"
grep -o 'lost [0-9]*' "$work/watcher.log" | tail -n 1
stop_children
