internal import LiveKitCore

/// Bounds of what waits between nodes, and the times that psrpc's clients and servers agree on.
enum RPCBounds {
    /// Messages that may wait on a channel before its reader gets to them. LiveKit's `psrpc.buffer_size`.
    static let channel = 1000
    /// Claims and answers that may wait for one call: psrpc's channel size. More servers than that do not bid.
    static let answers = 100
    /// Requests of one method and topic at work at once. One more is refused as exhausted: who sends so many must slow
    /// down. Each of them is cancelled when its caller's patience ends.
    static let requestsAtWork = 1000
    /// How far away that end may be, whatever the caller says. Calls between nodes have seconds.
    static let longestRequest = MediaDuration.seconds(600)
    /// And how long a server waits for a client's choice. Bidding takes a second if nobody says.
    static let longestClaim = MediaDuration.seconds(60)
    /// Streams one method and topic holds. A relayed participant has one, and a node carries fewer than this.
    static let streams = 20_000
    /// Messages of a stream that may wait for its reader. One more is not acknowledged, so that its sender repeats it.
    static let streamMessages = 1000
    /// Messages of a stream sent and not acknowledged.
    static let unacknowledged = 1000
    /// Handlers that were registered and have not begun to read: a burst of joins brings seven for each participant.
    static let newHandlers = 100_000

    /// How long a call may take if nobody says. psrpc's `DefaultClientTimeout` and `DefaultServerTimeout`.
    static let timeout = MediaDuration.seconds(3)
    /// How long servers may bid. `DefaultAffinityTimeout`.
    static let affinityTimeout = MediaDuration.seconds(1)
    /// How long the others may bid once one did. `DefaultAffinityShortCircuit`.
    static let shortCircuitTimeout = MediaDuration.milliseconds(200)
}
