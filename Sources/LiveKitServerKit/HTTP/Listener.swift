internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import NIOPosix
internal import ServiceLifecycle

/// One TCP port and the connections to it.
///
/// Ends without an error when it is cancelled, its connections with it. Hummingbird's own server, in whose place it stands,
/// calls that a failure, and goes on without its port when accepting fails; here the failure is thrown.
struct Listener<Child: ServerChildChannel>: Service {
    /// Sets up a connection, and serves it.
    let child: Child
    let address: String
    /// 0 takes a free one.
    let port: Int
    let logger: Logger
    /// Called with the listening channel, before a connection is served.
    var onRunning: @Sendable (any Channel) async -> Void = { _ in }

    func run() async throws {
        let listening = try await bind()
        try await withGracefulShutdownHandler {
            await onRunning(listening.channel)
            do {
                try await serve(listening)
            } catch is CancellationError {}
        } onGracefulShutdown: {
            // Those who are connected stay.
            listening.channel.close(promise: nil)
        }
    }

    private func serve(_ listening: NIOAsyncChannel<Child.Value, Never>) async throws {
        try await withThrowingDiscardingTaskGroup { [child, logger] group in
            try await listening.executeThenClose { connections in
                for try await connection in connections {
                    group.addTask { await child.handle(value: connection, logger: logger) }
                }
            }
        }
    }

    private func bind() async throws -> NIOAsyncChannel<Child.Value, Never> {
        try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: CInt(HTTPBounds.backlog))
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .bind(host: address, port: port) { [child, logger] channel in
                child.setup(channel: channel, logger: logger)
            }
    }
}
