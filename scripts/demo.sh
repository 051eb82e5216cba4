#!/usr/bin/env bash
# A server, a bot that publishes a test picture and a tone, and a second participant that decodes both, counts
# and judges. The exit code is the judge's: 0 if nine of ten frames arrived and the tone is right within 2 %.
#   DURATION=20     seconds to run; at a terminal without it: until Ctrl-C
#   PORT, UDP_PORT  ports of the server (free ones)
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

room=demo
out="$root/out"
duration=()
if [[ -n "${DURATION:-}" ]]; then
    duration=(--duration "$DURATION")
elif [[ ! -t 1 ]]; then
    duration=(--duration 20)
fi

scripts/bootstrap.sh
say "building (the first time takes some minutes)"
swift build --configuration release --product demo-server
swift build --configuration release --product bot-publisher
bin="$(swift build --configuration release --show-bin-path)"

mkdir -p "$out"
rm -f "$out/frame.png"
trap stop_children EXIT
start_server "$bin/demo-server" "$out/demo-server.log"
join=(--url "$server_url" --room "$room" --api-key devkey --api-secret secret)
"$bin/bot-publisher" "${join[@]}" --identity publisher >"$out/publisher.log" 2>&1 &
children+=($!)

cat <<END

  The server listens at $server_url. A bot publishes into the room "$room", another one watches.

  picture   $out/frame.png   (what the watcher decoded)
  logs      $out/demo-server.log, $out/publisher.log

  Join with any LiveKit client: URL $server_url, API key devkey, secret secret, room $room, or with this token:

$(grep -oE 'eyJ[A-Za-z0-9_.-]+' "$out/demo-server.log" | head -n 1 | sed 's/^/  /')

  Another watcher, from another terminal:

  $bin/bot-publisher ${join[*]} --identity me --watch --expect-from publisher

END

# In the foreground, so that Ctrl-C reaches it alone: background children of a script ignore it.
trap : INT
verdict=0
"$bin/bot-publisher" "${join[@]}" --identity watcher --watch --expect-from publisher \
    --save-frame "$out/frame.png" "${duration[@]+"${duration[@]}"}" || verdict=$?
trap - INT

if [[ "$verdict" -eq 0 && -s "$out/frame.png" ]]; then
    say "the demo works: frames and tone arrived. Look at out/frame.png"
    exit 0
fi
tail -n 15 "$out/demo-server.log" "$out/publisher.log" >&2 || true
fail "the watcher is not content (exit code $verdict)"
