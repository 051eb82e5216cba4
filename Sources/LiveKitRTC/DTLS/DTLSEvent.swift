/// What a DTLS connection reports, each at most once.
package enum DTLSEvent: Hashable, Sendable {
    /// The handshake is finished *and* the peer's certificate is the one that its description vouched for.
    case connected(SRTPKeyingMaterial)
    /// Over, and nothing of it may be trusted or used.
    case failed(DTLSFailure)
    /// The peer said goodbye.
    case closed
}

/// Why a DTLS connection failed.
package enum DTLSFailure: Error, Hashable, Sendable {
    /// No end of the handshake within a minute.
    case timedOut
    /// The peer's certificate is not the one in its description.
    case fingerprintMismatch
    /// The peer agreed to no SRTP profile of ours.
    case noSRTPProfile
    /// The peer reported an error, by its number in RFC 5246 §7.2.
    case alert(UInt8)
    /// OpenSSL refused what it received, by its error code.
    case protocolError(UInt)
}
