/// The extension by which WebSocket messages are compressed (RFC 7692), as this server agrees to it.
///
/// Neither side keeps its window from message to message: a server of ten thousand sockets would hold some
/// gigabytes of them. LiveKit answers likewise.
struct PerMessageDeflate: Sendable, Equatable {
    /// The window that the client's decompressor has for our messages, as a power of two.
    private(set) var serverWindowBits: Int32 = 15
    /// Whether the client asked for that bound, which then must be acknowledged (§7.1.2.1).
    private var isWindowBounded = false

    /// The empty block that a message leaves out at its end (§7.2.1).
    static let tail: [UInt8] = [0x00, 0x00, 0xFF, 0xFF]
    /// Shorter messages go out as they are: they would not get much shorter.
    static let minimumBytes = 512
    /// Offers looked at; a client has no reason to make more.
    private static let maximumOffers = 16

    /// Takes the first offer that is acceptable among a request's `Sec-WebSocket-Extensions` (§5.1); `nil` when none is.
    init?(offers fields: [String]) {
        let offers = fields.flatMap { $0.split(separator: ",") }.prefix(Self.maximumOffers)
        for offer in offers {
            if let accepted = Self(offer: offer) {
                self = accepted
                return
            }
        }
        return nil
    }

    /// One offer; a parameter that is unknown, doubled or out of its range declines it (§7.1).
    private init?(offer: Substring) {
        let parts = offer.split(separator: ";", omittingEmptySubsequences: false).map { $0.trimmed }
        guard parts.first == "permessage-deflate" else { return nil }
        var seen: Set<Substring> = []
        for part in parts.dropFirst() {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map { $0.trimmed }
            let value = pair.count > 1 ? pair[1].unquoted : nil
            guard let name = pair.first, seen.insert(name).inserted, take(name, value) else { return nil }
        }
    }

    private mutating func take(_ name: Substring, _ value: Substring?) -> Bool {
        switch name {
        case "server_no_context_takeover", "client_no_context_takeover":
            return value == nil
        case "client_max_window_bits":
            return value == nil || Self.windowBits(value) != nil
        case "server_max_window_bits":
            // zlib cannot keep to a window of 2^8.
            guard let bits = Self.windowBits(value), bits > 8 else { return false }
            serverWindowBits = bits
            isWindowBounded = true
            return true
        default:
            return false
        }
    }

    /// A number from 8 to 15 without leading zeros (§7.1.2).
    private static func windowBits(_ text: Substring?) -> Int32? {
        guard let text, !text.hasPrefix("0"), text.allSatisfy({ $0.isASCII && $0.isNumber }), let bits = Int32(text),
            (8...15).contains(bits)
        else { return nil }
        return bits
    }

    /// What the response's `Sec-WebSocket-Extensions` says.
    var response: String {
        "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
            + (isWindowBounded ? "; server_max_window_bits=\(serverWindowBits)" : "")
    }

    /// A message for the wire, or `nil` where it is better sent as it is.
    func compressed(_ message: [UInt8]) -> [UInt8]? {
        guard message.count >= Self.minimumBytes,
            let short = Deflater.deflate(message, windowBits: serverWindowBits), short.count < message.count
        else { return nil }
        return short
    }

    /// A client's message as it was before its compression.
    func inflated(_ message: [UInt8], limit: Int) throws(InflationFailure) -> [UInt8] {
        let inflater = try Inflater(.raw(windowBits: 15))
        var output: [UInt8] = []
        try inflater.inflate(message, into: &output, limit: limit)
        // A last block may have ended the stream (§7.2.3.4); then there is none to complete.
        if !inflater.isFinished { try inflater.inflate(Self.tail, into: &output, limit: limit) }
        return output
    }
}

extension Substring {
    fileprivate var trimmed: Substring {
        let start = drop { $0 == " " || $0 == "\t" }
        guard let end = start.lastIndex(where: { $0 != " " && $0 != "\t" }) else { return "" }
        return start[...end]
    }

    /// Parameters may be quoted (RFC 6455 §9.1).
    fileprivate var unquoted: Substring {
        count >= 2 && hasPrefix("\"") && hasSuffix("\"") ? dropFirst().dropLast() : self
    }
}
