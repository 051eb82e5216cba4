internal import LiveKitCore

/// Messages whose fragments arrive among those of others: put together by number, not by neighbourhood.
///
/// - SeeAlso: [RFC 8260 §2.2.3](https://www.rfc-editor.org/rfc/rfc8260#section-2.2.3).
struct InterleavedMessages {
    /// Ordered and unordered messages of a stream are numbered apart.
    private struct Lane: Hashable {
        var stream: StreamID
        var isUnordered: Bool
    }

    private struct Partial {
        var position: Int64
        var payloadProtocol: PayloadProtocol?
        /// How many fragments the message has, once its end is here.
        var count: Int?
        var pieces: [UInt32: [UInt8]] = [:]
        var byteCount = 0

        var cost: Int { byteCount + pieces.count * SCTPLimits.fragmentOverhead }
        var isWhole: Bool { payloadProtocol != nil && count == pieces.count }
    }

    private var lanes: [Lane: [MessageID: Partial]] = [:]
    /// Bytes charged for what is held.
    private(set) var cost = 0
    /// Bytes of the largest message that was ever begun here.
    private(set) var largest = 0

    /// Adds a fragment; returns the message that it completes. What contradicts the rest of its message is
    /// dropped.
    mutating func add(_ fragment: DataFragment, at position: Int64) -> ReassembledMessage? {
        let lane = Lane(stream: fragment.stream, isUnordered: fragment.isUnordered)
        var partial = lanes[lane]?.removeValue(forKey: fragment.number) ?? Partial(position: position)
        cost -= partial.cost
        add(fragment, to: &partial)
        largest = max(largest, partial.byteCount)
        guard partial.isWhole, let payloadProtocol = partial.payloadProtocol else {
            cost += partial.cost
            lanes[lane, default: [:]][fragment.number] = partial
            return nil
        }
        if lanes[lane]?.isEmpty == true { lanes.removeValue(forKey: lane) }
        var payload: [UInt8] = []
        payload.reserveCapacity(partial.byteCount)
        for index in 0..<UInt32(clamping: partial.pieces.count) { payload += partial.pieces[index] ?? [] }
        return ReassembledMessage(
            position: partial.position, stream: lane.stream, number: fragment.number, isUnordered: lane.isUnordered,
            payloadProtocol: payloadProtocol, payload: payload, cost: partial.cost)
    }

    private func add(_ fragment: DataFragment, to partial: inout Partial) {
        let index = fragment.index
        guard partial.pieces[index] == nil, partial.count.map({ index < $0 }) ?? true else { return }
        if fragment.isEnd {
            guard partial.count == nil, !partial.pieces.keys.contains(where: { $0 > index }) else { return }
            partial.count = Int(index) + 1
        }
        if fragment.isBeginning { partial.payloadProtocol = fragment.payloadProtocol }
        partial.pieces[index] = fragment.payload
        partial.byteCount += fragment.payload.count
    }

    /// Drops what the sender has given up: of each lane, the messages up to the newest one named.
    mutating func forward(_ skipped: [ForwardPoint.Skipped]) {
        var newest: [Lane: MessageID] = [:]
        for skip in skipped {
            let lane = Lane(stream: skip.stream, isUnordered: skip.isUnordered)
            guard newest[lane].map({ $0.distance(to: skip.number) > 0 }) ?? true else { continue }
            newest[lane] = skip.number
        }
        for (lane, number) in newest {
            guard let partials = lanes.removeValue(forKey: lane) else { continue }
            let kept = partials.filter { $0.key.distance(to: number) < 0 }
            cost += kept.values.reduce(0) { $0 + $1.cost } - partials.values.reduce(0) { $0 + $1.cost }
            if !kept.isEmpty { lanes[lane] = kept }
        }
    }
}
