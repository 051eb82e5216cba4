internal import LiveKitCore

/// What one subscriber's stream is made of: the layer choice, and the numbers that hide its switches.
///
/// One value, so that a packet takes one access to it.
struct StreamRewriter {
    var selector = LayerSelector()
    private var sequence: SequenceRewriter
    private var timestamps: TimestampRewriter
    private var pictures = VP8Rewriter()
    private var temporal = TemporalFilter()
    private var log: SentPacketLog

    init(firstNumber: UInt16, clockRate: Int, logCapacity: Int) {
        sequence = SequenceRewriter(first: firstNumber)
        timestamps = TimestampRewriter(clockRate: clockRate)
        log = SentPacketLog(capacity: logCapacity)
    }

    /// The numbers under which the packet goes to the subscriber, noted for retransmission, or `nil` when it does not.
    /// `available` is a bit set of the layers that send, `temporalLimit` the highest temporal layer that is to pass.
    mutating func rewrite(
        _ packet: PacketRing.Packet, number: Int64, layer: UpstreamLayer, available: Int, temporalLimit: UInt8,
        now: MediaInstant
    ) -> SentPacketLog.Entry? {
        let source = layer.source
        guard packet.info.payloadSize > 0 else {
            sequence.drop(number, source: source)
            return nil
        }
        let frame = packet.frame
        switch selector.decide(layer: layer.index, startsKeyframe: frame.startsKeyframe, available: available) {
        case .skip:
            return nil
        case .switchAndForward:
            sequence.switchSource(to: source, first: number)
            timestamps.switchSource(to: packet.info.timestamp, now: now)
            if let descriptor = frame.descriptor { pictures.switchSource(to: descriptor) }
            temporal = TemporalFilter()
        case .forward:
            break
        }
        if let descriptor = frame.descriptor,
            !temporal.passes(
                descriptor, number: number, startsKeyframe: frame.startsKeyframe, limit: temporalLimit, now: now)
        {
            sequence.drop(number, source: source)
            return nil
        }
        guard let out = sequence.map(number, source: source) else { return nil }
        let entry = SentPacketLog.Entry(
            number: out, source: number, layerSource: source,
            timestamp: timestamps.map(packet.info.timestamp, now: now),
            descriptor: frame.descriptor.map { pictures.map($0, leftOut: temporal.leftOutCount(before: $0)) })
        log.note(entry)
        return entry
    }

    /// Whether a key frame of the layer is waited for: to go to it, or for temporal layers of it that were left out.
    func awaitsKeyframe(of layer: Int, available: Int, now: MediaInstant) -> Bool {
        layer == selector.target(available: available)
            || layer == selector.current && temporal.needsKeyframe(now: now)
    }

    /// The numbers of a frame that nobody published, behind what was sent last; `nil` before anything was. What is
    /// published goes on at the next place to begin.
    mutating func insert(duration: MediaDuration, hasPicture: Bool, now: MediaInstant) -> SentPacketLog.Entry? {
        guard let timestamp = timestamps.insert(duration: duration, now: now) else { return nil }
        selector.reset()
        let entry = SentPacketLog.Entry(
            number: sequence.insert(), timestamp: timestamp, descriptor: hasPicture ? pictures.insert() : nil)
        log.note(entry)
        return entry
    }

    /// The newest packet that was sent, if any was.
    var newest: SentPacketLog.Entry? { log.entry(sequence.highestOut) }

    /// What was sent under `number`, unless it was sent again lately or often.
    mutating func retransmit(
        _ number: SequenceNumber, roundTripTime: MediaDuration?, now: MediaInstant
    ) -> SentPacketLog.Entry? {
        log.take(number, highest: sequence.highestOut, roundTripTime: roundTripTime, now: now)
    }
}
