#!/usr/bin/env bash
# Runs the black-box suite that stands beside the repository against a demo-server of ours. Arguments go to pytest.
#   SUITE           the suite's folder (../shared/conformance)
#   CONFIGURATION   debug or release (release)
#   NODES           of more than one, each connection goes to the next node, and Redis joins them (1)
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

suite="${SUITE:-$root/../shared/conformance}"
configuration="${CONFIGURATION:-release}"
nodes="${NODES:-1}"
if [[ ! -x "$suite/run.sh" ]]; then
    echo "There is no conformance suite at $suite; nothing was run."
    exit 0
fi

build_products demo-server
python="$(scripts/python-env.sh "$suite/requirements.txt" .build/conformance-venv | tail -n 1)"
mkdir -p out
report="$root/out/conformance.xml"
rm -f "$report"

trap stop_children EXIT
webhook_port="$(free_port)"
flags=(--config-body "webhook: {api_key: devkey, urls: ['http://127.0.0.1:$webhook_port/webhook']}")
if [[ "$nodes" -gt 1 ]]; then
    start_redis out/redis.log
    flags+=(--redis-host "$redis_address")
fi

servers=()
addresses=()
for node in $(seq "$nodes"); do
    start_server "$bin/demo-server" "out/conformance-server-$node.log" "${flags[@]}"
    servers+=("$server_pid")
    addresses+=("${server_url#ws://}")
done
if [[ "$nodes" -gt 1 ]]; then
    python3 Tests/Interop/balancer.py "${addresses[@]}" >out/balancer.log 2>&1 &
    children+=($!)
    sleep 1
    server_url="ws://127.0.0.1:$(cat out/balancer.log)"
fi

outcome=0
PYTHON="$python" LIVEKIT_URL="$server_url" LIVEKIT_API_KEY=devkey LIVEKIT_API_SECRET=secret \
    LIVEKIT_WEBHOOK_PORT="$webhook_port" \
    "$suite/run.sh" -p no:cacheprovider --junitxml="$report" "$@" || outcome=$?
for server in "${servers[@]}"; do
    kill -0 "$server" 2>/dev/null && continue
    echo "demo-server did not survive the suite; see out/conformance-server-*.log" >&2
    outcome=1
done

if [[ -s "$report" ]]; then python3 scripts/junit-summary.py "$report"; fi
exit "$outcome"
