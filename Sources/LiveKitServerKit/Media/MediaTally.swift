/// What a room's forwarding half counted since it last told. Made of plain integers on the loop, and told a few times in
/// a second, so that no packet pays for it.
package struct MediaTally: Hashable, Sendable {
    package var packetsReceived = 0
    package var packetsSent = 0
    package var bytesReceived = 0
    package var bytesSent = 0
    /// Retransmissions that subscribers asked for: how often, and of how many packets.
    package var negativeAcknowledgements = 0
    package var packetsAskedFor = 0
    /// Key frames that subscribers asked for.
    package var keyframeRequests = 0
    /// Packets that failed authentication or were malformed, and those that came twice.
    package var packetsRefused = 0
    package var packetsReplayed = 0
    /// Packets of streams that were never negotiated.
    package var packetsUnexpected = 0

    package init() {}

    package var isEmpty: Bool { self == MediaTally() }

    package static func += (total: inout MediaTally, other: MediaTally) {
        total.packetsReceived &+= other.packetsReceived
        total.packetsSent &+= other.packetsSent
        total.bytesReceived &+= other.bytesReceived
        total.bytesSent &+= other.bytesSent
        total.negativeAcknowledgements &+= other.negativeAcknowledgements
        total.packetsAskedFor &+= other.packetsAskedFor
        total.keyframeRequests &+= other.keyframeRequests
        total.packetsRefused &+= other.packetsRefused
        total.packetsReplayed &+= other.packetsReplayed
        total.packetsUnexpected &+= other.packetsUnexpected
    }
}
