#!/usr/bin/env bash
# Captures a whole call on loopback, and asks tshark for packets that are malformed and for IP fragments: there may be
# none. Needs tshark and the right to capture.
#   DEMO_SERVER, BOT_PUBLISHER   the executables (those of the debug build)   SECONDS_EACH=10
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

command -v tshark >/dev/null || fail "tshark is not installed"
bin="$(swift build --show-bin-path)"
server="${DEMO_SERVER:-$bin/demo-server}"
bot="${BOT_PUBLISHER:-$bin/bot-publisher}"
seconds="${SECONDS_EACH:-10}"
work=.build/capture
mkdir -p "$work"
trap stop_children EXIT
port="${UDP_PORT:-17882}"

# The bots' sockets are the other ends of the server's port; the capture starts before the first handshake.
tshark -q -i lo -f "udp port $port" -w "$work/call.pcapng" >"$work/tshark.log" 2>&1 &
children+=($!)
sleep 2
UDP_PORT="$port" start_server "$server" "$work/server.log"
"$bot" --url "$server_url" --room capture --identity publisher --duration "$((seconds + 4))" >"$work/publisher.log" 2>&1 &
children+=($!)
sleep 1
"$bot" --url "$server_url" --room capture --identity watcher --watch --expect-from publisher --duration "$seconds" \
    >"$work/watcher.log" 2>&1 || fail "the call itself failed; see $work/watcher.log"
stop_children

# count FILTER [OPTIONS…]: packets of the capture that the display filter lets through.
count() {
    local filter="$1"
    shift
    tshark -r "$work/call.pcapng" -Y "$filter" "$@" 2>/dev/null | wc -l
}
all="$(count frame)"
# The port carries four protocols; STUN is found by its magic cookie, the others are told by their first byte.
# RTCP is left out: its bodies are encrypted, and read as plain RTCP they are noise.
media=(--enable-heuristic dtls_udp --enable-heuristic rtp_udp --disable-protocol rtcp)
stun="$(count stun "${media[@]}")"
dtls="$(count dtls "${media[@]}")"
rtp="$(count rtp "${media[@]}")"
# The count of a packet's padding is its last byte (RFC 3550 §5.1), which is encrypted: read as plain RTP it is noise too.
# Probes for bandwidth are padded.
malformed="$(count '_ws.malformed and not rtp.padding == 1' "${media[@]}")"
padded="$(count 'rtp.padding == 1' "${media[@]}")"
fragments="$(count 'ip.flags.mf == 1 or ip.frag_offset > 0 or ipv6.fraghdr')"
printf '%d packets: %d STUN, %d DTLS, %d RTP (%d padded); %d malformed, %d IP fragments\n' \
    "$all" "$stun" "$dtls" "$rtp" "$padded" "$malformed" "$fragments"
[[ "$stun" -gt 0 && "$dtls" -gt 0 && "$rtp" -gt 500 ]] || fail "the capture does not hold a whole call"
[[ "$malformed" -eq 0 && "$fragments" -eq 0 ]] || fail "the call is not clean on the wire"
