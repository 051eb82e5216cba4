internal import LiveKitCore
internal import LiveKitRTC

/// A published audio track on the media loop: one RTP stream of Opus packets, which repeat the one before where the
/// server takes that (RFC 2198).
final class AudioSender: MediaSender {
    let clientID: String
    private let stream: RTPStreamSender
    private let timestampOffset: UInt32
    /// Repeats packets, once redundant audio is agreed on.
    private var redundancy: REDSender?
    private var primaryType: UInt8 = 0
    private var lossReports: UInt64 = 0
    private let bitrate: Bitrate

    private static let packetsPerSecond = 50
    /// RFC 7587 §4.1.
    private static let clockRate: UInt32 = 48_000

    /// `bitrate` is what the encoder makes at most.
    init(clientID: String, bitrate: Int, connection: PeerConnection) {
        self.clientID = clientID
        self.bitrate = Bitrate(bitsPerSecond: Int64(bitrate))
        timestampOffset = UInt32.random(in: 0...(.max))
        stream = RTPStreamSender(
            ssrc: connection.unusedSSRC(), rtxSSRC: nil, rid: nil, clockRate: Self.clockRate,
            capacity: RTPLimits.retransmissionPacketsAudio)
    }

    var kind: SectionKind { .audio }
    var streams: [OutboundStream] { [stream.outbound] }
    var encodings: [SenderParameters.Encoding] { [SenderParameters.Encoding(ssrc: stream.outbound.ssrc)] }

    func negotiated(_ section: NegotiatedSection, localTime now: MediaInstant) {
        guard !section.isRejected, section.direction.sends, !stream.isConfigured,
            let codec = section.codecs.first(where: { $0.name.lowercased() == "opus" })
        else { return }
        let red = section.redundancy(of: codec)
        if red != nil { redundancy = REDSender(maximumSize: ClientMediaLimits.payloadSize) }
        primaryType = codec.payloadType
        stream.configure(section, codec: red ?? codec)
    }

    /// Sends one Opus packet. `position` counts the sample frames since the track began; `isTalkStart` tells whether
    /// silence came before (RFC 3551 §4.1: the marker bit).
    func send(
        _ packet: [UInt8], position: Int64, level: AudioLevel?, isTalkStart: Bool, through transport: PeerTransport
    ) {
        // Redundant audio adds a byte at least.
        guard packet.count < ClientMediaLimits.payloadSize else { return }
        let timestamp = timestampOffset &+ UInt32(truncatingIfNeeded: position)
        let octet = level.map { ($0.voiceActivity ? 0x80 : 0) | $0.level }
        let number = stream.nextNumber
        unsafe stream.send(timestamp: timestamp, marker: isTalkStart, audioLevel: octet, through: transport) { room in
            var span = unsafe MutableRawSpan(_unsafeBytes: room)
            let size = redundancy?.encode(
                packet.rawSpan, payloadType: primaryType, sequenceNumber: number, timestamp: timestamp, into: &span)
            if let size { return size }
            unsafe room.copyBytes(from: packet)
            return packet.count
        }
        transport.didSend()
    }

    func retransmit(_ missing: [SequenceNumber], of ssrc: SSRC, through transport: PeerTransport) {
        lossReports &+= UInt64(missing.count)
        stream.retransmit(missing, through: transport)
    }

    func requestKeyframe(of ssrc: SSRC) {}

    func receive(_ report: ReportBlock) {
        stream.noteKnown()
    }

    /// What the sound takes is reserved for it: it is little, and worth more than any picture. Where its packets are not
    /// numbered the estimate knows nothing of them.
    var demand: BitrateSharing.Demand {
        guard stream.isNumbered else { return .init(minimum: .zero, maximum: .zero) }
        let payload = redundancy == nil ? bitrate : bitrate + bitrate
        let total = BitrateSharing.total(of: payload, framesPerSecond: Self.packetsPerSecond)
        return .init(minimum: total, maximum: total)
    }

    func setRate(_ rate: Bitrate, isBacklogged: Bool) {}

    var statistics: OutboundStreamStatistics {
        var value = OutboundStreamStatistics(stream)
        value.targetBitrate = Double(bitrate.bitsPerSecond)
        value.packetsReportedMissing = lossReports
        return value
    }
}
