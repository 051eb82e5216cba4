package import LiveKitCore
internal import LiveKitRTC

/// The other end of a flow: makes the feedback that the engine makes, as bytes.
package struct SimulatedReceiver {
    package enum Feedback: Hashable, Sendable {
        case transport
        /// Receiver reports alone, each second.
        case reports
        /// Receiver reports and an estimate of the receiver's own.
        case remb
    }

    private static let reportInterval: MediaDuration = .seconds(1)
    private static let ssrc = SSRC(rawValue: 1)

    package private(set) var receivedBytes = 0
    private let feedback: Feedback
    private var generator = TransportFeedbackGenerator()
    private var statistics = ReceiveStatistics(ssrc: ssrc, clockRate: 90_000)
    private var estimator = ReceiveSideBandwidthEstimator()
    private var reportAt: MediaInstant?

    package init(_ feedback: Feedback) {
        self.feedback = feedback
    }

    package mutating func receive(_ packet: Bottleneck.Packet, now: MediaInstant) {
        receivedBytes += packet.byteCount
        switch feedback {
        case .transport: generator.receive(packet.number, marker: packet.marker, now: now)
        case .remb:
            estimator.receive(sentAt: AbsoluteSendTime(packet.sentAt), byteCount: packet.byteCount, now: now)
            fallthrough
        case .reports:
            _ = statistics.receive(packet.number, timestamp: 0, payloadSize: packet.byteCount, now: now)
            reportAt = reportAt ?? now + Self.reportInterval
        }
    }

    package var deadline: MediaInstant? {
        .earliest(generator.deadline, .earliest(reportAt, estimator.deadline))
    }

    /// The RTCP packets that leave now.
    package mutating func poll(now: MediaInstant) -> [RTCPPacket] {
        var packets: [RTCPPacket] = []
        while let report = generator.poll(now: now, sender: Self.ssrc, media: Self.ssrc) {
            packets.append(.transportFeedback(report))
        }
        if let due = reportAt, due <= now {
            reportAt = due + Self.reportInterval
            let block = statistics.reportBlock(now: now)
            packets.append(.receiverReport(ReceiverReport(sender: Self.ssrc, reports: [block])))
        }
        if let estimate = estimator.poll(now: now, sender: Self.ssrc, streams: [Self.ssrc]) {
            packets.append(.receiverEstimatedMaximumBitrate(estimate))
        }
        return packets
    }
}
