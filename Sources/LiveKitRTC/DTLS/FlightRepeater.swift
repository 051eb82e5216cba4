internal import LiveKitCore

/// Repeats the last flight of a handshake, byte for byte, while OpenSSL's growing timer waits for its answer.
///
/// OpenSSL gives up after twelve retransmissions of a flight, so its waits have to grow to fill a minute, and at
/// heavy loss most of a handshake would be spent in them. A repeated record costs the peer nothing: it is dropped as
/// a replay, or it is the first to arrive. The server's last flight, for which DTLS has no timer at all (RFC 6347
/// §4.2.4), is repeated as well until the client shows that it has it.
struct FlightRepeater {
    private var datagrams: [[UInt8]] = []
    private var repeatsLeft = 0
    private var dueAt = MediaInstant.start

    /// When ``repeated(now:)`` has something to send.
    var deadline: MediaInstant? { repeatsLeft > 0 ? dueAt : nil }

    /// Notes a flight just sent, or sent again by OpenSSL.
    mutating func sent(_ flight: [[UInt8]], times: Int, now: MediaInstant) {
        datagrams = flight
        repeatsLeft = times
        dueAt = now + DTLSLimits.repetitionInterval
    }

    /// The flight, if it is time.
    mutating func repeated(now: MediaInstant) -> [[UInt8]] {
        guard repeatsLeft > 0, dueAt <= now else { return [] }
        repeatsLeft -= 1
        dueAt = now + DTLSLimits.repetitionInterval
        defer { if repeatsLeft == 0 { datagrams = [] } }
        return datagrams
    }

    mutating func stop() {
        datagrams = []
        repeatsLeft = 0
    }
}
