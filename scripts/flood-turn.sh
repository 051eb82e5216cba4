#!/usr/bin/env bash
# What strangers forge, at a server with TURN: COUNT addresses with an Allocate, a STUN Binding for a username that is
# nobody's, and a DTLS ClientHello each; and one address that asks without end.
# Prints bytes back for each byte, and resident memory before and after; fails beyond the limits.
#   COUNT=10000  CONFIGURATION=release|debug
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

count="${COUNT:-10000}"
configuration="${CONFIGURATION:-release}"
work=.build/flood-turn
mkdir -p "$work"
trap stop_children EXIT
swift build --quiet --configuration "$configuration" --product demo-server
bin="$(swift build --configuration "$configuration" --show-bin-path)"

turn_port="$(free_port DGRAM)"
media_port="$(free_port DGRAM)"
cat >"$work/server.yaml" <<YAML
log_level: error
turn:
  enabled: true
  udp_port: $turn_port
  bind_addresses: ["127.0.0.1"]
  relay_range_start: 44000
  relay_range_end: 44100
YAML
UDP_PORT="$media_port" start_server "$bin/demo-server" "$work/server.log" --node-ip 127.0.0.1 --config "$work/server.yaml"

resident_kib() { awk '/VmRSS/ { print $2 }' "/proc/$server_pid/status"; }
# A first, small dose has all code and buffers in memory that any dose needs.
for kind in allocate stun dtls; do
    port="$media_port"
    [[ "$kind" == allocate ]] && port="$turn_port"
    python3 Tests/Benchmarks/forged.py "$kind" 127.0.0.1 "$port" 500 >/dev/null
done
sleep 1
: >"$work/figures"
before="$(resident_kib)"
python3 Tests/Benchmarks/forged.py allocate 127.0.0.1 "$turn_port" "$count" | tee -a "$work/figures"
python3 Tests/Benchmarks/forged.py again 127.0.0.1 "$turn_port" 1000 | tee -a "$work/figures"
python3 Tests/Benchmarks/forged.py stun 127.0.0.1 "$media_port" "$count" | tee -a "$work/figures"
python3 Tests/Benchmarks/forged.py dtls 127.0.0.1 "$media_port" "$count" | tee -a "$work/figures"
sleep 1
after="$(resident_kib)"
kill -0 "$server_pid" || fail "the server is gone"
awk -v a="$before" -v b="$after" '
    { sent[$1] = $3; answers[$1] = $6; ratio[$1] = $9 }
    END {
        growth = (b - a) / 1024
        printf "resident memory %.1f -> %.1f MiB (%+.2f)\n", a / 1024, b / 1024, growth
        bad = growth > 2 || ratio["allocate"] > 1.5 || answers["allocate"] == 0 || answers["again"] > 20 \
            || answers["again"] == 0 || answers["stun"] != 0 || answers["dtls"] != 0
        print bad ? "beyond the limits: 2 MiB, 1.5 bytes for one, 10 refusals a second and address, none to STUN and DTLS" \
                  : "within the limits: 2 MiB, 1.5 bytes for one, 10 refusals a second and address, none to STUN and DTLS"
        exit bad
    }' "$work/figures"
stop_children
