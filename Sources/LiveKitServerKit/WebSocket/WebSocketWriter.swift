internal import NIOCore
internal import NIOWebSocket

/// Writes a socket's frames, one after the other, for the tasks that share it. A close frame is the last one
/// (RFC 6455 §5.5.1): whoever still has something to say fails.
actor WebSocketWriter {
    typealias Outbound = NIOAsyncChannelOutboundWriter<WebSocketFrame>

    private let outbound: Outbound
    private var isClosed = false
    private var isWriting = false
    /// At most one for each task of the socket.
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(_ outbound: Outbound) {
        self.outbound = outbound
    }

    /// Writes when those before have been written.
    ///
    /// - Throws: `ChannelError.outputClosed` after a close frame, or what the channel throws.
    func write(_ frame: WebSocketFrame) async throws {
        if isWriting { await withCheckedContinuation { waiting.append($0) } }
        isWriting = true
        defer { handOver() }
        guard !isClosed else { throw ChannelError.outputClosed }
        isClosed = frame.opcode == .connectionClose
        try await outbound.write(frame)
    }

    /// Ends what is written, unless it has ended.
    func close(_ code: WebSocketErrorCode) async throws {
        var data = ByteBuffer()
        data.write(webSocketErrorCode: code)
        try await write(WebSocketFrame(fin: true, opcode: .connectionClose, data: data))
    }

    /// The turn goes on without a gap that somebody else could take.
    private func handOver() {
        guard !waiting.isEmpty else { return isWriting = false }
        waiting.removeFirst().resume()
    }
}
