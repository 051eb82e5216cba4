package import LiveKitCore

/// One RTP stream that we send: its numbers for sender reports and what its receiver reports.
///
/// Whoever sends a packet of it through an ``OutgoingRun`` tells ``note(timestamp:payloadSize:now:)``; retransmissions
/// belong to no report.
package final class OutboundStream {
    package let ssrc: SSRC
    package internal(set) var statistics: SendStatistics

    package init(ssrc: SSRC, clockRate: UInt32) {
        self.ssrc = ssrc
        statistics = SendStatistics(ssrc: ssrc, clockRate: clockRate)
    }

    /// Counts a packet that was sent.
    package func note(timestamp: UInt32, payloadSize: Int, now: MediaInstant) {
        statistics.record(timestamp: timestamp, payloadSize: payloadSize, now: now)
    }
}
