internal import LiveKitCore

/// Bounds of ICE over TCP in one loop, each with its reason and overflow policy.
enum StreamLimits {
    /// Connections at once, of all peers: beside the sockets of signalling this stays below the usual 8192
    /// descriptors. Further ones are closed at once.
    static let connections = 4096
    /// Connections on which nobody has proved yet that he was invited. The oldest makes room, so that idle ones do
    /// not keep guests out: a guest proves himself in a round trip.
    static let unprovenConnections = 256
    /// How long a connection may take to prove itself, and one that we dial to open.
    static let provingTimeout: MediaDuration = .seconds(5)
    /// Messages on a connection that proves nothing.
    static let unprovenFrames = 32
    /// A peer asks for consent each few seconds, and ICE fails after fifteen: whoever says nothing for so long is gone.
    static let idleTimeout: MediaDuration = .seconds(30)
    /// Bytes that wait for the kernel to take them: half a second of 4 Mbit/s. What comes when it is full is left
    /// out as a lost datagram is, and counted.
    static let outgoingBytes = 256 * 1024
    /// Connections taken from a listener before others have their turn.
    static let acceptsPerTurn = 64
    /// Reads of one connection before others have their turn.
    static let readsPerTurn = 4
    static let readBytes = 64 * 1024
    /// Connections that the kernel keeps until we take them.
    static let backlog: CInt = 512
    /// How often timeouts are looked at.
    static let sweepInterval: MediaDuration = .seconds(1)
}
