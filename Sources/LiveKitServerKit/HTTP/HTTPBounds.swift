/// Bounds of HTTP that no configuration changes.
enum HTTPBounds {
    /// Bytes of one header field, and of the request line. Tokens of up to 8 KiB stand there, and whole join requests of
    /// `/rtc/v1`.
    static let headerFieldBytes = 32 * 1024
    /// Bytes of the request line and all header fields.
    static let headerListBytes = 32 * 1024
    /// Bytes of a request's body beyond the configured limit after which its connection ends; enough for the refusal to
    /// be read by a client that sends on meanwhile.
    static let bodyOverrunBytes = 1024 * 1024
    /// Reads that wait while an upgrade is decided; a client that sends more before it knows is none of ours, and is closed.
    static let readsBehindUpgrade = 64
    /// Bytes of a request's body on operators' ports, where none is wanted.
    static let operatorBodyBytes = 16 * 1024
    /// Connections of one port for operators: many times the collectors there are, and a part only of the open files that
    /// ``ConnectionGate`` leaves to others.
    static let operatorConnections = 32
    /// Bytes after which no more are taken until a header is whole: what one may have, twice, for what the decoder does not
    /// count. Only behind a request to upgrade are there more, which it keeps without looking.
    static let unparsedBytes = 2 * headerListBytes
    /// Connections that may wait to be accepted.
    static let backlog = 4096
    /// Number of header fields.
    static let headerFields = 200
    /// Seconds for which browsers may remember the answer to a preflight request.
    static let preflightMaximumAge = 86_400
}
