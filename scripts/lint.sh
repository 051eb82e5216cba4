#!/usr/bin/env bash
# Lints every Swift file that a person wrote; `lint.sh format` formats them in place instead.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

files=(Package.swift)
while IFS= read -r -d '' file; do files+=("$file"); done < <(
    find Sources Tests Examples \( -name Generated -o -name .build \) -prune -o -type f -name '*.swift' -print0 | sort -z
)

if [[ "${1:-}" == format ]]; then
    swift format format --in-place --parallel "${files[@]}"
else
    swift format lint --strict --parallel "${files[@]}"
    echo "lint: ${#files[@]} files are clean."
fi
