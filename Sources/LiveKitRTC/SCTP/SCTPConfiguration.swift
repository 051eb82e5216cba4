package import LiveKitCore

/// The conditions of an association. The defaults suit WebRTC.
package struct SCTPConfiguration: Sendable {
    /// What `a=max-message-size` of our own descriptions announces, as libwebrtc does.
    package static let announcedMessageSize = 262_144

    /// Our port, `a=sctp-port`.
    package var localPort: UInt16 = 5000
    /// The peer's port, `a=sctp-port` of its description.
    package var remotePort: UInt16 = 5000
    /// Largest packet: 1280 (IPv6) - 40 (IPv6) - 8 (UDP) - 37 (DTLS 1.2 with GCM) - 4 (TURN channel), as dcsctp has it.
    package var maximumPacketSize = 1191
    /// Bytes that the peer may have buffered here.
    package var receiveWindow = 5 * 1024 * 1024
    /// Largest message to send: the peer's `a=max-message-size`, for which RFC 8841 §6 presumes 64 KiB.
    package var maximumMessageSize = 65536
    /// Largest message to receive: what our description announces. A peer that exceeds it is cut off.
    package var maximumReceivedMessageSize = announcedMessageSize
    /// Bytes of messages that may wait or be in flight, over all channels.
    package var sendBufferSize = 16 * 1024 * 1024
    /// Bytes of messages that may wait on one channel.
    package var channelBufferSize = 16 * 1024 * 1024
    /// The number of our first chunk, where a test wants to see the numbers wrap; else it is drawn.
    package var initialTSN: TSN?
    /// Retransmission timeout before the first measurement. RFC 9260 §16 has 1 s; WebRTC stacks take half of it.
    package var initialTimeout: MediaDuration = .milliseconds(500)
    /// Before the first repetition of INIT and COOKIE ECHO. Whoever knows the path's round trip sets it lower.
    package var handshakeTimeout: MediaDuration = .milliseconds(500)
    /// At least twice the 200 ms by which a peer may delay a SACK.
    package var minimumTimeout: MediaDuration = .milliseconds(400)
    /// RFC 9260 §16.
    package var maximumTimeout: MediaDuration = .seconds(60)
    /// How much longer than the smoothed round trip the timeout is at least: the 200 ms by which a peer may delay
    /// a SACK, and a little.
    package var minimumVariation: MediaDuration = .milliseconds(220)
    /// Bounds the doubling of timeouts: consent and DTLS decide whether the peer is gone, and a path that comes
    /// back should be noticed soon.
    package var maximumBackoff: MediaDuration = .seconds(3)
    /// How long a handshake's cookie is good (RFC 9260 §16).
    package var cookieLifetime: MediaDuration = .seconds(60)
    /// How long a SACK may wait for a second packet (RFC 9260 §6.2: at most 500 ms).
    package var acknowledgementDelay: MediaDuration = .milliseconds(100)
    package var heartbeatInterval: MediaDuration = .seconds(30)
    /// Retransmissions without an answer after which the association ends; `nil` leaves that to the transport.
    package var maximumRetransmissions: Int?
    /// Whether to welcome packets with a zero checksum (RFC 9653): DTLS checks them better.
    package var acceptsZeroChecksum = true
    /// Whether to offer I-DATA (RFC 8260), so that a small message need not wait for the end of a large one.
    /// Off, as in libwebrtc, until its interplay with other stacks is proven.
    package var offersInterleaving = false
    /// Packets with data that leave at one instant (RFC 9260 §6.1 D): no more than at the very beginning.
    package var maximumBurst = 10

    package init() {}

    /// The packet size that chunks, which are multiples of four, can fill.
    var usablePacketSize: Int { max(maximumPacketSize, 256) / 4 * 4 }
}
