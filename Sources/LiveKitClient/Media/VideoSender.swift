internal import LiveKitCore
internal import LiveKitRTC

/// A published video track on the media loop: one RTP stream for each layer.
final class VideoSender: MediaSender {
    private struct Layer {
        let stream: RTPStreamSender
        var packetizer: VP8Packetizer
        var isAccepted = true
        var framesSent: UInt64 = 0
        var keyframesSent: UInt64 = 0
        var keyframeRequests: UInt64 = 0
        var lossReports: UInt64 = 0
    }

    let clientID: String
    private var layers: [Layer]
    private let keyframes: KeyframeRequests
    /// The RTP timestamp of the source's instant zero, random (RFC 3550 §5.1) and the same for all layers.
    private let timestampOffset: UInt32

    private static let clockRate: UInt32 = 90_000

    /// `keyframes` is where the encoder looks whether a key frame is wanted.
    init(clientID: String, layers plans: [VideoLayerPlan], keyframes: KeyframeRequests, connection: PeerConnection) {
        self.clientID = clientID
        self.keyframes = keyframes
        timestampOffset = UInt32.random(in: 0...(.max))
        layers = plans.map { plan in
            Layer(
                stream: RTPStreamSender(
                    ssrc: connection.unusedSSRC(), rtxSSRC: connection.unusedSSRC(), rid: plan.rid,
                    clockRate: Self.clockRate, capacity: RTPLimits.retransmissionPacketsVideo),
                packetizer: VP8Packetizer(
                    maximumPayloadSize: ClientMediaLimits.payloadSize, pictureID: UInt16.random(in: 0...0x7FFF)))
        }
    }

    var kind: SectionKind { .video }
    var streams: [OutboundStream] { layers.map(\.stream.outbound) }

    /// What an offer says of the layers.
    var encodings: [SenderParameters.Encoding] {
        layers.map { layer in
            SenderParameters.Encoding(
                rid: layer.stream.rid, ssrc: layer.stream.outbound.ssrc, rtxSSRC: layer.stream.rtxSSRC)
        }
    }

    func negotiated(_ section: NegotiatedSection, localTime now: MediaInstant) {
        guard !section.isRejected, section.direction.sends, let codec = section.codecs.first else { return }
        for index in layers.indices {
            // A server that takes no simulcast gets the full picture alone.
            let isLast = index == layers.count - 1
            layers[index].isAccepted =
                layers[index].stream.rid.map(section.sentRIDs.contains) ?? true
                || (section.sentRIDs.isEmpty && isLast)
            if !layers[index].stream.isConfigured { layers[index].stream.configure(section, codec: codec) }
        }
    }

    /// Sends one encoded picture of a layer.
    func send(
        _ frame: [UInt8], isKeyframe: Bool, timestampNanoseconds: Int64, layer index: Int,
        through transport: PeerTransport
    ) {
        guard layers.indices.contains(index), layers[index].isAccepted, transport.connection.canSend else { return }
        let stream = layers[index].stream
        let ticks = Int64(Self.clockRate) * (timestampNanoseconds / 1000) / 1_000_000
        let timestamp = timestampOffset &+ UInt32(truncatingIfNeeded: ticks)
        let bytes = frame.rawSpan
        layers[index].packetizer.packetize(frameSize: frame.count) { piece in
            unsafe stream.send(timestamp: timestamp, marker: piece.isLast, through: transport) { room in
                var span = unsafe MutableRawSpan(_unsafeBytes: room)
                guard let size = piece.descriptor.write(to: &span, at: 0),
                    span.store(bytes.extracting(piece.range), at: size)
                else { return 0 }
                return size + piece.range.count
            }
        }
        layers[index].framesSent &+= 1
        if isKeyframe { layers[index].keyframesSent &+= 1 }
    }

    func retransmit(_ missing: [SequenceNumber], of ssrc: SSRC, through transport: PeerTransport) {
        guard let index = index(of: ssrc) else { return }
        layers[index].lossReports &+= UInt64(missing.count)
        layers[index].stream.retransmit(missing, through: transport)
    }

    func requestKeyframe(of ssrc: SSRC) {
        guard let index = index(of: ssrc) else { return }
        layers[index].keyframeRequests &+= 1
        keyframes.request(layer: index)
    }

    func receive(_ report: ReportBlock) {
        guard let index = index(of: report.ssrc) else { return }
        layers[index].stream.noteKnown()
    }

    private func index(of ssrc: SSRC) -> Int? {
        layers.firstIndex { $0.stream.outbound.ssrc == ssrc }
    }

    var statistics: [OutboundStreamStatistics] {
        layers.map { layer in
            var value = OutboundStreamStatistics(layer.stream)
            value.framesSent = layer.framesSent
            value.keyframesSent = layer.keyframesSent
            value.keyframeRequests = layer.keyframeRequests
            value.packetsReportedMissing = layer.lossReports
            return value
        }
    }
}
