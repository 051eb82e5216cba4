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
    /// Assigned with the first fragment, so that a message that expires before leaves no hole.
    var sequence: StreamSequenceNumber = .first

    var remainingBytes: Int { payload.count - sentBytes }
    func isExpired(now: MediaInstant) -> Bool { expiresAt.map { now >= $0 } ?? false }
}

/// The messages that wait to be sent, stream by stream, and whose turn it is.
///
/// Streams take turns message by message. A message once begun is finished first, for without
/// interleaving (RFC 8260) its fragments need consecutive TSNs.
struct SendQueue {
    enum Next {
        /// The next piece of a message, with the message as it stands after it.
        case fragment(OutgoingMessage, payload: ArraySlice<UInt8>, isBeginning: Bool, isEnd: Bool)
        /// A message whose lifetime ended after a part of it was sent.
        case expired(OutgoingMessage)
    }

    private struct OutgoingStream {
        var messages = RingQueue<OutgoingMessage>()
        var bufferedBytes = 0
        var next: StreamSequenceNumber = .first
    }

    private var streams: [StreamID: OutgoingStream] = [:]
    /// Streams that have messages, next one first; not among them the one whose message is begun.
    private var turns = RingQueue<StreamID>()
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
        if wasEmpty && begun != message.stream { turns.append(message.stream) }
    }

    /// The next piece, of at most `maximumSize` bytes. Expired messages are passed over.
    mutating func next(maximumSize: Int, now: MediaInstant) -> Next? {
        while let id = begun ?? turns.popFirst() {
            guard var message = streams[id]?.messages.first else {
                begun = nil
                continue
            }
            if message.isExpired(now: now) {
                removeFirst(of: id)
                guard message.sentBytes > 0 else { continue }
                return .expired(message)
            }
            return fragment(&message, maximumSize: maximumSize)
        }
        return nil
    }

    private mutating func fragment(_ message: inout OutgoingMessage, maximumSize: Int) -> Next {
        let id = message.stream
        let isBeginning = message.sentBytes == 0
        if isBeginning && !message.isUnordered, let sequence = streams[id]?.next {
            message.sequence = sequence
            streams[id]?.next = sequence.next
        }
        let end = message.sentBytes + min(maximumSize, message.remainingBytes)
        let payload = message.payload[message.sentBytes..<end]
        message.sentBytes = end
        streams[id]?.messages[0] = message
        streams[id]?.bufferedBytes -= payload.count
        bufferedBytes -= payload.count
        let isEnd = message.remainingBytes == 0
        if isEnd { removeFirst(of: id) } else { begun = id }
        return .fragment(message, payload: payload, isBeginning: isBeginning, isEnd: isEnd)
    }

    /// Drops the rest of a message, if it is begun and not finished.
    ///
    /// - Returns: the message, when there was a rest.
    mutating func discardRest(ofMessage id: UInt64) -> OutgoingMessage? {
        guard let begun, let message = streams[begun]?.messages.first, message.id == id else { return nil }
        removeFirst(of: begun)
        return message
    }

    /// Drops what waits on `stream`, but for a message already begun.
    mutating func discardUnsent(of stream: StreamID) {
        guard let count = streams[stream]?.messages.count, count > 0 else { return }
        var kept = RingQueue<OutgoingMessage>()
        for _ in 0..<count {
            guard let message = streams[stream]?.messages.popFirst() else { break }
            if message.sentBytes > 0 {
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
    mutating func resetSequence(of stream: StreamID) {
        streams[stream]?.next = .first
        if isEmpty(stream) { streams.removeValue(forKey: stream) }
    }

    private mutating func removeFirst(of id: StreamID) {
        guard let message = streams[id]?.messages.popFirst() else { return }
        streams[id]?.bufferedBytes -= message.remainingBytes
        bufferedBytes -= message.remainingBytes
        begun = nil
        if !isEmpty(id) { turns.append(id) }
    }

    private mutating func removeTurn(of stream: StreamID) {
        for _ in 0..<turns.count {
            guard let turn = turns.popFirst() else { break }
            if turn != stream { turns.append(turn) }
        }
    }
}
