package import LiveKitCore

/// What a media loop drives: one peer connection, as a rule. Confined to its loop.
package protocol MediaSession: AnyObject {
    /// Takes one datagram, which it may change in place (decryption). Returns whether the sender's address
    /// has proved itself (an authenticated ICE check), so that later datagrams from it come here.
    func receive(_ datagram: UnsafeMutableRawBufferPointer, from remote: TransportAddress, now: MediaInstant) -> Bool
    /// Does what is due at `now`. Spurious calls do no harm.
    func handleTimeout(now: MediaInstant)
    /// When ``handleTimeout(now:)`` wants to be called next.
    var deadline: MediaInstant? { get }
}

/// What has work that is better done once for a burst than once for a packet. Confined to its loop.
package protocol TurnEnding: AnyObject {
    /// Called once at the end of each turn of the loop in which ``MediaLoopCore/finishTurn(with:)`` was asked for.
    func finishTurn(now: MediaInstant)
}
