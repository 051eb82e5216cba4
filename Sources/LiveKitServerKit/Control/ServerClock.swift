internal import Foundation
internal import LiveKitCore

/// The control plane's two clocks: a monotonic one that decides, and the wall's for what others read.
struct ServerClock: Sendable {
    /// The monotonic time.
    let now: @Sendable () -> MediaInstant
    /// Unix time in milliseconds.
    let unixMilliseconds: @Sendable () -> Int64

    /// The machine's clocks. The only place where the control plane reads them.
    static let system: ServerClock = {
        let start = ContinuousClock.now
        return ServerClock(
            now: {
                let (seconds, attoseconds) = (ContinuousClock.now - start).components
                return MediaInstant(nanoseconds: seconds &* 1_000_000_000 &+ attoseconds / 1_000_000_000)
            },
            unixMilliseconds: { Int64(Date().timeIntervalSince1970 * 1000) })
    }()
}

extension MediaDuration {
    init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        self.init(nanoseconds: seconds &* 1_000_000_000 &+ attoseconds / 1_000_000_000)
    }
}
