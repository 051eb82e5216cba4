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
    /// Handshake messages of a peer in clear: a full handshake has six, a HelloVerifyRequest makes it seven.
    static let handshakeMessages = 8
    /// Bytes of any of them: several times what certificates of calls have.
    static let messageSize = 6 * 1024
    /// Bytes of one of them, which may be a chain of certificates: as much as OpenSSL is told to take.
    static let largeMessageSize = 16 * 1024
    /// Datagrams waiting to be sent or handed up. The newest are dropped: SCTP and the flight's timer repeat them.
    static let queuedDatagrams = 512
    /// Datagrams of one flight: a certificate of 16 KiB, the most we take, in small ones.
    static let flightDatagrams = 64
    /// Microseconds that OpenSSL waits for the answer to a flight before it sends it for the second, third… time: LiveKit's
    /// 100 ms and doubled. OpenSSL gives up after its twelfth retransmission, so the last waits fill
    /// ``handshakeDuration``; meanwhile ``FlightRepeater`` repeats the flight.
    static let retransmissions: [UInt32] = [
        100_000, 200_000, 400_000, 800_000, 800_000, 1_600_000, 1_600_000, 3_200_000, 6_400_000, 10_000_000,
        10_000_000, 10_000_000, 20_000_000,
    ]
    /// Between repetitions of a flight as it is: 48 kbit/s at most, over a path that ICE verified.
    static let repetitionInterval = MediaDuration.milliseconds(200)
    /// Repetitions of a flight: the whole ``handshakeDuration``.
    static let repetitions = 300
    /// Repetitions of the server's last flight, which is some seventy bytes, while no application data tells
    /// that the client has it: four seconds, after which OpenSSL's answer to the client's own repetition has to do.
    static let lastFlightRepetitions = 20
    /// How long an alert waits for data that it may have overtaken: more than networks reorder by.
    static let alertDelay = MediaDuration.milliseconds(300)
    /// What the AEAD ciphers of TLS 1.2 add to a record: an explicit nonce and a tag.
    static let recordExpansion = 8 + 16
}
