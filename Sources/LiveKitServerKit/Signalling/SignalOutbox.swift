internal import LiveKitProtobuf
internal import Synchronization

/// The signal responses that wait for one socket: bounded, in order, never blocking the room.
///
/// A reader so slow that the queue fills is cut off: its client reconnects and is told everything afresh, which
/// is better than a gap in the middle.
final class SignalOutbox: Sendable {
    /// As many as LiveKit's own signal relay buffers, twice over; a room of a few hundred sends a newcomer fewer.
    static let capacity = 2000

    let messages: AsyncStream<Livekit_SignalResponse>
    private let continuation: AsyncStream<Livekit_SignalResponse>.Continuation
    private let cutOff = Mutex<CutOff>(CutOff())

    private struct CutOff {
        var isDue = false
        var action: (@Sendable () -> Void)?
    }

    init(capacity: Int = SignalOutbox.capacity) {
        (messages, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(capacity))
    }

    /// Queues one message. Returns `false` when the queue was full, which ends it.
    @discardableResult
    func send(_ message: Livekit_SignalResponse.OneOf_Message) -> Bool {
        var response = Livekit_SignalResponse()
        response.message = message
        guard case .dropped = continuation.yield(response) else { return true }
        continuation.finish()
        let action = cutOff.withLock { state in
            state.isDue = true
            return state.action
        }
        action?()
        return false
    }

    /// Nothing more will come; what is queued still goes out.
    func finish() {
        continuation.finish()
    }

    /// What to do when the reader proves too slow; done at once when it already has.
    func whenCutOff(_ action: @escaping @Sendable () -> Void) {
        let isDue = cutOff.withLock { state in
            state.action = action
            return state.isDue
        }
        if isDue { action() }
    }
}
