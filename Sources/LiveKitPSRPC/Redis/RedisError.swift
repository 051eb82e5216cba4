/// Why a command has no answer that can be used.
package enum RedisError: Error, Equatable, Sendable {
    /// There is no connection, or it was lost before the answer. Whether the command was done is not known.
    case unreachable(String)
    /// No answer within the time a command may take.
    case timedOut
    /// More commands or bytes wait than may.
    case overloaded
    /// The client was closed.
    case closed
    /// The server's own words.
    case refused(String)
    /// The server speaks something else than was expected.
    case unexpectedReply(String)
}

extension RedisError {
    /// Whether only another configuration helps. All else that a server says passes: it loads its data, lost its master,
    /// has too many clients.
    var isFinal: Bool {
        guard case .refused(let words) = self else { return false }
        return ["NOAUTH", "WRONGPASS", "NOPERM"].contains { words.hasPrefix($0) }
    }
}

extension RedisError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unreachable(let reason): "Redis cannot be reached: \(reason)"
        case .timedOut: "Redis did not answer in time"
        case .overloaded: "too much waits for Redis"
        case .closed: "the Redis client is closed"
        case .refused(let words): "Redis refuses: \(words)"
        case .unexpectedReply(let what): "unexpected reply of Redis: \(what)"
        }
    }
}
