package import LiveKitRTC

/// What a room's forwarding half counted since it last told. Made of plain integers on the loop, and told a few times in
/// a second, so that no packet pays for it.
package struct MediaTally: Hashable, Sendable {
    package var packetsReceived = 0
    package var packetsSent = 0
    package var bytesReceived = 0
    package var bytesSent = 0
    /// Of what was sent: packets that were sent before.
    package var packetsResent = 0
    package var bytesResent = 0
    /// What we told publishers of their streams.
    package var sentFeedback = FeedbackCounts()
    /// What subscribers told us of theirs, and how many packets they asked for again.
    package var receivedFeedback = FeedbackCounts()
    package var packetsAskedFor = 0
    /// Packets that failed authentication or were malformed, and those that came twice.
    package var packetsRefused = 0
    package var packetsReplayed = 0
    /// Messages that were not sent over data channels: reliable ones to readers that take too little, others that would
    /// have waited too long, and what found no open channel or no room.
    package var dataToSlowReaders = 0
    package var dataTooLate = 0
    package var dataUndelivered = 0
    /// Packets of streams that were never negotiated.
    package var packetsUnexpected = 0

    package init() {}

    package var isEmpty: Bool { self == MediaTally() }

    package static func += (total: inout MediaTally, other: MediaTally) {
        total.packetsReceived &+= other.packetsReceived
        total.packetsSent &+= other.packetsSent
        total.bytesReceived &+= other.bytesReceived
        total.bytesSent &+= other.bytesSent
        total.packetsResent &+= other.packetsResent
        total.bytesResent &+= other.bytesResent
        total.sentFeedback = total.sentFeedback + other.sentFeedback
        total.receivedFeedback = total.receivedFeedback + other.receivedFeedback
        total.packetsAskedFor &+= other.packetsAskedFor
        total.packetsRefused &+= other.packetsRefused
        total.packetsReplayed &+= other.packetsReplayed
        total.packetsUnexpected &+= other.packetsUnexpected
        total.dataToSlowReaders &+= other.dataToSlowReaders
        total.dataTooLate &+= other.dataTooLate
        total.dataUndelivered &+= other.dataUndelivered
    }
}
