#!/usr/bin/env bash
# python-env.sh [REQUIREMENTS [FOLDER]]: makes a virtual environment with the pinned packages, once, and prints
# its interpreter as the last line. It is made anew when the requirements change.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

requirements="${1:-Tests/Interop/requirements.txt}"
folder="${2:-.build/venv}"
stamp="$folder/requirements.txt"

if ! cmp --silent "$requirements" "$stamp"; then
    say "making a Python environment of $requirements" >&2
    rm -rf "$folder"
    mkdir -p "$(dirname "$folder")"
    python3 -m venv "$folder" || fail "python3 cannot make a virtual environment; is python3-venv installed?"
    "$folder/bin/python" -m pip install --quiet --disable-pip-version-check --requirement "$requirements" >&2 ||
        fail "pip could not install $requirements"
    cp "$requirements" "$stamp"
fi
echo "$(cd "$folder" && pwd)/bin/python"
