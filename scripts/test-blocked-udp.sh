#!/usr/bin/env bash
# A client whose UDP is blocked, in network namespaces of its own: the bot publishes by ICE over TCP where the server
# has it, and otherwise through TURN over TLS. A second bot watches by UDP and judges. Needs root, iptables and openssl.
#   CONFIGURATION=debug|release   LIMIT=15 (seconds until the bot must be connected)
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

if [[ -z "${LIVEKIT_IN_NAMESPACE:-}" ]]; then
    for tool in unshare nsenter iptables openssl; do command -v "$tool" >/dev/null || { echo "skipped: no $tool"; exit 0; }; done
    unshare --net --mount true 2>/dev/null || { echo "skipped: no right to make network namespaces"; exit 0; }
    swift build --quiet --configuration "${CONFIGURATION:-debug}" --product demo-server
    swift build --quiet --configuration "${CONFIGURATION:-debug}" --product bot-publisher
    bin="$(swift build --configuration "${CONFIGURATION:-debug}" --show-bin-path)"
    export LIVEKIT_IN_NAMESPACE="$bin"
    exec unshare --net --mount "$0" "$@"
fi

bin="$LIVEKIT_IN_NAMESPACE"
limit="${LIMIT:-15}"
work="$root/.build/blocked-udp"
mkdir -p "$work"
trap stop_children EXIT

# The server's side is this namespace, the client's another one behind a pair of interfaces.
ip link set lo up
unshare --net sleep 600 &
client_ns=$!
children+=("$client_ns")
sleep 0.5
ip link add lk0 type veth peer name lk1
ip link set lk1 netns "$client_ns"
ip addr add 10.99.0.1/24 dev lk0
ip link set lk0 up
in_client() { nsenter --target "$client_ns" --net "$@"; }
in_client ip link set lo up
in_client ip addr add 10.99.0.2/24 dev lk1
in_client ip link set lk1 up
in_client iptables -A OUTPUT -p udp -j DROP
in_client iptables -A INPUT -p udp -j DROP
printf '127.0.0.1 localhost\n10.99.0.1 turn.test\n' >"$work/hosts"
mount --bind "$work/hosts" /etc/hosts
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=turn.test \
    -addext subjectAltName=DNS:turn.test -keyout "$work/key.pem" -out "$work/certificate.pem" 2>/dev/null

# call NAME TCP_PORT: one call, with that port for ICE over TCP (0: none).
call() {
    local name="$1" tcp_port="$2" began connected=""
    cat >"$work/$name.yaml" <<YAML
rtc:
  tcp_port: $tcp_port
turn:
  enabled: true
  domain: turn.test
  tls_port: 443
  cert_file: $work/certificate.pem
  key_file: $work/key.pem
  bind_addresses: ["10.99.0.1"]
  relay_range_start: 40000
  relay_range_end: 40100
  allow_restricted_peer_cidrs: ["10.99.0.0/24"]
YAML
    UDP_PORT=7882 PORT=7880 start_server "$bin/demo-server" "$work/$name-server.log" --bind 10.99.0.1 \
        --node-ip 10.99.0.1 --config "$work/$name.yaml"
    began="$(date +%s.%N)"
    SSL_CERT_FILE="$work/certificate.pem" in_client "$bin/bot-publisher" --url ws://10.99.0.1:7880 --room blocked \
        --identity publisher --duration 30 >"$work/$name-publisher.log" 2>&1 &
    local publisher=$!
    children+=("$publisher")
    for _ in $(seq $((limit * 20))); do
        grep -q "joined " "$work/$name-publisher.log" && { connected="$(date +%s.%N)"; break; }
        kill -0 "$publisher" 2>/dev/null || break
        sleep 0.05
    done
    [[ -n "$connected" ]] || { tail -n 5 "$work/$name-publisher.log"; fail "$name: not connected within $limit s"; }
    "$bin/bot-publisher" --url ws://10.99.0.1:7880 --room blocked --identity watcher --watch --expect-from publisher \
        --duration 8 >"$work/$name-watcher.log" 2>&1 || { tail -n 5 "$work/$name-watcher.log"; fail "$name: no media"; }
    awk -v n="$name" -v a="$began" -v b="$connected" 'BEGIN { printf "%s: connected after %.2f s\n", n, b - a }'
    tail -n 2 "$work/$name-watcher.log"
    kill -TERM "$publisher" "$server_pid" 2>/dev/null || true
    wait "$publisher" "$server_pid" 2>/dev/null || true
}

call ice-tcp 7881
call turn-tls 0
stop_children
echo "blocked-udp: ok"
