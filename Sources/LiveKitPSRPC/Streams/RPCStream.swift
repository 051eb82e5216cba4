package import LiveKitCore
internal import LiveKitProtobuf
package import SwiftProtobuf

/// One side of an open stream of messages in both directions.
package struct RPCStream<Outgoing: Message, Incoming: Message>: Sendable {
    /// What the other side sends, in order. Ends when the stream is over; `closure` says why.
    package let messages: AsyncStream<Incoming>
    /// What came with its opening; empty on the side that opened it.
    package let metadata: [String: String]
    let link: StreamLink

    init(_ seed: StreamLink.Seed, metadata: [String: String] = [:]) {
        let (messages, continuation) = AsyncStream.makeStream(
            of: Incoming.self, bufferingPolicy: .bufferingOldest(RPCBounds.streamMessages))
        self.messages = messages
        self.metadata = metadata
        link = StreamLink(
            seed,
            deliver: { payload in
                do throws(RPCError) {
                    let message = try Incoming(payload: payload, orThrow: .malformedRequest)
                    if case .dropped = continuation.yield(message) { return .readerIsFull }
                    return .taken
                } catch {
                    return .malformed(error)
                }
            }, finish: { continuation.finish() })
    }

    /// Why the stream is over; `nil` while it is open.
    package var closure: RPCError? { get async { await link.closure } }

    /// Sends a message and waits until the other side has taken it.
    ///
    /// - Parameters:
    ///   - message: What is sent.
    ///   - timeout: How long that may take.
    /// - Throws: ``RPCError``: `deadline_exceeded` when it was not acknowledged in time, which does not tell whether it
    ///   arrived; or why the stream is over.
    package func send(_ message: Outgoing, timeout: MediaDuration = .seconds(3)) async throws(RPCError) {
        try await link.send(message.payload(orThrow: .malformedRequest), timeout: timeout)
    }

    /// Closes the stream and tells the other side why. Harmless when it is closed.
    package func close(_ cause: RPCError = .streamClosed) async { await link.close(cause) }
}

extension RPCStream {
    /// The next message, unless none comes in time or the stream is over.
    package func next(within time: MediaDuration) async -> Incoming? { await first(of: messages, within: time) }
}
