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
        let bounds: LayerBounds
        let framesPerSecond: Int
    }

    let clientID: String
    private var layers: [Layer]
    private let keyframes: KeyframeRequests
    private let activity: LayerActivity
    private let rates: EncoderRates
    private var allocation: LayerAllocation
    /// Reused for each allocation.
    private var wishes: [LayerAllocation.Layer] = []
    /// The RTP timestamp of the source's instant zero, random (RFC 3550 §5.1) and the same for all layers.
    private let timestampOffset: UInt32

    private static let clockRate: UInt32 = 90_000

    /// The encoder looks into `encoder` for what is wanted of it.
    init(clientID: String, layers plans: [VideoLayerPlan], encoder: EncoderControls, connection: PeerConnection) {
        self.clientID = clientID
        keyframes = encoder.keyframes
        activity = encoder.activity
        rates = encoder.rates
        allocation = LayerAllocation(layerCount: plans.count)
        timestampOffset = UInt32.random(in: 0...(.max))
        layers = plans.map { plan in
            Layer(
                stream: RTPStreamSender(
                    ssrc: connection.unusedSSRC(), rtxSSRC: connection.unusedSSRC(), rid: plan.rid,
                    clockRate: Self.clockRate, capacity: RTPLimits.retransmissionPacketsVideo),
                packetizer: VP8Packetizer(
                    maximumPayloadSize: ClientMediaLimits.payloadSize, pictureID: UInt16.random(in: 0...0x7FFF)),
                bounds: LayerBounds(plan), framesPerSecond: plan.encoding.maxFps)
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
        transport.didSend()
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

    private func isWanted(_ index: Int) -> Bool {
        layers[index].isAccepted && activity.isActive(layer: index)
    }

    // MARK: Rates

    var demand: BitrateSharing.Demand {
        var least = Bitrate.zero
        var most = Bitrate.zero
        for (index, layer) in layers.enumerated() where isWanted(index) {
            if least == .zero { least = LayerAllocation.least }
            most = most + BitrateSharing.total(of: layer.bounds.maximum, framesPerSecond: layer.framesPerSecond)
        }
        return .init(minimum: least, maximum: most)
    }

    func setRate(_ rate: Bitrate, isBacklogged: Bool) {
        wishes.removeAll(keepingCapacity: true)
        var framesPerSecond = 0
        for (index, layer) in layers.enumerated() {
            wishes.append(
                LayerAllocation.Layer(
                    minimum: layer.bounds.minimum, target: layer.bounds.target, maximum: layer.bounds.maximum,
                    isWanted: isWanted(index)))
            if allocation.rates[index] > .zero { framesPerSecond += layer.framesPerSecond }
        }
        allocation.allocate(
            BitrateSharing.payload(of: rate, framesPerSecond: max(framesPerSecond, 1)), to: wishes)
        rates.set(allocation.rates, isBacklogged: isBacklogged)
    }

    private func index(of ssrc: SSRC) -> Int? {
        layers.firstIndex { $0.stream.outbound.ssrc == ssrc }
    }

    var statistics: [OutboundStreamStatistics] {
        layers.enumerated().map { index, layer in
            var value = OutboundStreamStatistics(layer.stream)
            value.targetBitrate = Double(allocation.rates[index].bitsPerSecond)
            value.framesSkipped = rates.skippedCount
            value.framesSent = layer.framesSent
            value.keyframesSent = layer.keyframesSent
            value.keyframeRequests = layer.keyframeRequests
            value.packetsReportedMissing = layer.lossReports
            return value
        }
    }
}
