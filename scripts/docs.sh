#!/usr/bin/env bash
# The reference of the products, made by DocC without plugins. A broken symbol link fails.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

products=(LiveKitCore LiveKitServerKit LiveKitServerAPI LiveKitClient)
swift package dump-symbol-graph --minimum-access-level public --skip-synthesized-members
graphs="$(swift build --show-bin-path)/../symbolgraph"
docc="$(command -v docc || true)"
[[ -n "$docc" ]] || fail "docc, which comes with Swift, was not found"

mkdir -p .build/docs
for product in "${products[@]}"; do
    one=".build/symbolgraphs/$product"
    rm -rf "$one"
    mkdir -p "$one"
    find "$graphs" -name "$product.symbols.json" -exec cp {} "$one" \;
    "$docc" convert --fallback-display-name "$product" --fallback-bundle-identifier "$product" \
        --warnings-as-errors --additional-symbol-graph-dir "$one" --output-path ".build/docs/$product"
done
echo "The reference is in .build/docs."
