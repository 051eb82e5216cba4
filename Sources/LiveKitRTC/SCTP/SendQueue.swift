internal import LiveKitCore

/// A user message on its way out.
struct OutgoingMessage {
    var id: UInt64
    var stream: StreamID
    var payloadProtocol: PayloadProtocol
    var isUnordered: Bool
    var maximumRetransmits: UInt32?
    var expiresAt: MediaInstant?
    var payload: [UInt8]
    /// Bytes already turned into fragments.
    var sentBytes = 0
    /// Fragments made of them.
    var sentFragments: UInt32 = 0
    /// Assigned with the first fragment, so that a message that expires before leaves no hole.
    var number: MessageID = .first

    var remainingBytes: Int { payload.count - sentBytes }
    var isBegun: Bool { sentBytes > 0 }
    func isExpired(now: MediaInstant) -> Bool { expiresAt.map { now >= $0 } ?? false }
}

/// The messages that wait to be sent, stream by stream, and whose turn it is.
///
/// Streams take turns: fragment by fragment with interleaving (RFC 8260), else message by message. For without
/// it the fragments of a message need consecutive TSNs, so one that is begun is finished first.
struct SendQueue {
    enum Next {
        /// The next piece of a message, with the message as it stands after it.
        case fragment(OutgoingMessage, payload: ArraySlice<UInt8>)
        /// A message whose lifetime ended after a part of it was sent.
        case expired(OutgoingMessage)
    }

    private struct OutgoingStream {
        var messages = RingQueue<OutgoingMessage>()
        var bufferedBytes = 0
        var nextOrdered: MessageID = .first
        var nextUnordered: MessageID = .first
    }

    /// Whether fragments of several messages may alternate.
    var isInterleaved = false

    private var streams: [StreamID: OutgoingStream] = [:]
    /// Streams that have messages, next one first; not among them the one that ``begun`` names.
    private var turns = RingQueue<StreamID>()
    /// The stream whose message must be finished before another's turn comes.
    private var begun: StreamID?
    /// Bytes of messages not yet turned into fragments.
    private(set) var bufferedBytes = 0

    var isEmpty: Bool { turns.isEmpty && begun == nil }

    func bufferedBytes(of stream: StreamID) -> Int { streams[stream]?.bufferedBytes ?? 0 }
    func isEmpty(_ stream: StreamID) -> Bool { streams[stream]?.messages.isEmpty ?? true }

    /// What is left of the message whose turn it is.
    var nextSize: Int? {
        guard let stream = begun ?? turns.first else { return nil }
        return streams[stream]?.messages.first?.remainingBytes
    }

    mutating func append(_ message: OutgoingMessage) {
        let wasEmpty = isEmpty(message.stream)
        streams[message.stream, default: OutgoingStream()].messages.append(message)
        streams[message.stream]?.bufferedBytes += message.payload.count
        bufferedBytes += message.payload.count
        if wasEmpty { turns.append(message.stream) }
    }

    /// The next piece, of at most `maximumSize` bytes. Expired messages are passed over; one that is begun only
    /// with `mayAbandon`, since the peer must be told of it.
    mutating func next(maximumSize: Int, now: MediaInstant, mayAbandon: Bool) -> Next? {
        while let id = begun ?? turns.popFirst() {
            begun = nil
            guard let message = streams[id]?.messages.first else { continue }
            if message.isExpired(now: now), mayAbandon || !message.isBegun {
                removeFirst(of: id)
                if !isEmpty(id) { turns.append(id) }
                guard message.isBegun else { continue }
                return .expired(message)
            }
            return fragment(message, maximumSize: maximumSize)
        }
        return nil
    }

    private mutating func fragment(_ message: OutgoingMessage, maximumSize: Int) -> Next {
        var message = message
        let id = message.stream
        if !message.isBegun { message.number = takeNumber(of: message) }
        let end = message.sentBytes + min(maximumSize, message.remainingBytes)
        let payload = message.payload[message.sentBytes..<end]
        message.sentBytes = end
        message.sentFragments &+= 1
        streams[id]?.messages[0] = message
        streams[id]?.bufferedBytes -= payload.count
        bufferedBytes -= payload.count
        if message.remainingBytes == 0 { removeFirst(of: id) }
        if message.remainingBytes > 0 && !isInterleaved {
            begun = id
        } else if !isEmpty(id) {
            turns.append(id)
        }
        return .fragment(message, payload: payload)
    }

    private mutating func takeNumber(of message: OutgoingMessage) -> MessageID {
        guard let stream = streams[message.stream] else { return .first }
        if message.isUnordered {
            streams[message.stream]?.nextUnordered = stream.nextUnordered.next
            return stream.nextUnordered
        }
        streams[message.stream]?.nextOrdered = stream.nextOrdered.next
        return stream.nextOrdered
    }

    /// Drops the rest of a message, if it is begun and not finished.
    ///
    /// - Returns: the message, when there was a rest.
    mutating func discardRest(ofMessage id: UInt64, on stream: StreamID) -> OutgoingMessage? {
        guard let message = streams[stream]?.messages.first, message.id == id, message.isBegun else { return nil }
        removeFirst(of: stream)
        if begun == stream {
            begun = nil
            if !isEmpty(stream) { turns.append(stream) }
        } else if isEmpty(stream) {
            removeTurn(of: stream)
        }
        return message
    }

    /// Drops what waits on `stream`, but for a message already begun.
    mutating func discardUnsent(of stream: StreamID) {
        guard let count = streams[stream]?.messages.count, count > 0 else { return }
        var kept = RingQueue<OutgoingMessage>()
        for _ in 0..<count {
            guard let message = streams[stream]?.messages.popFirst() else { break }
            if message.isBegun {
                kept.append(message)
            } else {
                streams[stream]?.bufferedBytes -= message.payload.count
                bufferedBytes -= message.payload.count
            }
        }
        streams[stream]?.messages = kept
        if kept.isEmpty { removeTurn(of: stream) }
    }

    /// Numbers the messages of `stream` from the start again.
    mutating func resetNumbers(of stream: StreamID) {
        streams[stream]?.nextOrdered = .first
        streams[stream]?.nextUnordered = .first
        if isEmpty(stream) { streams.removeValue(forKey: stream) }
    }

    private mutating func removeFirst(of id: StreamID) {
        guard let message = streams[id]?.messages.popFirst() else { return }
        streams[id]?.bufferedBytes -= message.remainingBytes
        bufferedBytes -= message.remainingBytes
    }

    private mutating func removeTurn(of stream: StreamID) {
        for _ in 0..<turns.count {
            guard let turn = turns.popFirst() else { break }
            if turn != stream { turns.append(turn) }
        }
    }
}
