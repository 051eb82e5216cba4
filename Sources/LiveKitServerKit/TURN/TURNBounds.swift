internal import NIOCore

/// Bounds of the TURN server's sockets, each with its reason and overflow policy.
enum TURNBounds {
    /// TCP and TLS connections at once. Further ones are closed as they come.
    static let connections = 4096
    /// A connection without an allocation is closed after so long, and looked at again as often.
    static let idleConnection = TimeAmount.seconds(10)
    /// Bytes that wait for a slow client's stream. Beyond, its data is dropped, and nothing more is read from it.
    static let streamBacklog = ChannelOptions.Types.WriteBufferWaterMark(low: 64 << 10, high: 256 << 10)
    /// Bytes that wait for a UDP socket of ours. Beyond, datagrams are dropped.
    static let datagramBacklog = ChannelOptions.Types.WriteBufferWaterMark(low: 256 << 10, high: 1 << 20)
    /// Datagrams read in one system call, and the room for each: what crosses the Internet has at most 1500 bytes, and
    /// jumbo frames 9000. Longer ones would be cut, so are dropped.
    static let datagramsPerRead = 8
    static let datagramBytes = 9216
}
