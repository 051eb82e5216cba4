package import LiveKitCore

/// What happened to a ``TURNAllocation``.
///
/// ```
///            ┌─ allocated ─┬─ peerRefused* ─┬─ closed
/// start() ───┤             │                └─ failed
///            ├─ alternateServer
///            └─ failed
/// ```
///
/// Nothing follows `alternateServer`, `failed` and `closed`.
package enum TURNAllocationEvent: Hashable, Sendable {
    /// The relayed address stands. `mapped` is where the server sees us: a server-reflexive address.
    case allocated(relayed: TransportAddress, mapped: TransportAddress?)
    /// The server does not relay to this peer.
    case peerRefused(TransportAddress, code: UInt16)
    /// Another server is to be asked; the owner decides, and limits how often.
    case alternateServer(TransportAddress)
    /// There is no allocation, or no longer.
    case failed(TURNFailure)
    /// The allocation was given back, or its time to be given back is over.
    case closed
}

/// Why there is no allocation.
package enum TURNFailure: Hashable, Sendable {
    /// The server does not answer.
    case timeout
    /// The credentials are not the server's.
    case unauthorized
    /// The server remembers another allocation from our port: another port will do (437).
    case portInUse
    /// The user has as many allocations as it may have (486).
    case quotaReached
    /// The server has no room (508).
    case insufficientCapacity
    /// The server has forgotten the allocation.
    case lost
    /// The stream to the server ended.
    case connectionLost
    /// The server is not who it should be, or cannot speak TLS; in OpenSSL's words.
    case untrusted(String)
    /// Any other refusal, by its code.
    case refused(UInt16)
}

extension TURNFailure: CustomStringConvertible {
    package var description: String {
        switch self {
        case .timeout: "no answer"
        case .unauthorized: "credentials refused"
        case .portInUse: "another allocation is remembered from our port (437)"
        case .quotaReached: "quota reached (486)"
        case .insufficientCapacity: "no capacity (508)"
        case .lost: "allocation forgotten by the server"
        case .connectionLost: "connection ended"
        case .untrusted(let reason): reason
        case .refused(let code): "refused (\(code))"
        }
    }
}

/// A datagram from a peer.
package struct TURNReceivedData: Hashable, Sendable {
    package let peer: TransportAddress
    package let payload: [UInt8]
}

/// What a ``TURNAllocation`` has counted.
package struct TURNAllocationStatistics: Hashable, Sendable {
    /// Datagrams handed to the server as ChannelData, and as Send indications.
    package var sentOnChannels = 0
    package var sentAsIndications = 0
    /// Datagrams received from peers.
    package var received = 0
    /// Requests sent again.
    package var retransmissions = 0
    /// Messages that did not parse, belonged to nothing, or were not the server's.
    package var ignored = 0
    /// Datagrams dropped: no allocation, no permission, or too many.
    package var dropped = 0
    /// Refusals of peers that nobody took in time.
    package var droppedRefusals = 0

    static func + (left: Self, right: Self) -> Self {
        var sum = left
        sum.sentOnChannels &+= right.sentOnChannels
        sum.sentAsIndications &+= right.sentAsIndications
        sum.received &+= right.received
        sum.retransmissions &+= right.retransmissions
        sum.ignored &+= right.ignored
        sum.dropped &+= right.dropped
        sum.droppedRefusals &+= right.droppedRefusals
        return sum
    }
}
