/// What a server answers (RESP2).
package enum RedisReply: Equatable, Sendable {
    case null
    case status(String)
    /// A refusal, in the server's words; the first is its kind.
    case error(String)
    case integer(Int64)
    case bytes([UInt8])
    case array([RedisReply])
}

extension RedisReply {
    /// Bytes and status lines as text.
    package var text: String? {
        switch self {
        case .status(let text): text
        case .bytes(let bytes): String(decoding: bytes, as: UTF8.self)
        default: nil
        }
    }

    package var elements: [RedisReply]? {
        guard case .array(let elements) = self else { return nil }
        return elements
    }

    /// The bytes of a value, `nil` where there is none.
    func value(_ command: String) throws(RedisError) -> [UInt8]? {
        switch self {
        case .bytes(let bytes): return bytes
        case .null: return nil
        default: throw unexpected(command)
        }
    }

    func count(_ command: String) throws(RedisError) -> Int {
        guard case .integer(let integer) = self else { throw unexpected(command) }
        return Int(clamping: integer)
    }

    func list(_ command: String) throws(RedisError) -> [RedisReply] {
        guard case .array(let elements) = self else { throw unexpected(command) }
        return elements
    }

    private func unexpected(_ command: String) -> RedisError {
        switch self {
        case .error(let words): .refused(words)
        case .null: .unexpectedReply("nothing for \(command)")
        case .status(let text): .unexpectedReply("status \(text.prefix(40)) for \(command)")
        case .integer(let integer): .unexpectedReply("integer \(integer) for \(command)")
        case .bytes(let bytes): .unexpectedReply("\(bytes.count) bytes for \(command)")
        case .array(let elements): .unexpectedReply("array of \(elements.count) for \(command)")
        }
    }
}
