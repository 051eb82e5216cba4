/// Bounds of the signalling connection.
enum SignalLimits {
    /// The largest message either way: LiveKit's own bound.
    static let messageSize = 2 << 20
    /// Frames that one message may be cut into.
    static let framesPerMessage = 64
    /// Messages that wait to be written. More means that the server does not read, which ends the connection.
    static let outgoingMessages = 256
    /// Messages that wait to be acted upon. More means that we are stuck, which ends the connection.
    static let incomingMessages = 1024
    /// Of the text with which a server refuses to let somebody join.
    static let refusalSize = 4096
}
