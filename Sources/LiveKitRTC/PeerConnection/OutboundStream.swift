package import LiveKitCore

/// One RTP stream that we send: its numbers for sender reports and what its receiver reports.
///
/// ``OutgoingRun/send(_:count:on:timestamp:payloadSize:now:)`` sends its packets; retransmissions belong to no report.
package final class OutboundStream {
    package let ssrc: SSRC
    package internal(set) var statistics: SendStatistics
    /// Makes its repair packets, where it is protected.
    var correction: OutboundCorrection?

    package init(ssrc: SSRC, clockRate: UInt32) {
        self.ssrc = ssrc
        statistics = SendStatistics(ssrc: ssrc, clockRate: clockRate)
    }
}
