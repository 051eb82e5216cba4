#!/usr/bin/env bash
# Another package uses ours: tokens alone and the server's API, which must not pull in the media libraries, then a
# server and two clients in one process.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

build() {
    swift build --package-path Tests/Embedding --scratch-path .build/embedding "$@"
}

bin="$(build --show-bin-path)"
for product in TokenOnly BackEnd; do
    build --product "$product"
    timeout 60 "$bin/$product"
    needed="$(readelf --dynamic "$bin/$product" | grep -E 'NEEDED.*(srtp2|vpx|opus|ssl)' || true)"
    [[ -z "$needed" ]] || fail "$product, which has no media, links the media libraries: $needed"
done

build --product InProcess
timeout 120 "$bin/InProcess"
