internal import LiveKitProtobuf

/// The messages that wait for one worker's socket: bounded, in order. A worker that reads too slowly is cut off; it
/// reconnects and says which jobs it has.
struct AgentOutbox: Sendable {
    let messages: AsyncStream<Livekit_ServerMessage>
    private let continuation: AsyncStream<Livekit_ServerMessage>.Continuation

    init() {
        (messages, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(AgentBounds.outbox))
    }

    func send(_ message: Livekit_ServerMessage.OneOf_Message) {
        var wrapped = Livekit_ServerMessage()
        wrapped.message = message
        if case .dropped = continuation.yield(wrapped) { continuation.finish() }
    }

    /// Nothing more will come; what is queued still goes out.
    func finish() {
        continuation.finish()
    }
}
