internal import LiveKitCore

/// A piece of a message, as DATA and I-DATA both carry it.
struct DataFragment: Hashable {
    var tsn: TSN
    var stream: StreamID
    /// The message's number within its stream. DATA carries the lower half of it, and of unordered ones none.
    var number: MessageID
    /// The position among the message's fragments, which DATA does not carry.
    var index: UInt32
    /// I-DATA carries it with the first fragment alone.
    var payloadProtocol: PayloadProtocol
    var flags: FragmentFlags
    var payload: [UInt8]

    var isBeginning: Bool { flags.contains(.beginning) }
    var isEnd: Bool { flags.contains(.end) }
    var isUnordered: Bool { flags.contains(.unordered) }
    var isImmediate: Bool { flags.contains(.immediate) }
}

extension DataFragment {
    init(_ chunk: DataChunk) {
        tsn = chunk.tsn
        stream = chunk.stream
        number = MessageID(rawValue: UInt32(chunk.sequence.rawValue))
        index = 0
        payloadProtocol = chunk.payloadProtocol
        flags = FragmentFlags(rawValue: chunk.flags)
        payload = chunk.payload
    }

    init(_ chunk: InterleavedDataChunk) {
        tsn = chunk.tsn
        stream = chunk.stream
        number = chunk.message
        index = chunk.fragment
        payloadProtocol = chunk.payloadProtocol
        flags = chunk.fragmentFlags
        payload = chunk.payload
    }

    /// What of a packet the chunk takes besides the payload.
    static func headerSize(isInterleaved: Bool) -> Int {
        isInterleaved ? InterleavedDataChunk.headerSize : DataChunk.headerSize
    }

    /// The chunk to send.
    func chunk(isInterleaved: Bool) -> SCTPChunk {
        if isInterleaved {
            return .interleavedData(
                InterleavedDataChunk(
                    tsn: tsn, stream: stream, message: number, payloadProtocol: payloadProtocol, fragment: index,
                    flags: flags, payload: payload))
        }
        return .data(
            DataChunk(
                tsn: tsn, stream: stream, sequence: number.sequence, payloadProtocol: payloadProtocol,
                isImmediate: isImmediate, isUnordered: isUnordered, isBeginning: isBeginning, isEnd: isEnd,
                payload: payload))
    }
}

extension MessageID {
    /// The number as DATA carries it.
    var sequence: StreamSequenceNumber { StreamSequenceNumber(rawValue: UInt16(truncatingIfNeeded: rawValue)) }
}

/// What the sender of messages gave up: FORWARD TSN and I-FORWARD-TSN say the same in two ways.
struct ForwardPoint: Hashable {
    /// The newest message given up on one stream, among its ordered or its unordered ones.
    struct Skipped: Hashable {
        var stream: StreamID
        var isUnordered: Bool
        var number: MessageID
    }

    var newCumulativeTSN: TSN
    var skipped: [Skipped]
}

extension ForwardPoint {
    init(_ chunk: ForwardTSNChunk) {
        newCumulativeTSN = chunk.newCumulativeTSN
        skipped = chunk.skippedStreams.map {
            Skipped(
                stream: $0.stream, isUnordered: false, number: MessageID(rawValue: UInt32($0.sequence.rawValue)))
        }
    }

    init(_ chunk: InterleavedForwardTSNChunk) {
        newCumulativeTSN = chunk.newCumulativeTSN
        skipped = chunk.skippedStreams.map {
            Skipped(stream: $0.stream, isUnordered: $0.isUnordered, number: $0.message)
        }
    }

    /// The chunk to send. Unordered messages need no number unless they are interleaved.
    func chunk(isInterleaved: Bool) -> SCTPChunk {
        if isInterleaved {
            return .interleavedForwardTSN(
                InterleavedForwardTSNChunk(
                    newCumulativeTSN: newCumulativeTSN,
                    skippedStreams: skipped.map {
                        .init(stream: $0.stream, isUnordered: $0.isUnordered, message: $0.number)
                    }))
        }
        return .forwardTSN(
            ForwardTSNChunk(
                newCumulativeTSN: newCumulativeTSN,
                skippedStreams: skipped.filter { !$0.isUnordered }.map {
                    .init(stream: $0.stream, sequence: $0.number.sequence)
                }))
    }
}
