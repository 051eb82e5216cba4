internal import LiveKitCore

/// Asks now and then whether the peer is still there.
///
/// - SeeAlso: [RFC 9260 §8.3](https://www.rfc-editor.org/rfc/rfc9260#section-8.3).
struct HeartbeatSchedule {
    private struct Question {
        var nonce: UInt64
        var sentAt: MediaInstant
    }

    private let interval: MediaDuration
    private(set) var deadline: MediaInstant
    private var question: Question?
    /// Heartbeats without an answer, in a row.
    private(set) var unanswered = 0

    init(interval: MediaDuration, now: MediaInstant) {
        self.interval = interval
        deadline = now + interval
    }

    /// Data went out, whose acknowledgement says as much; only silence needs a heartbeat.
    mutating func sentData(now: MediaInstant, timeout: RetransmissionTimeout) {
        guard question == nil else { return }
        deadline = now + interval + timeout.value
    }

    /// The heartbeat to send, when one is due.
    mutating func poll(now: MediaInstant, timeout: RetransmissionTimeout, nonce: UInt64) -> HeartbeatChunk? {
        guard now >= deadline else { return nil }
        if question != nil { unanswered += 1 }
        question = Question(nonce: nonce, sentAt: now)
        deadline = now + interval + timeout.value
        var writer = ByteWriter(capacity: 8)
        writer.write(nonce)
        return HeartbeatChunk(info: writer.bytes)
    }

    /// - Returns: the round trip, if the answer is to the question that stands.
    mutating func receive(_ answer: HeartbeatAckChunk, now: MediaInstant) -> MediaDuration? {
        var reader = ByteReader(answer.info.rawSpan)
        guard let question, let nonce = try? reader.read(UInt64.self), nonce == question.nonce else { return nil }
        self.question = nil
        unanswered = 0
        return now - question.sentAt
    }
}
