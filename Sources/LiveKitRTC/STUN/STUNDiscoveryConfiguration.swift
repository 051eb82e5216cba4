package import LiveKitCore

/// How a ``STUNDiscovery`` repeats its requests (RFC 8489 §6.2.1).
package struct STUNDiscoveryConfiguration: Sendable {
    /// RTO before the second copy; each further wait is twice as long.
    package var firstRetransmission: MediaDuration = .milliseconds(500)
    /// Rc: copies of one request. The RFC's seven are for when nothing else is to be done; the fifth goes after
    /// 7.5 s, when a join is over.
    package var transmissions = 5
    /// Rm: the wait after the last copy, in RTOs.
    package var finalWait: Int64 = 16

    package init() {}
}

/// Bounds of a ``STUNDiscovery``.
package enum STUNDiscoveryLimits {
    /// Servers asked. LiveKit lists four; further ones are left out.
    package static let servers = 8
}
