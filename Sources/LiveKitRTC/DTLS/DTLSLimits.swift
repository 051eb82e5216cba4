internal import LiveKitCore

/// The bounds of a DTLS connection.
enum DTLSLimits {
    /// Bytes of a datagram that we send during the handshake, safe on any path that carries media.
    static let datagramSize = 1200
    /// Bytes of a received datagram that may be DTLS; nobody's path carries more than an Ethernet frame.
    static let receivedDatagramSize = 2048
    /// How long a handshake may take, from `start` until the fingerprint is verified.
    static let handshakeDuration = MediaDuration.seconds(60)
    /// How long a handshake may still take after a plaintext alert said that the peer gave up. The alert may
    /// be forged, so it does not end the handshake by itself (RFC 6347 §4.1.2.7).
    static let durationAfterPlaintextAlert = MediaDuration.seconds(10)
    /// Bytes of encrypted records taken before the handshake is finished: OpenSSL keeps them until it has keys.
    static let earlyEncryptedBytes = 64 * 1024
    /// Datagrams waiting to be sent or handed up. The newest are dropped: SCTP and the flight's timer repeat them.
    static let queuedDatagrams = 512
    /// The first retransmission, as LiveKit's.
    static let firstRetransmission: UInt32 = 100_000
    /// The longest wait for a retransmission, in microseconds. OpenSSL gives up after its twelfth: 12.7 s by
    /// doubling and five times this is 62.7 s, just over ``handshakeDuration``.
    static let longestRetransmission: UInt32 = 10_000_000
}
