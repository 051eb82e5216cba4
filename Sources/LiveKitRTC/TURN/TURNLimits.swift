internal import LiveKitCore

/// Bounds of TURN's machines, each with its reason and overflow policy.
enum TURNLimits {
    // MARK: Server

    /// Peers of one allocation: an ICE agent takes at most 64 remote candidates, twice for a restart. Further ones
    /// are refused with 508.
    static let permissions = 128
    /// Channels of one allocation, for the same reason.
    static let channels = 128
    /// Ports kept for the second half of a pair (EVEN-PORT). Further ones are refused with 508.
    static let reservations = 64
    /// How often a port that turns out to be taken is replaced by another, as LiveKit does.
    static let openAttempts = 50
    /// Refusals of the unproven for each address and second.
    static let refusalsPerSecond: Int64 = 10
    /// Slots that all addresses share; 8 bytes each, and all there is of memory for strangers.
    static let refusalSlots = 16_384
    /// Outputs not yet taken; the driver drains them after each call. Data beyond is dropped and counted.
    static let serverActions = 4096

    // MARK: Client

    /// Peers known at once. The one used least recently makes room.
    static let peers = 64
    /// Datagrams that wait for a peer's permission: the first checks of ICE and their repetition. Further ones are dropped.
    static let waitingDatagrams = 8
    /// Transactions under way. One for each peer, and those of the allocation itself.
    static let transactions = peers + 4
    /// Messages and received datagrams not yet taken; the oldest is dropped.
    static let clientQueue = 1024
    /// Events not yet taken. Further refusals of peers are dropped; of what else happens there is little, and it stays.
    static let events = 256
    /// A fresh nonce may be refused so often before the server is taken for broken.
    static let staleNonces = 3

    /// Alternates followed from one address (RFC 8489 §10 warns of loops).
    static let alternates = 5
    /// Other ports tried where the server remembers somebody else's allocation from ours (437).
    static let otherPorts = 2
    /// Allocations lost, each before it was ``provenLife`` old, after which the server is given up.
    static let losses = 6
    /// An allocation that stood so long shows that the server is well.
    static let provenLife: MediaDuration = .seconds(30)
    /// How long a connection to the server, with its TLS handshake, may take to stand: the next address, or another
    /// server, has to have its turn within the fifteen seconds that ICE checks.
    static let connectionTimeout: MediaDuration = .seconds(5)

    // MARK: Times, RFC 8656

    /// A permission's life (§9).
    static let permissionLifetime: MediaDuration = .seconds(300)
    /// A channel's life (§12).
    static let channelLifetime: MediaDuration = .seconds(600)
    /// Between two looks for what has expired. Use of anything expired is refused at once, whatever has been swept.
    static let sweepInterval: MediaDuration = .seconds(1)
    /// How long a port is kept for whoever has the token (§7.2).
    static let reservationLifetime: MediaDuration = .seconds(30)
}
