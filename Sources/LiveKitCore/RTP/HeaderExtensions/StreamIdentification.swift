/// A source description item as a header extension: MID, RID or repaired RID, told apart by their URIs.
///
/// - SeeAlso: [RFC 7941 §4](https://www.rfc-editor.org/rfc/rfc7941#section-4),
///   [RFC 8852 §3](https://www.rfc-editor.org/rfc/rfc8852#section-3),
///   [RFC 9143 §15.1](https://www.rfc-editor.org/rfc/rfc9143#section-15.1).
public struct StreamIdentification: Hashable, Sendable {
    /// The identifier.
    public var text: String

    /// The two-byte form's reach.
    static let maximumSize = 255

    /// Creates an identifier.
    public init(_ text: String) {
        self.text = text
    }

    /// Reads the element's value. An empty one, and one with control characters, identifies nothing.
    public init(parsing bytes: RawSpan) throws(WireError) {
        var reader = ByteReader(bytes)
        guard (1...Self.maximumSize).contains(reader.remaining) else { throw .invalid(.length) }
        let octets = reader.readRemaining()
        guard octets.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else { throw .invalid(.identifier) }
        text = String(decoding: octets, as: UTF8.self)
    }

    /// The element's value.
    public func encoded() -> [UInt8] { Array(text.utf8.prefix(Self.maximumSize)) }
}

extension WireError.Field {
    /// An identifier's text.
    public static let identifier = Self("identifier")
}
