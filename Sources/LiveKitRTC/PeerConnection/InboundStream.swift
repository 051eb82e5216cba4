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
    /// Whether a description named its SSRC; otherwise it can be put out for another (``PeerConnection``).
    let isAnnounced: Bool
    /// When the newest packet came.
    private(set) var heardAt: MediaInstant
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
    /// Asks for key frames; its interval is the owner's to set, by layer.
    package var keyframes: KeyframeRequester
    /// How the stream's timestamps stand to its sender's wall clock and to our timeline.
    package internal(set) var clock: ClockMapper
    /// Takes redundant audio apart, once some came.
    var redundancy: REDReceiver?
    /// Recovers what is lost from the stream's repair packets, where there are any.
    var correction: FlexFECReceiver?
    private var redPayloadType: UInt8?
    private var extender = SequenceExtender()
    private let answersLoss: Bool

    init(
        ssrc: SSRC, section: NegotiatedSection, codec: NegotiatedCodec, rid: String?, isAnnounced: Bool,
        now: MediaInstant
    ) {
        self.ssrc = ssrc
        self.section = section.index
        mid = section.mid
        kind = section.kind
        self.rid = rid
        self.isAnnounced = isAnnounced
        heardAt = now
        self.codec = codec
        statistics = ReceiveStatistics(ssrc: ssrc, clockRate: codec.clockRate)
        keyframes = KeyframeRequester(feedback: codec.feedback)
        clock = ClockMapper(clockRate: codec.clockRate)
        answersLoss = codec.feedback.contains("nack")
    }

    /// What a payload type means to the stream.
    enum Content { case media, redundantMedia, foreign }

    /// Follows a sender that changes its codec within what was negotiated.
    func select(payloadType: UInt8, in sections: SectionTable) -> Content {
        if payloadType == codec.payloadType { return .media }
        if payloadType == redPayloadType { return .redundantMedia }
        guard let section = sections.section(mid: mid),
            let next = section.codecs.first(where: { $0.payloadType == payloadType })
        else { return .foreign }
        if next.isMedia {
            codec = next
            return .media
        }
        guard next.isRED, let primary = section.primary(of: next) else { return .foreign }
        redPayloadType = payloadType
        codec = primary
        return .redundantMedia
    }

    /// Counts a packet and looks for gaps. Returns the number without wraps.
    func note(_ info: RTPPacketInfo, isRetransmission: Bool, now: MediaInstant) -> Int64 {
        heardAt = now
        if !isRetransmission {
            statistics.receive(
                info.sequenceNumber, timestamp: info.timestamp, payloadSize: info.payloadSize, now: now)
        }
        if answersLoss { losses.receive(info.sequenceNumber, now: now) }
        return extender.extend(info.sequenceNumber)
    }
}
