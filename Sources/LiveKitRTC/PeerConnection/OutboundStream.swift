package import LiveKitCore

/// One RTP stream that we send: its numbers for sender reports and what its receiver reports.
///
/// ``OutgoingRun/send(_:count:on:timestamp:payloadSize:now:)`` sends its packets; retransmissions belong to no report.
package final class OutboundStream {
    package let ssrc: SSRC
    package internal(set) var statistics: SendStatistics
    /// How long its packets waited in the pacer, all together.
    package internal(set) var pacerDelay: MediaDuration = .zero
    /// Makes its repair packets, where it is protected.
    var correction: OutboundCorrection?
    /// What probes for bandwidth are made of; a stream of sound has none.
    package weak var probeSource: (any ProbePacketSource)?

    let kind: PacketClass

    package init(ssrc: SSRC, clockRate: UInt32) {
        self.ssrc = ssrc
        // RFC 3551 §5: pictures have a clock of 90 kHz, and no sound that we know has.
        kind = clockRate == 90_000 ? .video : .audio
        statistics = SendStatistics(ssrc: ssrc, clockRate: clockRate)
    }
}

/// Makes packets that fill the path and are of no other use: earlier ones once more, or padding (RFC 4588, RFC 3550
/// §5.1).
package protocol ProbePacketSource: AnyObject {
    /// Writes a packet of about `byteCount` bytes into the slot, with room for a transport-wide number.
    ///
    /// - Returns: Its size, or `nil` when none can be made.
    func writeProbePacket(byteCount: Int, into slot: UnsafeMutableRawBufferPointer, now: MediaInstant) -> Int?
}
