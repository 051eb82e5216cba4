#!/usr/bin/env bash
# A worker of LiveKit's agents framework (Python) against our server. Not part of `make test`: its environment is large.
#   DEMO_SERVER   the executable (that of the debug build)
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

export DEMO_SERVER="${DEMO_SERVER:-$(swift build --show-bin-path)/demo-server}" PYTHONDONTWRITEBYTECODE=1
[[ -x "$DEMO_SERVER" ]] || fail "$DEMO_SERVER is not built; run: swift build"
python="$(scripts/python-env.sh Tests/Interop/agents/requirements.txt .build/agents-venv | tail -n 1)"
"$python" -m pytest Tests/Interop/agents -p no:cacheprovider -ra "$@"
