#!/usr/bin/env bash
# Another package uses ours: tokens alone, which must not pull in the media libraries, then a server and two
# clients in one process.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

build() {
    swift build --package-path Tests/Embedding --scratch-path .build/embedding "$@"
}

build --product TokenOnly
bin="$(build --show-bin-path)"
"$bin/TokenOnly"
needed="$(readelf --dynamic "$bin/TokenOnly" | grep -E 'NEEDED.*(srtp2|vpx|opus|ssl)' || true)"
[[ -z "$needed" ]] || fail "a package that only makes tokens links the media libraries: $needed"

build --product InProcess
timeout 120 "$bin/InProcess"
