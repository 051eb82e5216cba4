#!/usr/bin/env bash
# What forwarding costs: one video publisher, SUBSCRIBERS subscribers of ours, release build, on loopback.
# Prints for the server's media thread: CPU microseconds for each packet forwarded, and beside it, run in turn, the
# bare fan-out in C of ../shared/bound where that is there, packet by packet and in bursts of a picture's six packets;
# then heap allocations for each packet, and where perf may probe, what they were for.
#   SUBSCRIBERS=50  SECONDS_EACH=15  ROUNDS=3  SIZE=1280x720
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

subscribers="${SUBSCRIBERS:-50}"
seconds="${SECONDS_EACH:-15}"
rounds="${ROUNDS:-3}"
size="${SIZE:-1280x720}"
work=.build/bench
mkdir -p "$work"
trap stop_children EXIT

for product in demo-server bot-publisher forwarding-load; do
    swift build --configuration release --product "$product"
done
bin="$(swift build --configuration release --show-bin-path)"
gcc -O2 -shared -fPIC -o "$work/malloc_counter.so" Tests/Benchmarks/malloc_counter.c -ldl

# The server under the allocation counter; nothing else may run under it, or it would count into the same file.
cat >"$work/counted-server" <<END
#!/usr/bin/env bash
export MALLOC_COUNTER_FILE="$PWD/$work/allocations" LD_PRELOAD="$PWD/$work/malloc_counter.so"
exec "$bin/demo-server" "\$@"
END
chmod +x "$work/counted-server"

# Nanoseconds of CPU that the server's media thread has used.
media_thread_ns() { cut -d ' ' -f 1 "/proc/$1/task/$(media_thread "$1")/schedstat"; }

# The number of packets that all subscribers have received so far.
packets() { sed -n 's/.*packets=\([0-9]*\).*/\1/p' "$work/load.log" | tail -n 1; }
allocations() { od -A n -t u8 -N 8 "$work/allocations" | tr -d ' '; }

# measure [counting]: one run of the server; with `counting` under the allocation counter.
measure() {
    local server="$bin/demo-server"
    if [[ "${1:-}" == counting ]]; then server="$work/counted-server"; fi
    start_server "$server" "$work/server.log"
    "$bin/bot-publisher" --url "$server_url" --room benchmark --identity publisher --api-key devkey \
        --api-secret secret --size "$size" >"$work/publisher.log" 2>&1 &
    children+=($!)
    sleep 2
    "$bin/forwarding-load" --url "$server_url" --subscribers "$subscribers" --duration $((seconds + 24)) \
        >"$work/load.log" 2>&1 &
    children+=($!)
    for _ in $(seq 120); do
        [[ "$(grep -c packets= "$work/load.log")" -ge 5 ]] && break
        sleep 0.5
    done
    local cpu_before packets_before allocations_before=0 allocations_after=0
    cpu_before="$(media_thread_ns "$server_pid")"
    packets_before="$(packets)"
    if [[ "${1:-}" == counting ]]; then allocations_before="$(allocations)"; fi
    sleep "$seconds"
    local cpu_after packets_after
    cpu_after="$(media_thread_ns "$server_pid")"
    packets_after="$(packets)"
    if [[ "${1:-}" == counting ]]; then allocations_after="$(allocations)"; fi
    local forwarded=$((packets_after - packets_before))
    awk -v cpu=$((cpu_after - cpu_before)) -v n="$forwarded" -v s="$seconds" -v a=$((allocations_after - allocations_before)) \
        -v counting="${1:-}" 'BEGIN {
            printf "server: %d packets forwarded, %.0f/s, %.2f us CPU each", n, n / s, cpu / n / 1000
            if (counting != "") printf ", %.3f heap allocations each (received ones included)", a / n
            print ""
        }'
    rate=$((forwarded / seconds / subscribers))
    if [[ "${1:-}" == counting ]] && command -v perf >/dev/null; then allocation_causes "$(media_thread "$server_pid")"; fi
    stop_children
}

# bound BURST: the bare fan-out in C at the same rate, to receivers that read, BURST packets to a segmented datagram.
bound() {
    local source=../shared/bound burst="$1"
    [[ -d "$source" ]] || return 0
    local program
    for program in fan pub drain; do
        gcc -O3 -march=native -o "$work/$program" "$source/$program.c" -lsrtp2 -lcrypto -lIPSec_MB 2>"$work/bound.log" || {
            say "the bound needs libipsec-mb-dev; left out"
            return 0
        }
    done
    "$work/drain" 21000 "$subscribers" 9 >/dev/null 2>&1 &
    children+=($!)
    DRAIN=21000 "$work/fan" 1 "$subscribers" 64 8 20999 "$burst" >"$work/fan.log" 2>&1 &
    children+=($!)
    local fan=$!
    sleep 0.5
    "$work/pub" 1 1164 "$rate" 20999 7 "$burst" >/dev/null 2>&1 || true
    wait "$fan" || true
    printf 'bound:  %s\n' "$(tail -n 1 "$work/fan.log")"
    stop_children
}

# What the media thread called malloc for, by the functions on the stack. Those of Debian's C libraries keep no frame
# pointers: a stack that does not reach the loop is theirs.
allocation_causes() {
    local thread="$1"
    perf probe --quiet --exec "$(ldconfig -p | awk '/libc.so.6 .*x86-64/ { print $NF; exit }')" malloc 2>/dev/null || true
    perf record --quiet --event probe_libc:malloc -g --tid "$thread" --output "$work/malloc.data" -- sleep 8 \
        >/dev/null 2>&1 || {
        say "perf may not probe here: causes left out"
        return 0
    }
    perf script --input "$work/malloc.data" --fields event,ip,sym,dso 2>/dev/null | awk '
        function close_stack() {
            if (stack == "") return
            if (stack ~ /forwardBurst|flush|OutgoingRun|retransmit/) sending++
            else if (stack ~ /MediaLoop/) rest++
            else libraries++
            stack = ""
        }
        /^$/ { close_stack(); next }
        { stack = stack " " $0 }
        END { close_stack(); printf "malloc in 8 s: sending %d, C libraries (libsrtp2 with NSS) %d, the rest (ICE, RTCP, timers) %d\n", sending, libraries, rest }'
}

media_thread() {
    local task
    for task in /proc/"$1"/task/*; do
        if [[ "$(cat "$task/comm")" == livekit-media* ]]; then basename "$task"; fi
    done
}

rate=200
for round in $(seq "$rounds"); do
    say "round $round"
    measure
    bound 1
    bound 6
done
say "allocations"
measure counting
