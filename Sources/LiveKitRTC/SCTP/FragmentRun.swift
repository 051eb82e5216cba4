internal import LiveKitCore

/// Neighbouring fragments of one message.
struct FragmentRun {
    private(set) var first: Int64
    private var last: Int64
    private let stream: StreamID
    private let number: MessageID
    private let isUnordered: Bool
    private var payloadProtocol: PayloadProtocol
    private var hasBeginning: Bool
    private var hasEnd: Bool
    private var pieces: [[UInt8]]
    private(set) var byteCount: Int

    init(_ chunk: DataFragment, at position: Int64) {
        first = position
        last = position
        stream = chunk.stream
        number = chunk.number
        isUnordered = chunk.isUnordered
        payloadProtocol = chunk.payloadProtocol
        hasBeginning = chunk.isBeginning
        hasEnd = chunk.isEnd
        pieces = [chunk.payload]
        byteCount = chunk.payload.count
    }

    /// Bytes charged to the receive window.
    var cost: Int { byteCount + pieces.count * SCTPLimits.fragmentOverhead }

    /// The message, if all of it is here.
    var message: ReassembledMessage? {
        guard hasBeginning, hasEnd else { return nil }
        return ReassembledMessage(
            position: first, stream: stream, number: number, isUnordered: isUnordered,
            payloadProtocol: payloadProtocol, payload: payload, cost: cost)
    }

    /// All pieces in one. `joined()` would copy them byte by byte.
    private var payload: [UInt8] {
        if let sole = pieces.first, pieces.count == 1 { return sole }
        var whole: [UInt8] = []
        whole.reserveCapacity(byteCount)
        for piece in pieces { whole += piece }
        return whole
    }

    /// Whether `other` holds the very next fragments of the same message.
    func continues(into other: FragmentRun) -> Bool {
        last + 1 == other.first && !hasEnd && !other.hasBeginning && stream == other.stream
            && isUnordered == other.isUnordered && (isUnordered || number == other.number)
    }

    mutating func append(_ other: FragmentRun) {
        last = other.last
        hasEnd = other.hasEnd
        pieces += other.pieces
        byteCount += other.byteCount
    }

    mutating func prepend(_ other: FragmentRun) {
        first = other.first
        hasBeginning = other.hasBeginning
        payloadProtocol = other.payloadProtocol
        pieces.insert(contentsOf: other.pieces, at: 0)
        byteCount += other.byteCount
    }
}

/// A whole user message as it arrived.
struct ReassembledMessage {
    /// Where its first fragment stood.
    var position: Int64
    var stream: StreamID
    /// Its number within the stream; of DATA the lower half, and none of unordered messages.
    var number: MessageID
    var isUnordered: Bool
    var payloadProtocol: PayloadProtocol
    var payload: [UInt8]
    /// Bytes charged to the receive window while it waits.
    var cost: Int
}
