#!/usr/bin/env bash
# Runs the black-box suite that stands beside the repository against a demo-server of ours. Arguments go to pytest.
#   SUITE           the suite's folder (../shared/conformance)
#   CONFIGURATION   debug or release (release)
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

suite="${SUITE:-$root/../shared/conformance}"
configuration="${CONFIGURATION:-release}"
if [[ ! -x "$suite/run.sh" ]]; then
    echo "There is no conformance suite at $suite; nothing was run."
    exit 0
fi

swift build --configuration "$configuration" --product demo-server
python="$(scripts/python-env.sh "$suite/requirements.txt" .build/conformance-venv | tail -n 1)"
mkdir -p out
report="$root/out/conformance.xml"
rm -f "$report"

trap stop_children EXIT
start_server "$(swift build --configuration "$configuration" --show-bin-path)/demo-server" out/conformance-server.log
outcome=0
PYTHON="$python" LIVEKIT_URL="$server_url" LIVEKIT_API_KEY=devkey LIVEKIT_API_SECRET=secret \
    "$suite/run.sh" -p no:cacheprovider --junitxml="$report" "$@" || outcome=$?
if ! kill -0 "$server_pid" 2>/dev/null; then
    echo "demo-server did not survive the suite; see out/conformance-server.log" >&2
    outcome=1
fi

if [[ -s "$report" ]]; then python3 scripts/junit-summary.py "$report"; fi
exit "$outcome"
