#!/usr/bin/env bash
# fuzz.sh SECONDS [TARGET…]: runs each fuzzer for SECONDS and prints executions, coverage and crashes.
# What crashes is kept in Tests/Fuzz/FailCases/TARGET, which `swift test` replays.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

seconds="${1:-60}"
shift || true
targets=("$@")
if [[ ${#targets[@]} -eq 0 ]]; then
    targets=(FuzzSTUN FuzzRTP FuzzRTCP FuzzSDP FuzzSCTP FuzzVP8 FuzzSignal FuzzTURNServer)
fi
seeds="$root/../shared/testdata"
# A backtrace of each crash would take longer than the run.
export SWIFT_BACKTRACE=enable=no ASAN_OPTIONS=detect_leaks=0

# The corpora beside the repository, when they are there.
seed_folders() {
    case "$1" in
    FuzzSTUN) echo "$seeds/webrtc-bsd3/stun-corpus" "$seeds/pion-mit/stun-testdata" ;;
    FuzzRTP) echo "$seeds/webrtc-bsd3/rtp-corpus" "$seeds/webrtc-bsd3/rtpdump-corpus" ;;
    FuzzRTCP) echo "$seeds/webrtc-bsd3/rtcp-corpus" ;;
    FuzzSDP) echo "$seeds/webrtc-bsd3/sdp-corpus" "$seeds/sdp-transform-mit" ;;
    FuzzSCTP) echo "$seeds/webrtc-bsd3/sctp-packet-corpus" "$seeds/usrsctp-bsd3" ;;
    FuzzVP8) echo "$seeds/webrtc-bsd3/rtpdump-corpus/vp8" ;;
    esac
}

for target in "${targets[@]}"; do
    swift build --package-path Tests/Fuzz --scratch-path .build/fuzz --product "$target" \
        --sanitize fuzzer --sanitize address -Xswiftc -sanitize=fuzzer,address \
        -Xswiftc -sanitize-coverage=edge,trace-cmp,inline-8bit-counters,pc-table
done
bin="$(swift build --package-path Tests/Fuzz --scratch-path .build/fuzz --show-bin-path)"

crashes=0
printf '%-12s %12s %9s %8s\n' target executions coverage crashes
for target in "${targets[@]}"; do
    corpus=".build/fuzz-corpus/$target"
    fail_cases="Tests/Fuzz/FailCases/$target"
    mkdir -p "$corpus" "$fail_cases"
    folders=("$corpus" "$fail_cases")
    for folder in $(seed_folders "$target"); do
        [[ -d "$folder" ]] && folders+=("$folder")
    done
    before="$(find "$fail_cases" -type f | wc -l)"
    log=".build/fuzz-corpus/$target.log"
    "$bin/$target" -max_total_time="$seconds" -max_len=2048 -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
        -artifact_prefix="$fail_cases/" "${folders[@]}" >"$log" 2>&1 || true
    found=$(($(find "$fail_cases" -type f | wc -l) - before))
    crashes=$((crashes + found))
    executions="$(sed -n 's/^stat::number_of_executed_units: *//p' "$log" | tail -n 1)"
    coverage="$(grep -oE 'cov: [0-9]+' "$log" | tail -n 1 | cut -d ' ' -f 2 || true)"
    # Without these numbers it ended before it could count.
    [[ -n "$executions" && -n "$coverage" || "$found" -gt 0 ]] || fail "$target did not run; see $log"
    printf '%-12s %12s %9s %8s\n' "$target" "${executions:-?}" "${coverage:-?}" "$found"
done
[[ "$crashes" -eq 0 ]] || fail "$crashes inputs crash a parser; see Tests/Fuzz/FailCases"
