#!/usr/bin/env bash
# Generates Sources/LiveKitProtobuf/Generated from Protos.
#
# Needs protoc. The plugin is built once, from the tag of swift-protobuf below; set PROTOC_GEN_SWIFT to use
# another one.
set -euo pipefail

version=1.39.0
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
checkout="$root/.build/protoc-gen-swift-$version"
plugin="${PROTOC_GEN_SWIFT:-$checkout/.build/release/protoc-gen-swift}"
output="$root/Sources/LiveKitProtobuf/Generated"

if [[ ! -x "$plugin" ]]; then
    [[ -d "$checkout" ]] ||
        git clone --quiet --depth 1 --branch "$version" https://github.com/apple/swift-protobuf "$checkout"
    swift build --package-path "$checkout" --configuration release --product protoc-gen-swift
fi

mkdir -p "$output"
rm -f "$output"/*.pb.swift
protoc --proto_path="$root/Protos" \
    --plugin=protoc-gen-swift="$plugin" \
    --swift_out="$output" \
    --swift_opt=Visibility=Public \
    --swift_opt=UseAccessLevelOnImports=true \
    --swift_opt=FileNaming=DropPath \
    "$root"/Protos/*.proto
echo "Generated $(find "$output" -name '*.pb.swift' | wc -l) files in ${output#"$root"/}."
"$root/scripts/generate-unpopulated.py" >"$output/UnpopulatedFields.swift"
