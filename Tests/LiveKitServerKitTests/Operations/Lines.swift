import LiveKitCore
import Synchronization

@testable import LiveKitServerKit

/// The system's clock, and some seconds that a test adds.
final class SteppedClock: Sendable {
    private let offset = Atomic<Int64>(0)
    /// Where it stands between the steps; `nil` for one that goes on by itself.
    private let standing: MediaInstant?

    init(stands: Bool = false) { standing = stands ? ServerClock.system.now() : nil }

    func advance(bySeconds seconds: Int64) {
        offset.wrappingAdd(seconds * 1_000_000_000, ordering: .relaxed)
    }

    var clock: ServerClock {
        ServerClock(
            now: { [self] in
                let base = standing ?? ServerClock.system.now()
                return MediaInstant(nanoseconds: base.nanoseconds + offset.load(ordering: .relaxed))
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
