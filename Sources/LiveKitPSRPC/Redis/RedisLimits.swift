internal import NIOCore

/// Bounds of what waits for a Redis server, and for how long.
enum RedisLimits {
    /// Commands of a client without an answer, written or waiting for a connection. At a round trip of a millisecond this
    /// is four million commands in a second: who comes above it is ahead of the server, and is told so.
    static let pendingCommands = 4096
    /// Bytes of those commands. A message between nodes has some hundred bytes, a room's description some thousand.
    static let pendingBytes = 16 << 20
    /// Bytes of one reply. What a node reads at most is the list of all rooms.
    static let replyBytes = 64 << 20
    /// Elements of one array in it: the names of half a million rooms with their nodes.
    static let replyElements = 1 << 20
    /// Arrays within each other. What is asked for has two.
    static let replyDepth = 7
    /// Channels in one SUBSCRIBE. A node has some for each of its participants, and after a reconnect asks for all.
    static let channelsPerCommand = 512
    /// First and longest pause before another attempt to connect; each is twice the one before.
    static let reconnectPauses = RedisBackoff(first: .milliseconds(100), longest: .seconds(1))
    /// A connection that only listens is asked for a sign of life this often.
    static let pingPeriod = TimeAmount.seconds(5)
    /// For how long who handles a message from a queue keeps others from doing so too. psrpc's `lockExpiration`.
    static let queueClaimSeconds = 5
}

/// The pauses between attempts.
struct RedisBackoff: Sendable {
    private let first: TimeAmount
    private let longest: TimeAmount
    private var next: TimeAmount

    init(first: TimeAmount, longest: TimeAmount) {
        self.first = first
        self.longest = longest
        next = first
    }

    mutating func nextPause() -> TimeAmount {
        defer { next = min(longest, next * 2) }
        return next
    }

    /// An attempt was successful.
    mutating func reset() { next = first }
}
