package import LiveKitCore

/// What a media loop drives: one peer connection, as a rule. Confined to its loop.
package protocol MediaSession: AnyObject {
    /// Takes one datagram, which it may change in place (decryption). Returns whether the sender's address
    /// has proved itself (an authenticated ICE check), so that later datagrams from it come here.
    func receive(_ datagram: UnsafeMutableRawBufferPointer, from remote: TransportAddress, now: MediaInstant) -> Bool
    /// Takes one datagram that came over a TCP connection, by its number. Returns whether its peer has proved itself.
    func receive(
        _ datagram: UnsafeMutableRawBufferPointer, from remote: TransportAddress, stream: Int, now: MediaInstant
    ) -> Bool
    /// A TCP connection of the session's has ended, or could not be opened.
    func streamClosed(_ stream: Int, remote: TransportAddress, now: MediaInstant)
    /// Does what is due at `now`. Spurious calls do no harm.
    func handleTimeout(now: MediaInstant)
    /// When ``handleTimeout(now:)`` wants to be called next.
    var deadline: MediaInstant? { get }
}

extension MediaSession {
    // A session without TCP lets nobody prove himself, so such connections end soon.

    package func receive(
        _ datagram: UnsafeMutableRawBufferPointer, from remote: TransportAddress, stream: Int, now: MediaInstant
    ) -> Bool {
        false
    }

    package func streamClosed(_ stream: Int, remote: TransportAddress, now: MediaInstant) {}
}

/// What has work that is better done once for a burst than once for a packet. Confined to its loop.
package protocol TurnEnding: AnyObject {
    /// Called once at the end of each turn of the loop in which ``MediaLoopCore/finishTurn(with:)`` was asked for.
    func finishTurn(now: MediaInstant)
}
