package import LiveKitCore

/// What is tried at one TURN server, in which order, and when it is given up.
///
/// ```
///                     437: another port, twice
///                    ┌───────────┐
///  first address ────┴─► attempt ─┬─ allocated ─ lost ─► the first address again, at once, later less soon
///                         ▲  ▲    ├─ ALTERNATE-SERVER ──► that one, five at most
///                         │  └────┘
///                         └─ no answer, 5xx: the next address; none is left, or wrong credentials: given up
/// ```
package struct TURNServerAttempts: Sendable {
    package enum Step: Hashable, Sendable {
        case attempt(at: TransportAddress, notBefore: MediaInstant)
        case giveUp(TURNFailure)
    }

    private let addresses: [TransportAddress]
    /// The next of the addresses.
    private var position = 0
    private var current: TransportAddress?
    /// Alternates followed since the last of the addresses (RFC 8489 §10: a server is not tried twice).
    private var alternates: [TransportAddress] = []
    private var portsTried = 0
    private var allocatedAt: MediaInstant?
    /// Allocations lost one soon after the other.
    private var losses = 0

    /// The addresses of one server, in the order in which they are tried.
    package init(addresses: [TransportAddress]) {
        self.addresses = addresses
    }

    /// The first attempt.
    package mutating func begin(now: MediaInstant) -> Step {
        nextAddress(after: .timeout, now: now)
    }

    /// An allocation stands.
    package mutating func succeeded(now: MediaInstant) {
        allocatedAt = now
        portsTried = 0
    }

    /// Another server is to be asked.
    package mutating func redirected(to alternate: TransportAddress, now: MediaInstant) -> Step {
        guard alternates.count < TURNLimits.alternates, !alternates.contains(alternate), alternate != current else {
            return nextAddress(after: .refused(300), now: now)
        }
        alternates.append(alternate)
        return attempt(at: alternate, notBefore: now)
    }

    /// The attempt failed, or the allocation that stood is gone.
    package mutating func failed(_ failure: TURNFailure, now: MediaInstant) -> Step {
        if let allocatedAt { return beginAgain(allocatedAt: allocatedAt, after: failure, now: now) }
        switch failure {
        // The next address is the same server's, and knows no better.
        case .unauthorized, .quotaReached: return .giveUp(failure)
        case .portInUse where portsTried < TURNLimits.otherPorts:
            portsTried += 1
            if let current { return attempt(at: current, notBefore: now) }
            return nextAddress(after: failure, now: now)
        case .portInUse, .timeout, .insufficientCapacity, .lost, .connectionLost, .untrusted, .refused:
            return nextAddress(after: failure, now: now)
        }
    }

    private mutating func beginAgain(
        allocatedAt: MediaInstant, after failure: TURNFailure, now: MediaInstant
    ) -> Step {
        self.allocatedAt = nil
        losses = now - allocatedAt >= TURNLimits.provenLife ? 0 : losses + 1
        guard losses < TURNLimits.losses else { return .giveUp(failure) }
        position = 0
        let delay: MediaDuration = losses < 2 ? .zero : .seconds(1 << Int64(min(losses, 5)))
        return nextAddress(after: failure, now: now + delay)
    }

    private mutating func nextAddress(after failure: TURNFailure, now: MediaInstant) -> Step {
        guard position < addresses.count else { return .giveUp(failure) }
        let address = addresses[position]
        position += 1
        alternates = []
        portsTried = 0
        return attempt(at: address, notBefore: now)
    }

    private mutating func attempt(at address: TransportAddress, notBefore: MediaInstant) -> Step {
        current = address
        return .attempt(at: address, notBefore: notBefore)
    }
}
