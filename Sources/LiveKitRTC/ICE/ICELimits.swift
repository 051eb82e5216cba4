internal import LiveKitCore

/// Bounds of an ``ICEAgent``, each with its reason and overflow policy.
enum ICELimits {
    /// Interfaces times families of a busy host, and what STUN and TURN add. Further ones are ignored and counted.
    static let localCandidates = 32
    /// Real peers offer under twenty; the rest is room for peer-reflexive ones of a client that roams. The
    /// oldest idle peer-reflexive candidate makes room; otherwise the new one is ignored and counted.
    static let remoteCandidates = 64
    /// RFC 8445 §6.1.2.5 suggests 100. The unproven pair of least priority makes room.
    static let pairs = 100
    /// Candidates with names that wait to be resolved. A browser has one for each interface and family. Further
    /// ones are ignored and counted.
    static let unresolvedNames = 16
    /// Addresses taken of one name.
    static let addressesOfName = 4
    /// Datagrams not yet taken by ``ICEAgent/pollTransmit()``; the driver drains them after each call.
    /// The oldest is dropped: its check will be repeated.
    static let transmits = 256
    /// Events not yet taken. The oldest is dropped: a newer one of its kind supersedes it.
    static let events = 64
    /// Consent checks that may still be answered: what ``ICEConfiguration/unansweredInterval`` makes of fifteen
    /// seconds without an answer, and slack.
    static let outstandingConsents = 72
    /// Copies of one check up to which the peer's checks call for another at once. Ordinary ones follow; together they
    /// stay below the 256 that a transaction id tells apart.
    static let hastenedCopies = 128
    /// A candidate line of libwebrtc has about 200 bytes. Longer ones are refused.
    static let candidateBytes = 1024
    /// How recent the last nomination of the selected pair must be for a lesser pair's nomination to be
    /// taken for a straggler of aggressive nomination: longer than libwebrtc's slowest ping, 2.5 s.
    static let nominationMemory: MediaDuration = .seconds(3)
}
