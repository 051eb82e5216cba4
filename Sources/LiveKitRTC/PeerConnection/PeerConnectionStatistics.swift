/// What a peer connection counted. Wraps rather than traps.
package struct PeerConnectionStatistics: Sendable {
    /// Datagrams of no known kind, or from an address that ICE did not verify.
    package var strangers = 0
    /// Packets that failed authentication or were malformed.
    package var refused = 0
    /// Packets that came a second time.
    package var replayed = 0
    /// RTP packets of streams that no section describes.
    package var unknownStreams = 0
    /// Lost packets that forward error correction brought back.
    package var packetsCorrected = 0
    /// Lost packets that redundant audio brought back.
    package var packetsRepeated = 0
    package var packetsReceived = 0
    package var packetsSent = 0
    package var bytesReceived = 0
    package var bytesSent = 0
}
