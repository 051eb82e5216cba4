internal import Foundation
internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import NIOPosix
internal import ServiceLifecycle

/// One TCP port and the connections to it.
///
/// Ends without an error when it is cancelled, its connections with it. Hummingbird's own server, in whose place it stands,
/// calls that a failure, and goes on without its port when accepting fails; here the failure is thrown. A graceful shutdown
/// is no affair of it: while the server drains, those who are in its rooms may have to come back.
struct Listener<Child: ServerChildChannel>: Service {
    /// Sets up a connection, and serves it.
    let child: Child
    /// `nil` for all of this machine, of IPv6 and IPv4.
    let address: String?
    /// 0 takes a free one.
    let port: Int
    let logger: Logger
    /// Called with the listening channel, before a connection is served.
    var onRunning: @Sendable (any Channel) async -> Void = { _ in }

    func run() async throws {
        let listening = try await bind()
        await onRunning(listening.channel)
        do {
            try await serve(listening)
        } catch is CancellationError {}
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
        if let address { return try await bind(address) }
        do {
            // Linux takes IPv4 there as well, unless it was told not to (net.ipv6.bindv6only).
            return try await bind("::")
        } catch let error as IOError where [EAFNOSUPPORT, EADDRNOTAVAIL].contains(error.errnoCode) {
            return try await bind("0.0.0.0")
        }
    }

    private func bind(_ address: String) async throws -> NIOAsyncChannel<Child.Value, Never> {
        try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: CInt(HTTPBounds.backlog))
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .bind(host: address, port: port) { [child, logger] channel in
                child.setup(channel: channel, logger: logger)
            }
    }
}
