import LiveKitCore
import NIOCore
import NIOPosix
import Synchronization

@testable import LiveKitServerKit

/// The system's clock, and some seconds that a test adds.
final class SteppedClock: Sendable {
    private let offset = Atomic<Int64>(0)

    func advance(bySeconds seconds: Int64) {
        offset.wrappingAdd(seconds * 1_000_000_000, ordering: .relaxed)
    }

    var clock: ServerClock {
        ServerClock(
            now: { [self] in
                MediaInstant(nanoseconds: ServerClock.system.now().nanoseconds + offset.load(ordering: .relaxed))
            }, unixMilliseconds: ServerClock.system.unixMilliseconds)
    }
}

/// Lines that something wrote.
final class Lines: Sendable {
    private let lines = Mutex<[String]>([])
    var all: [String] { lines.withLock { $0 } }
    func add(_ line: String) { lines.withLock { $0.append(line) } }
}

/// A TCP port that was free a moment ago, for what cannot be asked to choose one.
enum FreePort {
    static func find() async throws -> Int {
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0).get()
        let port = channel.localAddress?.port ?? 0
        try await channel.close()
        return port
    }
}
