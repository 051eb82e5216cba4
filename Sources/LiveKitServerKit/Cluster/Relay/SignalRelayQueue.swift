internal import LiveKitCore

/// Signal messages on their way to another node, numbered, until they are acknowledged.
///
/// A machine on given time. One batch is under way at a time, and holds all that waits. A batch that was not acknowledged is
/// sent again, with what came meanwhile; the receiver passes over what it has (``SignalRelayOrder``).
struct SignalRelayQueue<Message: Sendable>: Sendable {
    struct Batch: Sendable {
        /// The number of the first message.
        var sequence: UInt64
        var messages: [Message]
        /// Whether nothing comes after it.
        var isLast: Bool
        /// How long to wait for the acknowledgement.
        var timeout: MediaDuration
    }

    private var waiting: [Message] = []
    private var sequence: UInt64 = 0
    private var timeout = SignalRelayBounds.shortestRetry
    private var giveUpAt: MediaInstant?
    private var isClosing = false
    /// Whether the last batch was acknowledged, or the other node given up.
    private(set) var isOver = false

    /// Takes a message in. Returns `false` when nothing more is taken, or too much waits.
    mutating func append(_ message: Message) -> Bool {
        guard !isClosing, !isOver, waiting.count < SignalRelayBounds.waiting else { return false }
        waiting.append(message)
        return true
    }

    /// Nothing comes after what waits.
    mutating func close() { isClosing = true }

    /// What to send now. Its fate must be told by ``acknowledge(_:)`` or ``fail(now:)``.
    mutating func nextBatch(now: MediaInstant) -> Batch? {
        guard !isOver, isClosing || !waiting.isEmpty else { return nil }
        if giveUpAt == nil { giveUpAt = now + SignalRelayBounds.retryTimeout }
        return Batch(sequence: sequence, messages: waiting, isLast: isClosing, timeout: timeout)
    }

    mutating func acknowledge(_ batch: Batch) {
        waiting.removeFirst(min(batch.messages.count, waiting.count))
        sequence = batch.sequence &+ UInt64(batch.messages.count)
        timeout = SignalRelayBounds.shortestRetry
        giveUpAt = nil
        if batch.isLast { isOver = true }
    }

    mutating func fail(now: MediaInstant) {
        timeout = min(timeout * 2, SignalRelayBounds.longestRetry)
        guard let giveUpAt, giveUpAt <= now else { return }
        waiting = []
        isOver = true
    }
}

/// Puts what comes from another node in order: passes over what has come before, and sees what is missing.
struct SignalRelayOrder: Sendable {
    private var next: UInt64 = 0

    /// The messages of a batch that are new; `nil` when some before them are missing, which ends the relay.
    mutating func accept<Message>(_ sequence: UInt64, _ messages: [Message]) -> ArraySlice<Message>? {
        guard sequence <= next else { return nil }
        let new = messages.dropFirst(Int(clamping: next - sequence))
        next = next &+ UInt64(new.count)
        return new
    }
}
