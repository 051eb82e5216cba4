#!/usr/bin/env bash
# Our server and bot against other stacks, both ways: LiveKit's Python SDK (libwebrtc) over UDP and TCP, aiortc, and
# Chromium where it is installed. Arguments go to pytest.
#   DEMO_SERVER, BOT_PUBLISHER   the executables (those of the debug build)
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

bin="$(swift build --show-bin-path)"
export DEMO_SERVER="${DEMO_SERVER:-$bin/demo-server}" BOT_PUBLISHER="${BOT_PUBLISHER:-$bin/bot-publisher}"
for executable in "$DEMO_SERVER" "$BOT_PUBLISHER"; do
    [[ -x "$executable" ]] || fail "$executable is not built; run: swift build"
done
export PYTHONDONTWRITEBYTECODE=1
"$(scripts/python-env.sh | tail -n 1)" -m pytest Tests/Interop -p no:cacheprovider -ra "$@"
