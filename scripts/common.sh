# Sourced by the other scripts: where we are, how we speak, and how a demo-server is started and stopped.
set -euo pipefail

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
cd "$root"

say() { printf '\n== %s\n' "$*"; }
fail() {
    printf '\nFAILED: %s\n' "$*" >&2
    exit 1
}

# Runs one named step and stops at its failure.
step() {
    local name="$1" began="$SECONDS"
    shift
    say "$name"
    "$@" || fail "$name"
    printf '   %s: ok, %d s\n' "$name" "$((SECONDS - began))"
}

# Builds the tests of all targets, and the executables, which no test links. `swift build --build-tests` would build the
# executables of the packages that we depend on as well, protoc among them.
build_everything() {
    local product
    for product in swift-livekitPackageTests demo-server bot-publisher forwarding-load join-load transport-figures; do
        swift build --product "$product"
    done
}

# Runs the unit tests in three runs. In one of all of them the machines on virtual time would keep both cores for a minute
# or two, and what talks over real sockets, with deadlines of its own, would wait behind them.
unit_tests() {
    local virtual='^(LiveKitCore|LiveKitRTC|LiveKitMedia|LiveKitTestSupport|Tidy)Tests\.'
    local nodes='^LiveKitPSRPCTests\.|^EndToEndTests\.RelayedCallTests'
    nodes+='|^LiveKitServerKitTests\.(Cluster(Server|Agent)|NodeCall|NodeMeter|NodeSelector|Relay|Room(Placement|Roster|Topics)|SignalRelay(Queue|Sender))Tests'
    nodes+='|^LiveKitServerKitTests\.(StartSession|(Auto|Room)Egress|EgressOverRedis|(E|In)gressService)Tests'
    nodes+='|^LiveKitServerKitTests\.Redis(E|In)gressStoreTests'
    swift test --skip-build --filter "$virtual"
    swift test --skip-build --filter "$nodes"
    swift test --skip-build --skip "$virtual" --skip "$nodes"
}

children=()

# Ends every child that was started here, gently at first. For `trap stop_children EXIT`.
stop_children() {
    local child
    for child in "${children[@]+"${children[@]}"}"; do kill -TERM "$child" 2>/dev/null || true; done
    for _ in $(seq 50); do
        any_child_lives || break
        sleep 0.1
    done
    for child in "${children[@]+"${children[@]}"}"; do
        kill -KILL "$child" 2>/dev/null || true
        wait "$child" 2>/dev/null || true
    done
    children=()
}

any_child_lives() {
    local child
    for child in "${children[@]+"${children[@]}"}"; do
        kill -0 "$child" 2>/dev/null && return 0
    done
    return 1
}

# start_server BINARY LOG [FLAGS…]: starts demo-server on free ports and waits until it listens.
# Sets server_url and server_pid.
start_server() {
    local binary="$1" log="$2"
    shift 2
    mkdir -p "$(dirname "$log")"
    "$binary" --dev --port "${PORT:-0}" --udp-port "${UDP_PORT:-0}" "$@" >"$log" 2>&1 &
    server_pid=$!
    children+=("$server_pid")
    for _ in $(seq 300); do
        server_url="$(sed -n 's/^ *URL  *\(ws:[^ ]*\).*/\1/p' "$log" | head -n 1)"
        [[ -n "$server_url" ]] && return 0
        kill -0 "$server_pid" 2>/dev/null || break
        sleep 0.1
    done
    tail -n 20 "$log" >&2
    fail "demo-server did not start; its words are in $log"
}

# free_port [DGRAM]: a port of this machine that is free now, for TCP or UDP.
free_port() {
    python3 -c "import socket; s = socket.socket(type=socket.SOCK_${1:-STREAM}); s.bind(('127.0.0.1', 0)); print(s.getsockname()[1])"
}

# start_redis LOG: starts a Redis of our own that keeps nothing. Sets redis_address.
start_redis() {
    local port
    command -v redis-server >/dev/null || fail "redis-server is needed (scripts/bootstrap.sh tests)"
    port="$(free_port)"
    redis-server --port "$port" --bind 127.0.0.1 --save "" --appendonly no >"$1" 2>&1 &
    children+=($!)
    redis_address="127.0.0.1:$port"
    for _ in $(seq 100); do
        grep -q "Ready to accept" "$1" && return 0
        sleep 0.1
    done
    fail "redis-server did not start; its words are in $1"
}

# What a process holds.
resident_kib() { awk '/VmRSS/ { print $2 }' "/proc/$1/status"; }
descriptors() { find "/proc/$1/fd" -mindepth 1 -maxdepth 1 | wc -l; }

# build_products PRODUCT…: builds them in CONFIGURATION (release); sets bin.
build_products() {
    local product
    for product in "$@"; do swift build --quiet --configuration "${CONFIGURATION:-release}" --product "$product"; done
    bin="$(swift build --configuration "${CONFIGURATION:-release}" --show-bin-path)"
}

# use_server LOG [FLAGS…]: the server at LIVEKIT_URL, or a demo-server of ours. Sets server_url, and server_pid where
# its process is here; for another server, LIVEKIT_PID may tell it.
use_server() {
    if [[ -n "${LIVEKIT_URL:-}" ]]; then
        server_url="$LIVEKIT_URL"
        server_pid="${LIVEKIT_PID:-}"
    else
        start_server "$bin/demo-server" "$@"
    fi
}
