package import Logging
internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// Does commands at a Redis server, over one connection that all of them share.
///
/// It connects with the first command, and again whenever the connection is lost. A command waits for that, but no longer than the
/// configuration lets a command take.
package final class RedisClient: Sendable {
    package let counters: RedisCounters
    /// Yields once for any number of connections that were made since it was asked last. For one reader.
    package let connected: AsyncStream<Void>
    private let loop: any EventLoop
    private let link: NIOLoopBoundBox<RedisLink>
    private let connections: Connections

    private final class Connections: Sendable {
        let count = Atomic<Int>(0)
    }

    /// - Throws: an error that names a file of the TLS configuration which cannot be used.
    package init(
        _ configuration: RedisConfiguration, logger: Logger, counters: RedisCounters = RedisCounters()
    ) throws {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let dialer = try RedisDialer(configuration, loop: loop)
        self.loop = loop
        self.counters = counters
        let connections = Connections()
        self.connections = connections
        let (connected, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        self.connected = connected
        let link = RedisLink(dialer, counters: counters, logger: logger)
        link.onConnect = { _ in
            connections.count.wrappingAdd(1, ordering: .releasing)
            continuation.yield()
        }
        self.link = NIOLoopBoundBox.makeBoxSendingValue(link, eventLoop: loop)
    }

    /// The number of the connection in use, or of the last one. The server behind another one may have lost its memory,
    /// or be a replica that is behind. It has changed before the first answer comes over a new one.
    package var connection: Int { connections.count.load(ordering: .acquiring) }

    /// Does one command. Its answer is never an error of the server's: that is thrown.
    package func send(_ command: RedisCommand) async throws(RedisError) -> RedisReply {
        let result: Result<RedisReply, RedisError> = await withCheckedContinuation { continuation in
            post(command) { continuation.resume(returning: $0) }
        }
        return try result.get()
    }

    /// Does commands at once, one after the other. The first of their failures is thrown, the others are done all the same.
    package func send(_ commands: [RedisCommand]) async throws(RedisError) {
        guard !commands.isEmpty else { return }
        let result: Result<Void, RedisError> = await withCheckedContinuation { continuation in
            loop.execute { [link] in
                var outcome: Result<Void, RedisError> = .success(())
                var left = commands.count
                for command in commands {
                    link.value.send(command) { answer in
                        if case .failure(let error) = answer, case .success = outcome { outcome = .failure(error) }
                        left -= 1
                        if left == 0 { continuation.resume(returning: outcome) }
                    }
                }
            }
        }
        try result.get()
    }

    /// Does one command; the answer comes on a thread of the client's. Commands of one thread keep their order.
    func post(_ command: RedisCommand, answer: @escaping @Sendable (Result<RedisReply, RedisError>) -> Void) {
        loop.execute { [link] in link.value.send(command, answer: answer) }
    }

    /// Closes the connection; commands that wait fail. Harmless when it was closed.
    package func close() {
        loop.execute { [link] in link.value.close() }
    }
}
