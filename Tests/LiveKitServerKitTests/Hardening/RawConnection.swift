import NIOCore
import NIOPosix
import Synchronization

/// A TCP connection that sends whatever bytes a test wants, and reads what comes until the other side closes.
struct RawConnection: Sendable {
    let channel: NIOAsyncChannel<ByteBuffer, ByteBuffer>

    static func open(port: Int) async throws -> RawConnection {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return RawConnection(channel: channel)
    }

    /// Sends the pieces one after the other, with a pause between them, and reads until the server closes, enough has
    /// come, or the time is over.
    static func exchange(
        port: Int, _ pieces: [[UInt8]], pause: Duration = .zero, limit: Duration = .seconds(20),
        until isEnough: @escaping @Sendable (Outcome) -> Bool = { _ in false }
    ) async throws -> Outcome {
        let connection = try await open(port: port)
        let clock = ContinuousClock()
        let began = clock.now
        let received = Received()
        return try await connection.channel.executeThenClose { inbound, outbound in
            try await withThrowingTaskGroup(of: Outcome?.self) { group in
                group.addTask {
                    do {
                        for try await part in inbound {
                            let outcome = Outcome(
                                bytes: received.add(part), isClosed: false, after: clock.now - began)
                            if isEnough(outcome) { return outcome }
                        }
                    } catch {}
                    return Outcome(bytes: received.bytes, isClosed: true, after: clock.now - began)
                }
                group.addTask {
                    for piece in pieces {
                        // A server that has had enough may close while we still write.
                        guard (try? await outbound.write(ByteBuffer(bytes: piece))) != nil else { break }
                        if pause > .zero { try await Task.sleep(for: pause) }
                    }
                    try await Task.sleep(for: limit)
                    return nil
                }
                defer { group.cancelAll() }
                return try await group.next().flatMap(\.self)
                    ?? Outcome(bytes: received.bytes, isClosed: false, after: clock.now - began)
            }
        }
    }

    static func exchange(
        port: Int, _ text: String, limit: Duration = .seconds(20)
    ) async throws -> Outcome {
        try await exchange(port: port, [Array(text.utf8)], limit: limit)
    }

    /// What came so far, so that it is there when the time is over.
    private final class Received: Sendable {
        private let storage = Mutex<[UInt8]>([])

        var bytes: [UInt8] { storage.withLock { $0 } }

        func add(_ part: ByteBuffer) -> [UInt8] {
            storage.withLock {
                $0 += part.readableBytesView
                return $0
            }
        }
    }

    struct Outcome: Sendable {
        var bytes: [UInt8]
        var isClosed: Bool
        var after: Duration

        var text: String { String(decoding: bytes, as: UTF8.self) }
        /// The statuses of the answers, in order.
        var statuses: [Int] {
            text.ranges(of: "HTTP/1.1 ").compactMap { Int(text[$0.upperBound...].prefix(3)) }
        }
    }
}
