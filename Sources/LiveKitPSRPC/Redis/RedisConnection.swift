internal import NIOCore

/// One connection, as the handler at the end of its channel: commands leave in the order they are given, and answers
/// are matched in that order. Loop code.
///
/// A connection that subscribed has no answers to match any more: all that comes is ``onMessage``.
final class RedisConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias Answer = (Result<RedisReply, RedisError>) -> Void

    private struct Pending {
        let deadline: NIODeadline
        let answer: Answer
    }

    private var reader = RedisReplyReader()
    private var pending = CircularBuffer<Pending>()
    private var context: ChannelHandlerContext?
    private var timer: Scheduled<Void>?
    private var end: RedisError?
    /// What belongs to no command.
    var onMessage: ((RedisReply) -> Void)?
    /// Called once, after the last answer.
    var onClose: ((RedisError) -> Void)?

    var isOpen: Bool { end == nil && context != nil }

    // MARK: Commands

    /// Sends a command that has an answer of its own.
    func send(_ command: RedisCommand, deadline: NIODeadline, answer: @escaping Answer) {
        guard let context, isOpen else { return answer(.failure(end ?? .unreachable("not connected"))) }
        pending.append(Pending(deadline: deadline, answer: answer))
        if timer == nil { schedule(deadline, context) }
        write(command, context)
    }

    /// Sends a command that is answered by messages.
    func post(_ command: RedisCommand) {
        guard let context, isOpen else { return }
        write(command, context)
    }

    func close(_ reason: RedisError) {
        guard end == nil else { return }
        end = reason
        timer?.cancel()
        context?.close(promise: nil)
        while let waiting = pending.popFirst() { waiting.answer(.failure(reason)) }
        onClose?(reason)
        (onClose, onMessage) = (nil, nil)
    }

    private func write(_ command: RedisCommand, _ context: ChannelHandlerContext) {
        context.writeAndFlush(NIOAny(ByteBuffer(bytes: command.encoded)), promise: nil)
    }

    // MARK: The channel

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) {
        close(.unreachable("the connection was closed"))
        self.context = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        do throws(RedisError) {
            try receive(unwrapInboundIn(data))
        } catch {
            close(error)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        close(.unreachable("the connection was closed"))
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        close(.unreachable("\(error)"))
    }

    private func receive(_ buffer: ByteBuffer) throws(RedisError) {
        var failure: RedisError?
        unsafe buffer.withUnsafeReadableBytes { bytes in
            do throws(RedisError) { try unsafe reader.append(bytes) } catch { failure = error }
        }
        if let failure { throw failure }
        while end == nil, let reply = try reader.next() { deliver(reply) }
    }

    private func deliver(_ reply: RedisReply) {
        if let first = pending.popFirst() { return first.answer(.success(reply)) }
        guard let onMessage else { return close(.unexpectedReply("an answer that nobody asked for")) }
        onMessage(reply)
    }

    // MARK: Time

    /// Answers come in order, so that one which is late means a server that answers nothing: the next connection may
    /// find one that does.
    private func schedule(_ deadline: NIODeadline, _ context: ChannelHandlerContext) {
        timer = context.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) {
            self.timer = nil
            guard let oldest = self.pending.first else { return }
            guard oldest.deadline <= context.eventLoop.now else { return self.schedule(oldest.deadline, context) }
            self.close(.timedOut)
        }
    }
}
