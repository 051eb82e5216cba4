internal import LiveKitCore

/// Messages whose fragments arrive among those of others: put together by number, not by neighbourhood.
///
/// - SeeAlso: [RFC 8260 §2.2.3](https://www.rfc-editor.org/rfc/rfc8260#section-2.2.3).
struct InterleavedMessages {
    private struct Key: Hashable {
        var stream: StreamID
        var isUnordered: Bool
        var number: MessageID
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

    private var partials: [Key: Partial] = [:]
    /// Bytes charged for what is held.
    private(set) var cost = 0
    /// Bytes of the largest message that was ever begun here.
    private(set) var largest = 0

    /// Adds a fragment; returns the message that it completes. What contradicts the rest of its message is
    /// dropped.
    mutating func add(_ fragment: DataFragment, at position: Int64) -> ReassembledMessage? {
        let key = Key(stream: fragment.stream, isUnordered: fragment.isUnordered, number: fragment.number)
        var partial = partials.removeValue(forKey: key) ?? Partial(position: position)
        cost -= partial.cost
        add(fragment, to: &partial)
        largest = max(largest, partial.byteCount)
        guard partial.isWhole, let payloadProtocol = partial.payloadProtocol else {
            cost += partial.cost
            partials[key] = partial
            return nil
        }
        let payload = (0..<UInt32(clamping: partial.pieces.count)).flatMap { partial.pieces[$0] ?? [] }
        return ReassembledMessage(
            position: partial.position, stream: key.stream, number: key.number, isUnordered: key.isUnordered,
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

    /// Drops what the sender has given up: the messages up to the one named.
    mutating func forward(_ skipped: ForwardPoint.Skipped) {
        let passed = partials.keys.filter {
            $0.stream == skipped.stream && $0.isUnordered == skipped.isUnordered
                && $0.number.distance(to: skipped.number) >= 0
        }
        for key in passed { cost -= partials.removeValue(forKey: key)?.cost ?? 0 }
    }
}
