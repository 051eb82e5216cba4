package import LiveKitCore

/// What a ``TURNClient`` wants of its owner, or tells it.
package enum TURNClientEvent: Hashable, Sendable {
    /// A socket of its own, or a connection, to that address is wanted, in the place of the one there was.
    /// ``TURNClient/connected(now:)`` answers.
    case connect(TransportAddress)
    /// The relayed address stands. `mapped` is where the server sees us.
    case allocated(relayed: TransportAddress, mapped: TransportAddress?)
    /// The relayed address is gone. Another may follow.
    case lost(TURNFailure)
    /// The server does not relay to this peer.
    case peerRefused(TransportAddress, code: UInt16)
    /// The server is given up.
    case gaveUp(TURNFailure)
    /// The allocation was given back, or its time to be given back is over.
    case closed
}
