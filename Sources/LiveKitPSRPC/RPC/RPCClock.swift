internal import Foundation
package import LiveKitCore

/// The two clocks of calls: a monotonic one that ends waits, and the wall's, by which nodes tell each other when a
/// request is too old. Nodes' wall clocks must agree to well under the shortest timeout.
package struct RPCClock: Sendable {
    package let now: @Sendable () -> MediaInstant
    /// Unix time in nanoseconds.
    package let unixNanoseconds: @Sendable () -> Int64

    package init(now: @escaping @Sendable () -> MediaInstant, unixNanoseconds: @escaping @Sendable () -> Int64) {
        self.now = now
        self.unixNanoseconds = unixNanoseconds
    }

    package static let system: RPCClock = {
        let start = ContinuousClock.now
        return RPCClock(
            now: {
                let (seconds, attoseconds) = (ContinuousClock.now - start).components
                return MediaInstant(nanoseconds: seconds &* 1_000_000_000 &+ attoseconds / 1_000_000_000)
            },
            unixNanoseconds: { Int64(Date().timeIntervalSince1970 * 1e9) })
    }()

    /// How long it is until a time of the wall clock; nothing for one that has been.
    func remaining(until expiry: Int64) -> MediaDuration {
        let (left, overflow) = expiry.subtractingReportingOverflow(unixNanoseconds())
        return MediaDuration(nanoseconds: overflow ? 0 : max(0, left))
    }

    /// The wall's time after a while.
    func expiry(after timeout: MediaDuration) -> Int64 { unixNanoseconds() &+ timeout.nanoseconds }
}

extension Duration {
    init(_ duration: MediaDuration) { self = .nanoseconds(duration.nanoseconds) }
}
