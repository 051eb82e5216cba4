package import LiveKitCore

/// One RTP stream that comes in: statistics, loss detection and what the observer hangs on it.
package final class InboundStream {
    package let ssrc: SSRC
    /// The negotiated section, by its index in the description.
    package let section: Int
    package let mid: String
    package let kind: SectionKind
    /// The simulcast layer's name, if the sender uses layers.
    package let rid: String?
    /// The codec of the newest packet.
    package private(set) var codec: NegotiatedCodec
    /// The sender's newest mapping of its RTP clock, and when it came.
    package internal(set) var senderReport: (report: SenderReport, receivedAt: MediaInstant)?
    /// Whatever the observer keeps for the stream.
    package weak var attachment: AnyObject?

    package internal(set) var statistics: ReceiveStatistics
    var losses = NACKGenerator()
    /// The retransmission stream, once known.
    var rtxSSRC: SSRC?
    var keyframeRequestedAt: MediaInstant?
    private var extender = SequenceExtender()
    private let answersLoss: Bool

    init(ssrc: SSRC, section: NegotiatedSection, codec: NegotiatedCodec, rid: String?) {
        self.ssrc = ssrc
        self.section = section.index
        mid = section.mid
        kind = section.kind
        self.rid = rid
        self.codec = codec
        statistics = ReceiveStatistics(ssrc: ssrc, clockRate: codec.clockRate)
        answersLoss = codec.feedback.contains("nack")
    }

    /// Follows a sender that changes its codec within what was negotiated.
    func select(payloadType: UInt8, in sections: SectionTable) -> Bool {
        guard
            let next = sections.section(mid: mid)?.codecs.first(where: { $0.payloadType == payloadType })
        else { return false }
        codec = next
        return true
    }

    /// Counts a packet and looks for gaps. Returns the number without wraps.
    func note(_ info: RTPPacketInfo, isRetransmission: Bool, now: MediaInstant) -> Int64 {
        if !isRetransmission {
            statistics.receive(
                info.sequenceNumber, timestamp: info.timestamp, payloadSize: info.payloadSize, now: now)
        }
        if answersLoss { losses.receive(info.sequenceNumber, now: now) }
        return extender.extend(info.sequenceNumber)
    }
}
